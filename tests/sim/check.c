/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c - what must never happen, looked for after every step.
 */
#include "sim.h"

enum {
	GRACE_MS = 1600 + 200, /* from the end of a drain to SIGKILL */
	SLACK_MS = 60, /* timers and reports that are late, one after another */
};

static bool
is_request(enum slot_event_type type)
{
	return type <= SLOT_EV_RESTART;
}

/* Who would answer a client of this slot. */
static const struct slot_worker *
serving(const struct slot *s)
{
	if (s->current.state == WORKER_READY)
		return &s->current;
	return s->next.state == WORKER_READY ? &s->next : NULL;
}

/* Replace before kill. */
static void
check_overlap(struct sim *m, const struct sim_slot *x, const struct slot *was,
    const struct slot_event *ev)
{
	bool wanted = ev->type == SLOT_EV_STOP ||
		      ev->type == SLOT_EV_STOP_FAST ||
		      ev->type == SLOT_EV_RESTART;
	bool own = (ev->type == SLOT_EV_EXITED || ev->type == SLOT_EV_LEAVES) &&
		   serving(was) != NULL && ev->uid == serving(was)->uid;

	if (x->pool->policy.overlap && serving(was) != NULL && !wanted &&
	    !own && serving(&x->s) == NULL)
		sim_fail(
		    m, x, "a worker that served was ended before another did");
}

/* The n-th start after a row of short lives is not earlier than all the delays
 * before it. */
static void
check_backoff(struct sim *m, struct sim_slot *x)
{
	int64_t least = 0;

	x->starts++;
	for (unsigned i = 1; i < x->starts; i++)
		least += slot_backoff_ms(i);
	if (m->now_ms - x->starts_since_ms < least)
		sim_fail(m, x,
		    "%u starts in %lld ms, but the delays "
		    "amount to %lld",
		    x->starts, (long long)(m->now_ms - x->starts_since_ms),
		    (long long)least);
}

static void
check_done(struct sim *m, struct sim_slot *x, bool ok)
{
	const struct slot_worker *w = serving(&x->s);
	struct sim_proc *p = w != NULL ? world_find(x, w->uid) : NULL;

	if (x->wait == SIM_NOBODY)
		sim_fail(m, x, "settled, but nobody waits");
	else if (ok && x->wait != SIM_FOR_ORPHAN && p == NULL)
		sim_fail(m, x, "done, but no worker serves");
	else if (ok && x->wait == SIM_FOR_NEW && p->request != x->request)
		sim_fail(m, x, "done, but it is the old worker that serves");
	x->wait = SIM_NOBODY;
}

static void
check_action(struct sim *m, struct sim_slot *x, const struct slot_event *ev,
    const struct slot_action *a)
{
	switch (a->type) {
	case SLOT_ACT_SPAWN:
		if (a->worker->state != WORKER_SPAWNING || a->worker->uid != 0)
			sim_fail(m, x, "spawn of a place that is taken");
		if (x->s.goal != SLOT_UP)
			sim_fail(m, x, "spawn in a slot that is to be down");
		if (!is_request(ev->type))
			check_backoff(m, x);
		break;
	case SLOT_ACT_DRAIN:
	case SLOT_ACT_STOP:
	case SLOT_ACT_KILL:
		if (a->type == SLOT_ACT_DRAIN && !a->copy.speaks)
			sim_fail(m, x, "drain of a worker that does not hear");
		if (a->copy.uid != 0 && world_find(x, a->copy.uid) == NULL)
			sim_fail(m, x, "action on a worker that has gone");
		break;
	case SLOT_ACT_DONE:
	case SLOT_ACT_NOT_DONE:
		check_done(m, x, a->type == SLOT_ACT_DONE);
		break;
	case SLOT_ACT_DOWN:
		if (!x->down_due || !slot_is_empty(&x->s))
			sim_fail(m, x, "down was said %s",
			    x->down_due ? "too early" : "twice");
		x->down_due = false;
		break;
	default:
		break;
	}
}

/* One that leaves by itself has its successor at once. */
static void
check_leaves(struct sim *m, const struct sim_slot *x, const struct slot *was,
    const struct slot_event *ev)
{
	bool full = true;

	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		full = full && was->leaving[i].state != WORKER_NONE;
	if (ev->type == SLOT_EV_LEAVES && x->pool->policy.overlap && !full &&
	    was->goal == SLOT_UP && was->current.uid == ev->uid &&
	    was->current.state == WORKER_READY && x->s.current.uid == ev->uid)
		sim_fail(m, x, "it leaves, and no successor is to come");
}

/* A long life ends the row of short ones. */
static void
note_life(struct sim *m, struct sim_slot *x, const struct slot *was)
{
	const struct slot_worker *w = &was->current;

	if (w->ready_ms != 0 && x->s.current.uid != w->uid &&
	    m->now_ms - w->ready_ms >= x->pool->policy.min_uptime_ms) {
		x->starts = 0;
		x->starts_since_ms = m->now_ms;
	}
}

void
check_step(struct sim *m, struct sim_slot *x, const struct slot *was,
    const struct slot_event *event, const struct slot_actions *out)
{
	bool failed = false;

	note_life(m, x, was);
	check_overlap(m, x, was, event);
	check_leaves(m, x, was, event);
	for (size_t i = 0; i < out->count; i++) {
		check_action(m, x, event, &out->list[i]);
		failed = failed || out->list[i].type == SLOT_ACT_SAY_FAILED;
	}
	if (failed && x->wait != SIM_NOBODY)
		sim_fail(m, x, "a start has failed, but who waits is not told");
	if (event->type == SLOT_EV_TICK && slot_deadline(&x->s) <= m->now_ms)
		sim_fail(m, x, "a deadline is still in the past after a tick");
}

static unsigned
check_place(struct sim *m, struct sim_slot *x, const struct slot_worker *w)
{
	if (w->state == WORKER_NONE)
		return 0;
	if (world_find(x, w->uid) == NULL)
		sim_fail(m, x, "worker %llu is in the slot but not alive",
		    (unsigned long long)w->uid);
	if (w->state == WORKER_DRAINING && m->now_ms > w->kill_at_ms + SLACK_MS)
		sim_fail(m, x, "worker %llu drains for longer than it may",
		    (unsigned long long)w->uid);
	if (x->s.goal == SLOT_DOWN && w->state < WORKER_KILLED &&
	    m->now_ms > x->stopped_ms + x->pool->kill_timeout_max_ms +
			    GRACE_MS + SLACK_MS)
		sim_fail(m, x, "worker %llu is not killed %lld ms after a stop",
		    (unsigned long long)w->uid,
		    (long long)(m->now_ms - x->stopped_ms));
	return 1;
}

static void
check_waits(struct sim *m, struct sim_slot *x)
{
	const struct sim_pool *p = x->pool;
	int64_t end = p->kill_timeout_max_ms + GRACE_MS + SIM_DIE_MAX_MS;
	int64_t boot = p->listen_timeout_max_ms + SIM_EXTEND_MAX_MS +
		       p->policy.min_uptime_ms;

	if (x->wait != SIM_NOBODY && x->wait != SIM_FOR_ORPHAN &&
	    m->now_ms > x->asked_ms + end + boot + SLACK_MS)
		sim_fail(m, x, "a request has not settled after %lld ms",
		    (long long)(m->now_ms - x->asked_ms));
	if (x->down_due &&
	    m->now_ms > x->stopped_ms + end + SIM_DIE_MAX_MS + SLACK_MS)
		sim_fail(m, x, "not down %lld ms after a stop",
		    (long long)(m->now_ms - x->stopped_ms));
}

/* Counted neither twice nor lost; and something is always to come. */
void
check_slot(struct sim *m, struct sim_slot *x)
{
	const struct slot *s = &x->s;
	unsigned places = 0, alive = 0;

	places += check_place(m, x, &s->current);
	places += check_place(m, x, &s->next);
	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		places += check_place(m, x, &s->leaving[i]);
	for (size_t i = 0; i < SIM_PROCS_MAX; i++)
		alive += x->procs[i].uid != 0;
	if (places != alive)
		sim_fail(
		    m, x, "%u processes, but the slot knows %u", alive, places);
	if (s->goal == SLOT_UP && s->current.state == WORKER_NONE &&
	    slot_deadline(s) == SLOT_NEVER)
		sim_fail(m, x, "up, but nothing is there and nothing to come");
	if (s->respawn &&
	    (s->goal == SLOT_DOWN || s->current.state < WORKER_DRAINING))
		sim_fail(m, x, "waits for the end of a worker that stays");
	if (s->goal == SLOT_DOWN && places == 0 && x->down_due)
		sim_fail(m, x, "down, but it was not said");
	check_waits(m, x);
}

/* Once all workers of a healthy pool serve, there are never fewer. */
void
check_pools(struct sim *m)
{
	for (unsigned i = 0; i < m->n_pools && !m->ending; i++) {
		struct sim_pool *p = &m->pools[i];
		unsigned up = 0;

		for (unsigned k = 0; k < p->n_slots; k++)
			up += serving(&p->slots[k].s) != NULL;
		if (p->mood != SIM_HEALTHY || !p->policy.overlap)
			continue;
		if (up == p->n_slots)
			p->was_full = true;
		else if (p->was_full)
			sim_fail(m, &p->slots[0], "%u of %u workers serve", up,
			    p->n_slots);
	}
}

void
check_end(struct sim *m)
{
	for (unsigned i = 0; i < m->n_pools; i++)
		for (unsigned k = 0; k < m->pools[i].n_slots; k++) {
			struct sim_slot *x = &m->pools[i].slots[k];

			if (!slot_is_empty(&x->s) || x->down_due)
				sim_fail(m, x, "not down at the end");
		}
}
