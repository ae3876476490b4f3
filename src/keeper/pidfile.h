/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pidfile.h - the file with our process id.
 */
#ifndef CLUSTERD_KEEPER_PIDFILE_H
#define CLUSTERD_KEEPER_PIDFILE_H

#include <clusterd/compiler.h>

struct pidfile {
	const char *path;      /* borrowed; NULL: none */
	char draft[4096 + 16]; /* its name until it is complete; "": renamed */
	int fd;		       /* owned; -1: none */
};

/*
 * Make the file under another name, so that a path which cannot be written is
 * found before anything runs. `path` "": no pidfile. 0 or -errno, said on
 * stderr.
 */
int pidfile_open(struct pidfile *p, const char *path) MUST_CHECK;

/* Put it in place. A failure is said on stderr. */
void pidfile_publish(struct pidfile *p);

/* Remove it if it is still ours. */
void pidfile_close(struct pidfile *p);

#endif
