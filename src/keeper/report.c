/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.c - tell the children what they do not know yet.
 *
 * First all that is held, then what has happened. There is no queue: the next
 * report is looked up, and once it is sent its cause is struck off.
 */
#include <errno.h>
#include <string.h>

#include <clusterd/clock.h>

#include "keeper.h"

enum { RETRY_MS = 20 };

struct report {
	struct order order;
	int fds[2]; /* borrowed */
	size_t nfds;
	void (*strike)(
	    struct keeper *k, struct child *c, const struct report *r);
};

static void
strike_held(struct keeper *k, struct child *c, const struct report *r)
{
	(void)k, (void)r;
	c->next++;
}

static void
strike_stage(struct keeper *k, struct child *c, const struct report *r)
{
	(void)k, (void)r;
	c->stage = HAND_DONE;
}

static void
strike_logger(struct keeper *k, struct child *c, const struct report *r)
{
	(void)c, (void)r;
	k->tell_logger = false;
}

static void
strike_signal(struct keeper *k, struct child *c, const struct report *r)
{
	(void)c;
	k->signals &= ~(UINT64_C(1) << r->order.value);
}

static void
strike_proc(struct keeper *k, struct child *c, const struct report *r)
{
	struct held_proc *p = &k->procs[r->order.index];

	(void)c;
	if (r->order.type == REPORT_SPAWNED)
		p->tell_spawned = false;
	else
		p->tell_exited = false;
	if (!p->tell_spawned && !p->tell_exited)
		k->to_tell[r->order.index / 64] &=
		    ~(UINT64_C(1) << (r->order.index % 64));
}

static bool
next_name(struct keeper *k, struct child *c, struct report *r)
{
	for (; c->next < k->store.high; c->next++) {
		const struct held *h = &k->store.items[c->next];

		if (h->name[0] == '\0')
			continue;
		r->order.type = REPORT_HELD;
		memcpy(r->order.name, h->name, sizeof(h->name));
		r->fds[r->nfds++] = h->fd;
		r->strike = strike_held;
		return true;
	}
	return false;
}

static bool
next_proc(struct keeper *k, struct child *c, struct report *r)
{
	bool master = c == &k->master;

	for (; c->next < k->procs_high; c->next++) {
		const struct held_proc *p = &k->procs[c->next];

		if (p->uid == 0 || (master ? p->released : p->out == -1))
			continue;
		r->order.type = REPORT_PROC;
		r->order.index = c->next;
		r->order.uid = p->uid;
		if (!master) {
			r->fds[r->nfds++] = p->out;
			r->fds[r->nfds++] = p->err;
		} else if (p->channel != -1) {
			r->fds[r->nfds++] = p->channel;
		}
		r->strike = strike_held;
		return true;
	}
	return false;
}

/* What is held, for a process that has just been started. */
static bool
next_handover(struct keeper *k, struct child *c, struct report *r)
{
	if (c->stage == HAND_NAMES) {
		if (c == &k->master && next_name(k, c, r))
			return true;
		c->stage = HAND_PROCS;
		c->next = 0;
	}
	if (c->stage == HAND_PROCS) {
		if (next_proc(k, c, r))
			return true;
		c->stage = HAND_END;
	}
	if (c->stage == HAND_END) {
		r->order.type = REPORT_HANDED_OVER;
		r->strike = strike_stage;
		return true;
	}
	return false;
}

/* A worker of which the master is to be told; -1: none. */
static int
first_to_tell(const struct keeper *k)
{
	for (uint32_t w = 0; w * 64 < k->procs_high; w++) {
		if (k->to_tell[w] != 0)
			return (int)w * 64 + __builtin_ctzll(k->to_tell[w]);
	}
	return -1;
}

static bool
next_event(struct keeper *k, struct report *r)
{
	int index = first_to_tell(k);
	struct held_proc *p;

	if (k->tell_logger && k->logger.pid != 0) {
		r->order.type = REPORT_LOGGER;
		r->order.value = k->logger.pid;
		r->strike = strike_logger;
		return true;
	}
	if (k->signals != 0) {
		r->order.type = REPORT_SIGNAL;
		r->order.value = __builtin_ctzll(k->signals);
		r->strike = strike_signal;
		return true;
	}
	if (index == -1)
		return false;
	p = &k->procs[index];
	r->order.type = p->tell_spawned ? REPORT_SPAWNED : REPORT_EXITED;
	r->order.index = (uint32_t)index;
	r->order.uid = p->uid;
	r->order.value = p->tell_spawned ? p->spawned : 0;
	r->strike = strike_proc;
	return true;
}

void
report_restart(struct child *c)
{
	c->stage = HAND_NAMES;
	c->next = 0;
	c->blocked = false;
	c->retry_at_ms = 0;
}

void
report_procs_again(struct child *logger)
{
	if (logger->stage == HAND_NAMES)
		return; /* all is to come */
	logger->stage = HAND_PROCS;
	logger->next = 0;
}

bool
report_is_pending(const struct keeper *k, const struct child *c)
{
	if (c->stage != HAND_DONE)
		return true;
	return c == &k->master && (k->signals != 0 || first_to_tell(k) != -1 ||
				      (k->tell_logger && k->logger.pid != 0));
}

void
report_pump(struct keeper *k, struct child *c)
{
	while (c->link != -1 && !c->blocked && c->retry_at_ms == 0) {
		struct report r = { .nfds = 0 };
		int rc;

		if (!next_handover(k, c, &r) &&
		    (c != &k->master || !next_event(k, &r)))
			return;
		rc = order_send(c->link, &r.order, r.fds, r.nfds);
		if (rc == 0)
			r.strike(k, c, &r);
		else if (rc == -ENOMEM || rc == -ENOBUFS || rc == -ETOOMANYREFS)
			c->retry_at_ms = clock_mono_ms() + RETRY_MS;
		else /* full; or gone, and what it sent is yet to be read */
			c->blocked = true;
	}
}
