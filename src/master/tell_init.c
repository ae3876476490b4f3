/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell_init.c - what init is told of clusterd, in the words of sd_notify(3),
 * through the keeper.
 */
#include "master/tell_init.h"
#include "master/link.h"

enum { EXTEND_US = 5 * 1000 * 1000 };

static const double extend_every_s = 1.0;

static void
count_slots(struct master *m, unsigned *ready, unsigned *total)
{
	struct slot_ctx *ctx;
	struct pool *p;

	*ready = *total = 0;
	TAILQ_FOREACH (p, &m->pools, link)
		TAILQ_FOREACH (ctx, &p->slots, link) {
			*total += ctx->slot.goal == SLOT_UP;
			*ready += slot_status(&ctx->slot) == SLOT_READY ||
				  (slot_status(&ctx->slot) == SLOT_RELOADING &&
				      ctx->slot.current.state == WORKER_READY);
		}
}

/* READY=1 (or not) with a line of status for `systemctl status`. */
void
tell_init_status(struct master *m, const char *prefix)
{
	unsigned ready, total, apps = 0;
	struct pool *p;

	TAILQ_FOREACH (p, &m->pools, link)
		apps++;
	count_slots(m, &ready, &total);
	link_notify(m, "%sSTATUS=%u apps, %u of %u workers ready", prefix, apps,
	    ready, total);
}

static void
on_watchdog(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	link_notify(t->data, "WATCHDOG=1");
}

void
tell_init_watchdog(struct master *m)
{
	double every = (double)m->options.watchdog_us / 2e6;

	if (m->options.watchdog_us <= 0)
		return;
	ev_timer_init(&m->watchdog, on_watchdog, 0., every);
	m->watchdog.data = m;
	ev_timer_start(m->loop, &m->watchdog);
}

/* A slow start is alive: init may wait longer. */
static void
on_extend(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	link_notify(t->data, "EXTEND_TIMEOUT_USEC=%d", EXTEND_US);
}

void
tell_init_to_wait(struct master *m)
{
	ev_timer_init(&m->extend, on_extend, extend_every_s, extend_every_s);
	m->extend.data = m;
	ev_timer_start(m->loop, &m->extend);
}
