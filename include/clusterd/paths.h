/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths.h - where clusterd's own things are.
 */
#ifndef CLUSTERD_PATHS_H
#define CLUSTERD_PATHS_H

#include <stddef.h>

#include <clusterd/compiler.h>

/*
 * The control socket when nobody says: $CLUSTERD_SOCKET, else for root
 * /run/clusterd/clusterd.sock, else $XDG_RUNTIME_DIR/clusterd.sock, else
 * /tmp/clusterd-UID/clusterd.sock. 0 or -ENAMETOOLONG (107 bytes, unix(7)).
 */
int paths_control_socket(char *out, size_t size) MUST_CHECK;

/*
 * Log files when nobody says: $LOGS_DIRECTORY (systemd), else for root
 * /var/log/clusterd, else $XDG_STATE_HOME/clusterd, else
 * ~/.local/state/clusterd. 0, -ENAMETOOLONG, -ENOENT (no home).
 */
int paths_log_dir(char *out, size_t size) MUST_CHECK;

/*
 * A program of clusterd's own ("clusterd-master"): in $CLUSTERD_LIBEXECDIR,
 * else where it was installed. The same for a data file ("drain.cjs") and
 * $CLUSTERD_DATADIR. 0 or -ENAMETOOLONG.
 */
int paths_libexec(const char *name, char *out, size_t size) MUST_CHECK;
int paths_data(const char *name, char *out, size_t size) MUST_CHECK;

#endif
