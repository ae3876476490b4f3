/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.c - wait for signals, orders and deadlines.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include <clusterd/clock.h>
#include <clusterd/log.h>

#include "keeper.h"

enum { AT_SIGNALS, AT_MASTER, AT_LOGGER, NFDS };

static struct pollfd
watch_link(const struct keeper *k, const struct child *c)
{
	struct pollfd p = { .fd = c->link, .events = POLLIN };

	if (c->blocked && report_is_pending(k, c))
		p.events |= POLLOUT;
	return p;
}

static void
sooner(int64_t *first_ms, int64_t at_ms)
{
	if (at_ms != 0 && at_ms < *first_ms)
		*first_ms = at_ms;
}

/* Until the next deadline; -1: there is none. */
static int
wait_ms(const struct keeper *k)
{
	const struct child *children[] = { &k->master, &k->logger };
	int64_t first_ms = INT64_MAX, left_ms;

	if (k->reap_more)
		return 0;
	for (size_t i = 0; i < COUNT(children); i++) {
		sooner(&first_ms, children[i]->start_at_ms);
		sooner(&first_ms, children[i]->kill_at_ms);
		sooner(&first_ms, children[i]->retry_at_ms);
	}
	if (first_ms == INT64_MAX)
		return -1;
	left_ms = first_ms - clock_mono_ms();
	return left_ms < 0 ? 0 : left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

static void
on_link(struct keeper *k, struct child *c, const struct pollfd *p)
{
	if (p->revents == 0 || c->link != p->fd)
		return; /* closed, or another's, since the poll */
	if ((p->revents & POLLOUT) != 0)
		c->blocked = false;
	if ((p->revents & ~POLLOUT) != 0)
		link_read(k, c);
}

void
loop_run(struct keeper *k)
{
	while (!end_is_reached(k)) {
		struct pollfd fds[NFDS];
		int64_t now_ms;

		report_pump(k, &k->master);
		report_pump(k, &k->logger);
		fds[AT_SIGNALS] =
		    (struct pollfd){ .fd = k->signal_fd, .events = POLLIN };
		fds[AT_MASTER] = watch_link(k, &k->master);
		fds[AT_LOGGER] = watch_link(k, &k->logger);
		if (poll(fds, NFDS, wait_ms(k)) == -1 && errno != EINTR) {
			log_error("poll: %m; ending");
			end_begin(k, EXIT_FAILED);
			return;
		}
		now_ms = clock_mono_ms();
		if (fds[AT_SIGNALS].revents != 0)
			signals_read(k);
		else if (k->reap_more)
			reap_all(k);
		on_link(k, &k->master, &fds[AT_MASTER]);
		on_link(k, &k->logger, &fds[AT_LOGGER]);
		child_on_time(k, &k->master, now_ms);
		child_on_time(k, &k->logger, now_ms);
	}
}
