/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listeners.c - which sockets are bound now.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "master/listeners.h"

void
listeners_add(struct master *m, struct listener *l, const char *app)
{
	snprintf(l->app, sizeof(l->app), "%s", app);
	l->is_listed = true;
	TAILQ_INSERT_TAIL(&m->listeners, l, link);
}

static bool
port_fits(in_port_t asked, in_port_t bound)
{
	return asked == 0 || asked == bound;
}

bool
listeners_fit(
    const struct listener_spec *spec, const struct sockaddr_storage *addr)
{
	const struct sockaddr_in *in = (const void *)&spec->addr;
	const struct sockaddr_in6 *in6 = (const void *)&spec->addr;
	const struct sockaddr_un *sun = (const void *)&spec->addr;
	const struct sockaddr_in *in_b = (const void *)addr;
	const struct sockaddr_in6 *in6_b = (const void *)addr;

	if (spec->kind == LISTENER_SYSTEMD)
		return true; /* init has said which */
	if (spec->addr.ss_family != addr->ss_family)
		return false;
	switch (addr->ss_family) {
	case AF_INET:
		return in->sin_addr.s_addr == in_b->sin_addr.s_addr &&
		       port_fits(in->sin_port, in_b->sin_port);
	case AF_INET6:
		return memcmp(&in6->sin6_addr, &in6_b->sin6_addr,
			   sizeof(in6->sin6_addr)) == 0 &&
		       in6->sin6_scope_id == in6_b->sin6_scope_id &&
		       port_fits(in6->sin6_port, in6_b->sin6_port);
	case AF_UNIX: /* an abstract name begins with a NUL */
		return memcmp(sun->sun_path,
			   ((const struct sockaddr_un *)(const void *)addr)
			       ->sun_path,
			   sizeof(sun->sun_path)) == 0;
	}
	return false;
}

static bool
any_port(const struct listener_spec *spec)
{
	const struct sockaddr_in *in = (const void *)&spec->addr;

	/* The port is at the same place for IPv6. */
	return spec->addr.ss_family != AF_UNIX && in->sin_port == 0;
}

static bool
is_v6only(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, &len) == 0 &&
	       value != 0;
}

struct listener *
listeners_share(struct master *m, const char *app,
    const struct listener_spec *spec, char *why, size_t why_size)
{
	int type = spec->kind == LISTENER_UDP ? SOCK_DGRAM : SOCK_STREAM, fd;
	struct listener *l, *again;

	why[0] = '\0';
	if (spec->kind == LISTENER_SYSTEMD || any_port(spec))
		return NULL;
	TAILQ_FOREACH (l, &m->listeners, link)
		if (l->type == type && listeners_fit(spec, &l->addr) &&
		    (app == NULL || strcmp(l->app, app) == 0) &&
		    (l->addr.ss_family != AF_INET6 ||
			is_v6only(l->fd) == (spec->ipv6only == 1)))
			break;
	if (l == NULL)
		return NULL;
	fd = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	if (fd == -1) {
		snprintf(why, why_size, "%s: %s", spec->text, strerror(errno));
		return NULL;
	}
	again = listener_adopt(spec, fd, why, why_size);
	if (again == NULL ||
	    listener_set_again(again, spec, why, why_size) == 0)
		return again;
	again->unlink_path[0] = '\0'; /* the other one's still */
	listener_unref(m, again);
	return NULL;
}

bool
listeners_name_used(const struct master *m, const struct listener *l)
{
	const struct listener *other;

	TAILQ_FOREACH (other, &m->listeners, link)
		if (other != l && strcmp(other->held, l->held) == 0)
			return true;
	return false;
}

bool
listeners_path_used(const struct master *m, const struct listener *l)
{
	const struct listener *other;

	TAILQ_FOREACH (other, &m->listeners, link)
		if (other != l &&
		    strcmp(other->unlink_path, l->unlink_path) == 0)
			return true;
	return false;
}
