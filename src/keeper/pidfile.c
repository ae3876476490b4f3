/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pidfile.c - the file with our process id.
 */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/log.h>

int
pidfile_open(struct pidfile *p, const char *path)
{
	int rc;

	*p = (struct pidfile){ .fd = -1 };
	if (path[0] == '\0')
		return 0;
	p->path = path;
	snprintf(p->draft, sizeof(p->draft), "%s.%d", path, (int)getpid());
	unlink(p->draft); /* of a process that had our number */
	p->fd = open(p->draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (p->fd != -1 && dprintf(p->fd, "%d\n", (int)getpid()) > 0)
		return 0;
	rc = -errno;
	log_error("cannot write the pidfile %s: %s", path, strerror(-rc));
	pidfile_close(p);
	return rc;
}

void
pidfile_publish(struct pidfile *p)
{
	if (p->fd == -1 || p->draft[0] == '\0')
		return;
	if (rename(p->draft, p->path) == -1) {
		log_error("cannot write the pidfile %s: %m", p->path);
		return;
	}
	p->draft[0] = '\0';
}

void
pidfile_close(struct pidfile *p)
{
	const char *name = p->draft[0] != '\0' ? p->draft : p->path;
	struct stat ours, there;

	if (p->fd == -1)
		return;
	if (fstat(p->fd, &ours) == 0 && lstat(name, &there) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino)
		unlink(name);
	close(p->fd);
	p->fd = -1;
}
