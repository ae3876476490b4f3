/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.c - orders to the keeper and what it has handed over. What its reports
 * mean is in reports.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/log.h>

#include "master/link.h"
#include "master/reports.h"

/* Orders that may wait for the keeper: every worker's, a few times over. */
enum { WAITING_MAX = 4 * WORKERS_MAX, REPORTS_PER_TURN = 256 };

static void
free_waiting(struct waiting_order *w)
{
	fdpass_close(w->fds, w->nfds);
	free(w);
}

static int
enqueue(struct master *m, const struct order *o, const int *fds, size_t nfds)
{
	struct waiting_order *w;

	if (m->n_waiting >= WAITING_MAX)
		return -ENOBUFS;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return -ENOMEM;
	w->order = *o;
	for (; w->nfds < nfds; w->nfds++) {
		w->fds[w->nfds] = fcntl(fds[w->nfds], F_DUPFD_CLOEXEC, 0);
		if (w->fds[w->nfds] == -1) {
			int rc = -errno;

			free_waiting(w);
			return rc;
		}
	}
	STAILQ_INSERT_TAIL(&m->waiting, w, link);
	m->n_waiting++;
	ev_io_start(m->loop, &m->link_out);
	return 0;
}

int
link_send(struct master *m, const struct order *o, const int *fds, size_t nfds)
{
	int rc;

	if (nfds > FDPASS_MAX)
		return -E2BIG;
	if (!STAILQ_EMPTY(&m->waiting))
		return enqueue(m, o, fds, nfds);
	rc = order_send(FD_LINK, o, fds, nfds);
	return rc == -EAGAIN ? enqueue(m, o, fds, nfds) : rc;
}

static void
on_link_writable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct master *m = io->data;
	struct waiting_order *w;

	(void)revents;
	while ((w = STAILQ_FIRST(&m->waiting)) != NULL) {
		int rc = order_send(FD_LINK, &w->order, w->fds, w->nfds);

		if (rc == -EAGAIN)
			return;
		if (rc != 0)
			log_error("an order to the keeper is lost: %s",
			    strerror(-rc));
		STAILQ_REMOVE_HEAD(&m->waiting, link);
		m->n_waiting--;
		free_waiting(w);
	}
	ev_io_stop(loop, io);
}

static void
on_link_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct master *m = io->data;
	int fds[FDPASS_MAX];
	struct order o;

	(void)loop, (void)revents;
	for (int i = 0; i < REPORTS_PER_TURN; i++) {
		size_t nfds = FDPASS_MAX;
		int rc = order_recv(FD_LINK, &o, fds, &nfds);

		if (rc == -EAGAIN)
			return;
		if (rc == -EPROTO || rc == -EMFILE) {
			log_error("a report of the keeper is lost: %s",
			    strerror(-rc));
			return;
		}
		if (rc != 1) {
			report_keeper_gone(m);
			return;
		}
		report_handle(m, &o, fds, nfds);
	}
}

void
link_start(struct master *m)
{
	int flags = fcntl(FD_LINK, F_GETFL);

	(void)fcntl(FD_LINK, F_SETFL, flags | O_NONBLOCK);
	STAILQ_INIT(&m->waiting);
	TAILQ_INIT(&m->held);
	ev_io_init(&m->link_in, on_link_readable, FD_LINK, EV_READ);
	ev_io_init(&m->link_out, on_link_writable, FD_LINK, EV_WRITE);
	m->link_in.data = m->link_out.data = m;
	ev_io_start(m->loop, &m->link_in);
}

void
link_stop(struct master *m)
{
	struct waiting_order *w;
	int flags = fcntl(FD_LINK, F_GETFL);

	/* The last word must get there; the keeper reads as fast as it can. */
	(void)fcntl(FD_LINK, F_SETFL, flags & ~O_NONBLOCK);
	on_link_writable(m->loop, &m->link_out, EV_WRITE);

	ev_io_stop(m->loop, &m->link_in);
	while ((w = STAILQ_FIRST(&m->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&m->waiting, link);
		free_waiting(w);
	}
}

static void
send_or_log(
    struct master *m, const struct order *o, const int *fds, size_t nfds)
{
	int rc = link_send(m, o, fds, nfds);

	if (rc != 0)
		log_error("cannot send order %u to the keeper: %s", o->type,
		    strerror(-rc));
}

void
link_hold(struct master *m, const char *name, int fd)
{
	struct order o = { .type = ORDER_HOLD };

	snprintf(o.name, sizeof(o.name), "%s", name);
	send_or_log(m, &o, &fd, 1);
}

void
link_drop(struct master *m, const char *name)
{
	struct order o = { .type = ORDER_DROP };

	snprintf(o.name, sizeof(o.name), "%s", name);
	send_or_log(m, &o, NULL, 0);
}

void
link_release(struct master *m, uint32_t proc, uint64_t uid)
{
	struct order o = { .type = ORDER_RELEASE, .index = proc, .uid = uid };

	send_or_log(m, &o, NULL, 0);
}

void
link_signal(
    struct master *m, uint32_t proc, uint64_t uid, int signo, bool group)
{
	struct order o = {
		.type = ORDER_SIGNAL,
		.index = proc,
		.uid = uid,
		.value = signo,
		.flags = group ? ORDER_GROUP : 0,
	};

	send_or_log(m, &o, NULL, 0);
}

void
link_value(struct master *m, enum order_type type, int value)
{
	struct order o = { .type = type, .value = value };

	send_or_log(m, &o, NULL, 0);
}

void
link_notify(struct master *m, const char *fmt, ...)
{
	struct order o = { .type = ORDER_NOTIFY };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(o.name, sizeof(o.name), fmt, ap);
	va_end(ap);
	send_or_log(m, &o, NULL, 0);
}

static int
take(struct master *m, struct held_fd *h)
{
	int fd = h->fd;

	TAILQ_REMOVE(&m->held, h, link);
	free(h);
	return fd;
}

int
link_take_held(struct master *m, const char *name)
{
	struct held_fd *h;

	TAILQ_FOREACH (h, &m->held, link)
		if (strcmp(h->name, name) == 0)
			return take(m, h);
	return -1;
}

int
link_take_held_prefix(
    struct master *m, const char *prefix, char *name, size_t size)
{
	struct held_fd *h;

	TAILQ_FOREACH (h, &m->held, link) {
		if (strncmp(h->name, prefix, strlen(prefix)) != 0)
			continue;
		snprintf(name, size, "%s", h->name);
		return take(m, h);
	}
	return -1;
}

static bool
has_prefix(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/*
 * What nobody has asked for is of no use: not kept, here or in the keeper. But
 * a socket of init's stays (a later configuration may name it), and so does one
 * that Node workers share: the next worker will ask for it.
 */
void
link_drop_unclaimed(struct master *m)
{
	struct held_fd *h, *next;

	for (h = TAILQ_FIRST(&m->held); h != NULL; h = next) {
		next = TAILQ_NEXT(h, link);
		if (m->state != MASTER_STOPPING &&
		    (has_prefix(h->name, HELD_SYSTEMD) ||
			has_prefix(h->name, HELD_NODE)))
			continue;
		link_drop(m, h->name);
		close(take(m, h));
	}
}
