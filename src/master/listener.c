/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.c - bound sockets: open, adopt, close.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <clusterd/buf.h>
#include <clusterd/files.h>

#include "master/link.h"
#include "master/listener.h"
#include "master/listeners.h"

/* As large as the kernel allows: it cuts what is above somaxconn by itself. */
static int
default_backlog(void)
{
	struct buf b;
	int n = 4096;

	buf_init(&b, 64);
	if (file_read("/proc/sys/net/core/somaxconn", &b) == 0 && b.len > 0 &&
	    b.len < 20) {
		char text[21] = "";

		memcpy(text, b.data, b.len);
		n = atoi(text);
	}
	buf_fini(&b);
	return n > 0 ? n : 4096;
}

static int
socket_type(const struct listener_spec *spec)
{
	return spec->kind == LISTENER_UDP ? SOCK_DGRAM : SOCK_STREAM;
}

static int
set_flag(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* The options that can only be said before bind. */
static int
set_before_bind(int fd, const struct listener_spec *spec)
{
	int family = spec->addr.ss_family;

	if (family == AF_UNIX)
		return 0;
	if (spec->kind == LISTENER_TCP &&
	    set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1) == -1)
		return -errno;
	if (family == AF_INET6 &&
	    set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, spec->ipv6only == 1) == -1)
		return -errno;
	if (spec->reuse_port && set_flag(fd, SOL_SOCKET, SO_REUSEPORT, 1) == -1)
		return -errno;
	return 0;
}

static int
set_tcp(int fd, const struct listener_spec *spec)
{
	if (spec->kind != LISTENER_TCP)
		return 0;
	/* Inherited by what is accepted: servers that forget it wait 40 ms for
	 * a delayed acknowledgement on each answer. */
	if (set_flag(fd, IPPROTO_TCP, TCP_NODELAY, spec->nodelay) == -1)
		return -errno;
	if (spec->fastopen > 0 &&
	    set_flag(fd, IPPROTO_TCP, TCP_FASTOPEN, spec->fastopen) == -1)
		return -errno;
	if (set_flag(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT,
		(int)((spec->defer_accept_ms + 999) / 1000)) == -1)
		return -errno;
	return 0;
}

/* The flag is of the open file description, shared by all who hold it: a
 * blocking one freezes a Node event loop, a non-blocking one breaks PHP-FPM. */
static int
set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return -errno;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) == -1 ? -errno : 0;
}

static const char *
unix_path(const struct listener_spec *spec)
{
	const struct sockaddr_un *sun = (const void *)&spec->addr;

	return spec->addr.ss_family == AF_UNIX && sun->sun_path[0] != '\0'
		   ? sun->sun_path
		   : NULL;
}

/* A socket file that nobody listens on any more is in the way of bind. */
static void
remove_stale(const char *path, const struct listener_spec *spec)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) == -1 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return;
	if (connect(fd, (const struct sockaddr *)&spec->addr, spec->addr_len) ==
		-1 &&
	    errno == ECONNREFUSED)
		unlink(path);
	close(fd);
}

static int
own_path(const char *path, const struct listener_spec *spec, char *why,
    size_t why_size)
{
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;

	if (spec->user != NULL && config_find_user(spec->user, &uid) != 0) {
		snprintf(why, why_size, "no user named \"%s\"", spec->user);
		return -ENOENT;
	}
	if (spec->group != NULL && config_find_group(spec->group, &gid) != 0) {
		snprintf(why, why_size, "no group named \"%s\"", spec->group);
		return -ENOENT;
	}
	if ((spec->user != NULL || spec->group != NULL) &&
	    chown(path, uid, gid) == -1) {
		snprintf(why, why_size, "cannot give %s to %s:%s: %s", path,
		    spec->user != NULL ? spec->user : "",
		    spec->group != NULL ? spec->group : "", strerror(errno));
		return -EPERM;
	}
	if (spec->mode != -1 && chmod(path, (mode_t)spec->mode) == -1) {
		snprintf(why, why_size, "cannot chmod %s: %s", path,
		    strerror(errno));
		return -EPERM;
	}
	return 0;
}

static bool
is_in_the_way(const struct listener_spec *spec)
{
	const char *path = unix_path(spec);
	struct stat st;

	return path != NULL && lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode);
}

static void
explain(int error, const struct listener_spec *spec, char *why, size_t why_size)
{
	char holder[256], path[128];

	switch (error) {
	case EADDRINUSE:
		if (is_in_the_way(spec)) {
			snprintf(why, why_size,
			    "%s: there is something else of that name, which "
			    "is no socket",
			    spec->text);
			break;
		}
		holder_describe((const struct sockaddr *)&spec->addr,
		    spec->addr_len, socket_type(spec), holder, sizeof(holder));
		snprintf(why, why_size, "%s: address in use%s%s", spec->text,
		    holder[0] != '\0' ? " by " : "; nobody we may see holds it",
		    holder);
		break;
	case EACCES:
		if (unix_path(spec) != NULL)
			snprintf(why, why_size,
			    "%s: permission denied: cannot make a socket there",
			    spec->text);
		else
			snprintf(why, why_size,
			    "%s: permission denied: ports "
			    "below 1024 need root or CAP_NET_BIND_SERVICE",
			    spec->text);
		break;
	case EADDRNOTAVAIL:
		config_format_address((const struct sockaddr *)&spec->addr,
		    spec->addr_len, path, sizeof(path));
		snprintf(why, why_size,
		    "%s: no interface of this machine has that address",
		    spec->text);
		break;
	case ENODEV:
		snprintf(why, why_size, "%s: no such interface", spec->text);
		break;
	default:
		snprintf(why, why_size, "%s: %s", spec->text, strerror(error));
		break;
	}
}

static uint64_t
inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static struct listener *
wrap(const struct listener_spec *spec, int fd)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->refs = 1;
	l->fd = fd;
	l->type = socket_type(spec);
	l->inode = inode_of(fd);
	snprintf(l->name, sizeof(l->name), "%s", spec->name);
	snprintf(l->text, sizeof(l->text), "%s", spec->text);
	l->addr_len = sizeof(l->addr);
	if (getsockname(fd, (struct sockaddr *)&l->addr, &l->addr_len) == -1)
		l->addr_len = 0;
	config_format_address((const struct sockaddr *)&l->addr, l->addr_len,
	    l->address, sizeof(l->address));
	return l;
}

static int
bind_and_listen(
    int fd, const struct listener_spec *spec, char *why, size_t why_size)
{
	const char *path = unix_path(spec);
	int rc = set_before_bind(fd, spec);

	if (rc != 0)
		goto fail;
	if (path != NULL)
		remove_stale(path, spec);
	if (bind(fd, (const struct sockaddr *)&spec->addr, spec->addr_len) ==
	    -1) {
		rc = -errno;
		goto fail;
	}
	if (path != NULL && own_path(path, spec, why, why_size) != 0) {
		unlink(path);
		return -EPERM;
	}
	rc = set_tcp(fd, spec);
	if (rc == 0)
		rc = set_nonblock(fd, spec->nonblock);
	if (rc == 0 && socket_type(spec) == SOCK_STREAM &&
	    listen(fd, spec->backlog > 0 ? spec->backlog : default_backlog()) ==
		-1)
		rc = -errno;
	if (rc == 0)
		return 0;
	if (path != NULL)
		unlink(path);
fail:
	explain(-rc, spec, why, why_size);
	return rc;
}

int
listener_open(const struct listener_spec *spec, struct listener **out,
    char *why, size_t why_size)
{
	struct listener *l;
	int fd, rc;

	fd = socket(spec->addr.ss_family, socket_type(spec) | SOCK_CLOEXEC, 0);
	if (fd == -1) {
		rc = -errno;
		explain(-rc, spec, why, why_size);
		return rc;
	}
	rc = bind_and_listen(fd, spec, why, why_size);
	if (rc != 0) {
		close(fd);
		return rc;
	}
	l = wrap(spec, fd);
	if (l == NULL) {
		close(fd);
		snprintf(why, why_size, "out of memory");
		return -ENOMEM;
	}
	if (unix_path(spec) != NULL)
		snprintf(l->unlink_path, sizeof(l->unlink_path), "%s",
		    unix_path(spec));
	*out = l;
	return 0;
}

struct listener *
listener_adopt(
    const struct listener_spec *spec, int fd, char *why, size_t why_size)
{
	struct listener *l;
	int type = -1, rc;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1) {
		snprintf(why, why_size,
		    "the descriptor given for \"%s\" is "
		    "not a socket",
		    spec->name);
		close(fd);
		return NULL;
	}
	rc = set_tcp(fd, spec);
	if (rc == 0)
		rc = set_nonblock(fd, spec->nonblock);
	l = rc == 0 ? wrap(spec, fd) : NULL;
	if (l == NULL) {
		snprintf(why, why_size, "%s: cannot use the given socket: %s",
		    spec->text, strerror(rc != 0 ? -rc : ENOMEM));
		close(fd);
		return NULL;
	}
	l->type = type;
	if (unix_path(spec) != NULL && spec->kind == LISTENER_UNIX)
		snprintf(l->unlink_path, sizeof(l->unlink_path), "%s",
		    unix_path(spec));
	return l;
}

int
listener_set_again(struct listener *l, const struct listener_spec *spec,
    char *why, size_t why_size)
{
	const char *path = unix_path(spec);

	if (path != NULL && own_path(path, spec, why, why_size) != 0)
		return -EPERM;
	if (l->type == SOCK_STREAM &&
	    listen(l->fd,
		spec->backlog > 0 ? spec->backlog : default_backlog()) == -1) {
		snprintf(why, why_size, "%s: %s", spec->text, strerror(errno));
		return -errno;
	}
	return 0;
}

struct listener *
listener_ref(struct listener *l)
{
	l->refs++;
	return l;
}

/* The path is ours to remove only while it still names our socket's address. */
static void
remove_path(const struct listener *l)
{
	struct stat st;

	if (l->unlink_path[0] != '\0' && lstat(l->unlink_path, &st) == 0 &&
	    S_ISSOCK(st.st_mode))
		unlink(l->unlink_path);
}

void
listener_unref(struct master *m, struct listener *l)
{
	if (l == NULL || --l->refs > 0)
		return;
	if (l->is_listed)
		TAILQ_REMOVE(&m->listeners, l, link);
	/* Its socket may serve on, as another's. */
	if (l->held[0] != '\0' && !listeners_name_used(m, l))
		link_drop(m, l->held);
	if (!l->is_listed || !listeners_path_used(m, l))
		remove_path(l);
	close(l->fd);
	free(l);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
listener_spec_same(const struct listener_spec *a, const struct listener_spec *b)
{
	return strcmp(a->name, b->name) == 0 && a->kind == b->kind &&
	       a->addr_len == b->addr_len &&
	       memcmp(&a->addr, &b->addr, a->addr_len) == 0 &&
	       same_text(a->systemd_name, b->systemd_name) &&
	       a->backlog == b->backlog && a->ipv6only == b->ipv6only &&
	       a->reuse_port == b->reuse_port && a->fastopen == b->fastopen &&
	       a->defer_accept_ms == b->defer_accept_ms &&
	       a->nonblock == b->nonblock && a->nodelay == b->nodelay &&
	       a->mode == b->mode && same_text(a->user, b->user) &&
	       same_text(a->group, b->group);
}

uint32_t
listener_queued(const struct listener *l)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (l->type != SOCK_STREAM || l->addr.ss_family == AF_UNIX ||
	    getsockopt(l->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return 0;
	return info.tcpi_unacked; /* of a listening socket: its accept queue */
}
