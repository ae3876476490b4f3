/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h - the control socket, which also makes sure that there is one
 * clusterd for it, and the socket for the workers' notifications beside it.
 */
#ifndef CLUSTERD_KEEPER_CONTROL_H
#define CLUSTERD_KEEPER_CONTROL_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include <clusterd/compiler.h>

struct control_file {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd; /* owned; -1: not open */
	dev_t dev;
	ino_t ino; /* of our file, to know it again before it is unlinked */
};

struct control {
	struct control_file control; /* listening, mode 0600 */
	struct control_file notify;  /* PATH.notify, a datagram socket */
};

/*
 * Open both. `trusted`: the path was asked for; a default one must not be in a
 * folder of somebody else's. A socket that nobody serves is replaced. 0 or
 * -errno, said on stderr.
 */
int control_open(struct control *c, const char *path, bool trusted) MUST_CHECK;

/* Close both, and unlink those files that are still ours. */
void control_close(struct control *c);

#endif
