/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon.h - into the background, with a parent that waits for the outcome.
 */
#ifndef CLUSTERD_KEEPER_DAEMON_H
#define CLUSTERD_KEEPER_DAEMON_H

#include <clusterd/compiler.h>

/*
 * Fork. The parent never returns: it shows what is written to `log_file` until
 * daemon_tell() or the daemon's end gives it an exit status, and exits with it.
 * The daemon returns with its own session, stdin and stdout /dev/null and
 * stderr the log file (made with its folder); the descriptor for daemon_tell(),
 * or -errno (said on stderr) where nothing has been forked.
 */
int daemon_start(const char *log_file) MUST_CHECK;

/* The parent exits with `status`. Closes `fd`. */
void daemon_tell(int fd, int status);

#endif
