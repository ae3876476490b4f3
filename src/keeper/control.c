/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.c - the control socket: one clusterd for each.
 *
 * A lock on the folder is held from the look at what is there until the socket
 * is bound, so that of two starts at once one wins.
 */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/files.h>
#include <clusterd/log.h>
#include <clusterd/notify.h>

enum { LOCK_WAIT_MS = 5000, BACKLOG = 64 };

static int
lock_folder(int dir, const char *path)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	int64_t deadline = clock_mono_ms() + LOCK_WAIT_MS;

	while (flock(dir, LOCK_EX | LOCK_NB) == -1) {
		int rc = -errno;

		if (rc == -EINTR)
			continue;
		if (rc == -EWOULDBLOCK && clock_mono_ms() < deadline) {
			nanosleep(&pause, NULL);
			continue;
		}
		log_error("cannot lock the folder %s of the control socket: "
			  "%s; choose another with --socket",
		    path, strerror(-rc));
		return rc;
	}
	return 0;
}

/*
 * Whoever owns the folder can put another socket in place of ours, and a
 * default path below /tmp may have been made by anybody.
 */
static int
check_owner(int dir, const char *path)
{
	struct stat st;

	if (fstat(dir, &st) == -1)
		return -errno;
	if (st.st_uid == geteuid() || st.st_uid == 0)
		return 0;
	log_error("the folder %s of the control socket belongs to another user "
		  "(uid %u); choose another with --socket",
	    path, (unsigned)st.st_uid);
	return -EPERM;
}

/* The folder of `path`, made when missing, locked: descriptor or -errno. */
static int
open_folder(const char *path, bool trusted)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;
	int dir, rc;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	slash[slash == folder] = '\0'; /* "/x" is in "/" */
	rc = file_mkdirs(folder, geteuid() == 0 ? 0755 : 0700);
	if (rc < 0) {
		log_error("cannot make the folder %s of the control socket: "
			  "%s; choose another with --socket",
		    folder, strerror(-rc));
		return rc;
	}
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1) {
		rc = -errno;
		log_error("cannot open the folder %s of the control socket: %m",
		    folder);
		return rc;
	}
	if (!trusted)
		rc = check_owner(dir, folder);
	if (rc == 0)
		rc = lock_folder(dir, folder);
	if (rc < 0) {
		close(dir);
		return rc;
	}
	return dir;
}

static int
refuse(int sock, const char *path)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	log_error("another clusterd (pid %d) already serves %s; stop it with "
		  "clusterctl --socket %s kill, or choose another --socket",
	    (int)peer.pid, path, path);
	return -EADDRINUSE;
}

/* Nobody may serve it; a socket left behind is removed. 0 or -errno. */
static int
clear_path(const struct sockaddr_un *sa)
{
	const char *path = sa->sun_path;
	struct stat st;
	int sock, rc = 0;

	if (lstat(path, &st) == -1)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode)) {
		log_error("%s is there and is not a socket; remove it, or "
			  "choose another --socket",
		    path);
		return -EEXIST;
	}
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock == -1)
		return -errno;
	if (connect(sock, (const struct sockaddr *)sa, sizeof(*sa)) == 0)
		rc = refuse(sock, path);
	else if (errno == ECONNREFUSED)
		rc = unlink(path) == -1 && errno != ENOENT ? -errno : 0;
	else if (errno == EAGAIN) /* it listens, but does not keep up */
		rc = refuse(sock, path);
	else if (errno != ENOENT)
		rc = -errno;
	if (rc < 0 && rc != -EADDRINUSE)
		log_error("cannot tell whether a clusterd serves %s: %s", path,
		    strerror(-rc));
	close(sock);
	return rc;
}

static int
remember(struct control_file *f)
{
	struct stat st;

	if (lstat(f->path, &st) == -1)
		return -errno;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	return 0;
}

static int
bind_control(struct control_file *f)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	mode_t mask;
	int rc;

	strcpy(sa.sun_path, f->path);
	rc = clear_path(&sa);
	if (rc < 0)
		return rc;
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->fd == -1)
		return -errno;
	mask = umask(0177); /* 0600 from the moment it is there */
	rc = bind(f->fd, (struct sockaddr *)&sa, sizeof(sa)) == -1 ? -errno : 0;
	umask(mask);
	if (rc == 0)
		rc = remember(f);
	if (rc == 0 && listen(f->fd, BACKLOG) == -1)
		rc = -errno;
	if (rc < 0)
		log_error("cannot bind the control socket %s: %s", f->path,
		    strerror(-rc));
	return rc;
}

static int
bind_notify(struct control_file *f)
{
	struct stat st;
	int rc;

	/* Left behind: nobody serves the control socket beside it. */
	if (lstat(f->path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(f->path);
	f->fd = notify_bind(f->path);
	rc = f->fd < 0 ? f->fd : remember(f);
	if (rc < 0)
		log_error("cannot bind %s: %s", f->path, strerror(-rc));
	return rc;
}

int
control_open(struct control *c, const char *path, bool trusted)
{
	int dir, rc, n;

	*c = (struct control){ .control.fd = -1, .notify.fd = -1 };
	n = snprintf(c->notify.path, sizeof(c->notify.path), "%s.notify", path);
	if (n < 0 || (size_t)n >= sizeof(c->notify.path)) {
		log_error("the path of the control socket is longer than %zu "
			  "bytes: %s; choose another with --socket",
		    sizeof(c->notify.path) - sizeof(".notify"), path);
		return -ENAMETOOLONG;
	}
	strcpy(c->control.path, path);
	dir = open_folder(path, trusted);
	if (dir < 0)
		return dir;
	rc = bind_control(&c->control);
	if (rc == 0)
		rc = bind_notify(&c->notify);
	close(dir);
	if (rc < 0)
		control_close(c);
	return rc;
}

static void
close_file(struct control_file *f)
{
	struct stat st;

	if (f->ino != 0 && lstat(f->path, &st) == 0 && st.st_dev == f->dev &&
	    st.st_ino == f->ino)
		unlink(f->path);
	f->ino = 0;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void
control_close(struct control *c)
{
	close_file(&c->notify);
	close_file(&c->control);
}
