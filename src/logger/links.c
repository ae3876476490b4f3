/* SPDX-License-Identifier: Apache-2.0 */
/*
 * links.c - the logger's two sockets: to the master and to the keeper.
 *
 * The master says who the workers are, the keeper gives back their pipes after
 * a restart of ours and is told which are done with.
 */
#include "logger/links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/fdpass.h>
#include <clusterd/log.h>
#include <clusterd/loglink.h>
#include <clusterd/order.h>

enum { MESSAGES_A_TURN = 64 };

struct release {
	uint32_t index;
	uint64_t uid;
};

static void
gone(struct links *l, const char *who)
{
	if (l->is_gone)
		return;
	l->is_gone = true;
	ev_io_stop(l->loop, &l->keeper);
	ev_io_stop(l->loop, &l->keeper_room);
	ev_io_stop(l->loop, &l->master);
	l->on_gone(l->arg, who);
}

/*
 * What an answer other than 1 of a recv means: true to go on reading. A message
 * that does not hold together was taken off the socket; the next may be well.
 */
static bool
go_on(struct links *l, int rc, const char *who)
{
	switch (rc) {
	case -EAGAIN:
		return false;
	case -EPROTO:
	case -EMSGSIZE:
		log_error("a message of the %s is not understood: %s; "
			  "it is passed over",
		    who, strerror(-rc));
		return true;
	case -EMFILE: /* its pipes: nobody reads what it writes */
		log_error("no room for the pipes of a worker, whose lines are "
			  "not logged: raise the limit of open files "
			  "(ulimit -Hn, LimitNOFILE=)");
		return true;
	default:
		gone(l, who);
		return false;
	}
}

static void
on_master(struct ev_loop *loop, ev_io *io, int revents)
{
	struct links *l = container_of(io, struct links, master);
	struct log_message m;
	int fds[FDPASS_MAX], rc, i;
	size_t nfds;

	(void)loop, (void)revents;
	for (i = 0; i < MESSAGES_A_TURN; i++) {
		nfds = FDPASS_MAX;
		rc = loglink_recv(io->fd, &m, fds, &nfds);
		if (rc != 1) {
			if (!go_on(l, rc, "master"))
				return;
			continue;
		}
		if (m.type == LOG_WORKER) {
			if (nfds > 0)
				sources_attach(
				    l->sources, m.index, m.uid, fds, nfds);
			sources_describe(l->sources, &m);
			continue;
		}
		fdpass_close(fds, nfds);
		if (m.type == LOG_REOPEN)
			sinks_reopen(l->sinks);
	}
}

static void
on_keeper(struct ev_loop *loop, ev_io *io, int revents)
{
	struct links *l = container_of(io, struct links, keeper);
	struct order o;
	int fds[FDPASS_MAX], rc, i;
	size_t nfds;

	(void)loop, (void)revents;
	for (i = 0; i < MESSAGES_A_TURN; i++) {
		nfds = FDPASS_MAX;
		rc = order_recv(io->fd, &o, fds, &nfds);
		if (rc != 1) {
			if (!go_on(l, rc, "keeper"))
				return;
			continue;
		}
		if (o.type == REPORT_PROC) {
			sources_attach(l->sources, o.index, o.uid, fds, nfds);
			continue;
		}
		fdpass_close(fds, nfds);
		if (o.type == REPORT_HANDED_OVER)
			sources_handed_over(l->sources);
	}
}

static int
send_release(struct links *l, const struct release *r)
{
	struct order o;

	memset(&o, 0, sizeof(o));
	o.type = ORDER_RELEASE_LOGS;
	o.index = r->index;
	o.uid = r->uid;
	return order_send(l->keeper.fd, &o, NULL, 0);
}

static void
on_keeper_room(struct ev_loop *loop, ev_io *io, int revents)
{
	struct links *l = container_of(io, struct links, keeper_room);
	size_t n;

	(void)revents;
	for (n = 0; n < l->n_releases; n++) {
		if (send_release(l, &l->releases[n]) == -EAGAIN)
			break;
	}
	l->n_releases -= n;
	memmove(
	    l->releases, l->releases + n, l->n_releases * sizeof(*l->releases));
	if (l->n_releases == 0)
		ev_io_stop(loop, io);
}

/* At most WORKERS_MAX wait: an entry comes back only once it is released. */
static int
queue_release(struct links *l, const struct release *r)
{
	size_t cap = l->cap_releases ? l->cap_releases * 2 : 16;
	struct release *grown;

	if (l->n_releases == l->cap_releases) {
		grown = realloc(l->releases, cap * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		l->releases = grown;
		l->cap_releases = cap;
	}
	l->releases[l->n_releases++] = *r;
	ev_io_start(l->loop, &l->keeper_room);
	return 0;
}

void
links_release(struct links *l, uint32_t index, uint64_t uid)
{
	struct release r = { .index = index, .uid = uid };
	int rc = -EAGAIN;

	if (l->is_gone)
		return;
	if (l->n_releases == 0)
		rc = send_release(l, &r);
	if (rc == -EAGAIN)
		rc = queue_release(l, &r);
	if (rc < 0)
		log_error("cannot release the pipes of worker entry %u: %s",
		    index, strerror(-rc));
}

static void
set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags != -1)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

void
links_start(struct links *l, int keeper_fd, int master_fd)
{
	set_nonblock(keeper_fd);
	set_nonblock(master_fd);
	ev_io_init(&l->keeper, on_keeper, keeper_fd, EV_READ);
	ev_io_init(&l->keeper_room, on_keeper_room, keeper_fd, EV_WRITE);
	ev_io_init(&l->master, on_master, master_fd, EV_READ);
	ev_io_start(l->loop, &l->keeper);
	ev_io_start(l->loop, &l->master);
}

void
links_stop(struct links *l)
{
	ev_io_stop(l->loop, &l->keeper);
	ev_io_stop(l->loop, &l->keeper_room);
	ev_io_stop(l->loop, &l->master);
	free(l->releases);
	l->releases = NULL;
	l->n_releases = 0;
}
