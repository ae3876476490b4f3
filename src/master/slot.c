/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot.c - the life of one slot, as a pure state machine: its moves. What can
 * be read off a slot is in slot_view.c.
 */
#include <assert.h>
#include <string.h>

#include "master/slot.h"

enum {
	EXIT_GRACE_MS = 200, /* drained, but still there: then the signal */
	STOP_GRACE_MS =
	    1600, /* from the stop signal after a drain to SIGKILL */
	REKILL_MS = 1000, /* SIGKILL had no effect yet (uninterruptible) */
};

/* One call of slot_handle(). */
struct step {
	struct slot *s;
	const struct slot_policy *policy;
	int64_t now;
	struct slot_actions *out;
};

static struct slot_action *
act(struct step *st, enum slot_action_type type, struct slot_worker *w)
{
	struct slot_action *a;

	assert(st->out->count < SLOT_ACTIONS_MAX);
	a = &st->out->list[st->out->count++];
	memset(a, 0, sizeof(*a));
	a->type = type;
	a->worker = w;
	if (w != NULL)
		a->copy = *w;
	return a;
}

/* What was asked for has come true, or not. Said once per request. */
static void
settle(struct step *st, bool ok)
{
	st->s->replacing = 0;
	act(st, ok ? SLOT_ACT_DONE : SLOT_ACT_NOT_DONE, NULL);
}

static void
spawn(struct step *st, struct slot_worker *w)
{
	memset(w, 0, sizeof(*w));
	w->state = WORKER_SPAWNING;
	w->spawned_ms = st->now;
	w->deadline_ms = st->now + st->policy->listen_timeout_ms;
	w->kill_at_ms = SLOT_NEVER;
	st->s->retry_ms = SLOT_NEVER;
	act(st, SLOT_ACT_SPAWN, w);
}

static void
kill_worker(struct step *st, struct slot_worker *w)
{
	if (w->state == WORKER_NONE)
		return;
	w->state = WORKER_KILLED;
	w->deadline_ms = st->now + REKILL_MS;
	act(st, SLOT_ACT_KILL, w);
}

/* The stop signal now, SIGKILL when `grace_ms` have gone. */
static void
stop_worker(struct step *st, struct slot_worker *w, int64_t grace_ms)
{
	if (w->state == WORKER_NONE || w->state >= WORKER_STOPPING)
		return;
	w->state = WORKER_STOPPING;
	w->deadline_ms = st->now + grace_ms;
	act(st, SLOT_ACT_STOP, w);
}

/* No more patience than the grace, also for one that is stopping already. */
static void
hurry_worker(struct step *st, struct slot_worker *w)
{
	stop_worker(st, w, STOP_GRACE_MS);
	if (w->state == WORKER_STOPPING &&
	    w->deadline_ms > st->now + STOP_GRACE_MS)
		w->deadline_ms = st->now + STOP_GRACE_MS;
}

/* Let it finish what it has begun. One that never served is just stopped. */
static void
drain_worker(struct step *st, struct slot_worker *w)
{
	int64_t patience = st->policy->kill_timeout_ms;

	if (w->state == WORKER_NONE || w->state >= WORKER_DRAINING)
		return;
	if (w->state != WORKER_READY || !w->speaks) {
		stop_worker(st, w, patience);
		return;
	}
	w->state = WORKER_DRAINING;
	w->kill_at_ms = st->now + patience;
	w->deadline_ms = w->kill_at_ms;
	act(st, SLOT_ACT_DRAIN, w);
}

/* A place among those that leave; when there is none the oldest must go. */
static struct slot_worker *
leaving_place(struct step *st)
{
	struct slot_worker *oldest = NULL;

	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++) {
		struct slot_worker *w = &st->s->leaving[i];

		if (w->state == WORKER_NONE)
			return w;
		if (w->state != WORKER_KILLED &&
		    (oldest == NULL || w->spawned_ms < oldest->spawned_ms))
			oldest = w;
	}
	if (oldest != NULL)
		kill_worker(st, oldest);
	return NULL;
}

static void
start(struct step *st)
{
	struct slot *s = st->s;

	s->goal = SLOT_UP;
	s->crashes = 0;
	if (s->current.state == WORKER_READY && !s->replacing) {
		settle(st, true);
		return;
	}
	if (s->current.state >= WORKER_DRAINING)
		s->respawn =
		    1; /* it was being stopped: start when it has gone */
	else if (s->current.state == WORKER_NONE)
		spawn(st, &s->current);
}

static void
stop(struct step *st, bool fast)
{
	struct slot *s = st->s;

	s->goal = SLOT_DOWN;
	s->respawn = 0;
	s->replacing = 0;
	s->retry_ms = SLOT_NEVER;
	stop_worker(st, &s->next, st->policy->kill_timeout_ms);
	if (fast) {
		hurry_worker(st, &s->current);
		for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
			hurry_worker(st, &s->leaving[i]);
	} else {
		drain_worker(st, &s->current);
	}
	if (slot_is_empty(s))
		act(st, SLOT_ACT_DOWN, NULL);
}

/* Stop the current one, start another when it has gone. */
static void
restart(struct step *st)
{
	struct slot *s = st->s;

	s->goal = SLOT_UP;
	s->crashes = 0;
	s->replacing = 1;
	stop_worker(st, &s->next, st->policy->kill_timeout_ms);
	if (s->current.state == WORKER_NONE) {
		spawn(st, &s->current);
		return;
	}
	s->respawn = 1;
	drain_worker(st, &s->current);
}

static void
replace(struct step *st)
{
	struct slot *s = st->s;

	if (s->next.state != WORKER_NONE || s->respawn) {
		settle(st, false); /* one at a time */
		return;
	}
	if (!st->policy->overlap || s->current.state != WORKER_READY) {
		restart(st);
		return;
	}
	if (leaving_place(st) == NULL) {
		settle(st, false);
		return;
	}
	s->goal = SLOT_UP;
	s->replacing = 1;
	spawn(st, &s->next);
}

/* The successor is ready: it steps in, and only now does the old one drain. */
static void
step_in(struct step *st)
{
	struct slot *s = st->s;
	struct slot_worker *place = leaving_place(st);

	if (place == NULL) {
		/* Too many still leave: no more patience with the current one;
		 * when it has gone, current_exited() moves the successor up. */
		kill_worker(st, &s->current);
		return;
	}
	*place = s->current;
	s->current = s->next;
	memset(&s->next, 0, sizeof(s->next));
	s->restarts++;
	drain_worker(st, place);
}

static void
worker_ready(struct step *st, struct slot_worker *w)
{
	struct slot *s = st->s;

	if (w->state != WORKER_STARTING && w->state != WORKER_SPAWNING)
		return;
	w->state = WORKER_READY;
	w->ready_ms = st->now;
	w->deadline_ms = SLOT_NEVER;
	act(st, SLOT_ACT_SAY_READY, w);
	if (w == &s->next)
		step_in(st);
	settle(st, true);
}

static void
schedule_retry(struct step *st, bool lived)
{
	struct slot *s = st->s;

	s->crashes = lived ? 1 : s->crashes + 1;
	s->restarts++;
	s->retry_ms = st->now + slot_backoff_ms(s->crashes);
}

/* It has gone although nobody had asked it to. */
static void
current_crashed(struct step *st, const struct slot_worker *gone,
    const struct slot_event *ev)
{
	struct slot *s = st->s;
	bool served = gone->ready_ms != 0;
	struct slot_action *a;

	s->last_status = ev->status;
	s->has_last_status = !ev->unborn;
	s->last_exit_ms = st->now;
	if (s->current.state == WORKER_NONE)
		schedule_retry(st, served && st->now - gone->ready_ms >=
						 st->policy->min_uptime_ms);
	a = act(st, served ? SLOT_ACT_SAY_CRASHED : SLOT_ACT_SAY_FAILED, NULL);
	a->copy = *gone;
	a->status = ev->status;
	a->unborn = ev->unborn;
	if (!served)
		settle(st, false);
}

static void
current_exited(struct step *st, const struct slot_event *ev)
{
	struct slot *s = st->s;
	struct slot_worker gone = s->current;
	bool asked = gone.state >= WORKER_DRAINING;

	memset(&s->current, 0, sizeof(s->current));
	if (s->goal == SLOT_UP && s->next.state != WORKER_NONE &&
	    s->next.state < WORKER_DRAINING) {
		/* The successor that boots anyway takes its place. */
		s->current = s->next;
		memset(&s->next, 0, sizeof(s->next));
		s->restarts++;
	}
	if (!asked) {
		current_crashed(st, &gone, ev);
	} else if (s->goal == SLOT_UP && s->current.state == WORKER_NONE) {
		if (s->respawn) {
			s->respawn = 0;
			s->restarts++;
			spawn(st, &s->current);
		} else {
			/* It was killed because it did not get ready. */
			schedule_retry(st, false);
		}
	}
}

static void
worker_exited(
    struct step *st, struct slot_worker *w, const struct slot_event *ev)
{
	struct slot *s = st->s;
	bool was_killed_late = w->state >= WORKER_STOPPING;
	struct slot_action *a;

	if (w == &s->current) {
		current_exited(st, ev);
	} else if (w == &s->next) {
		struct slot_worker gone = *w;

		memset(w, 0, sizeof(*w));
		if (s->replacing && !was_killed_late) {
			a = act(st, SLOT_ACT_SAY_FAILED, NULL);
			a->copy = gone;
			a->status = ev->status;
			a->unborn = ev->unborn;
			settle(st, false);
		}
	} else {
		memset(w, 0, sizeof(*w));
	}
	if (s->goal == SLOT_DOWN && slot_is_empty(s))
		act(st, SLOT_ACT_DOWN, NULL);
}

/* A deadline of one worker has come. A deadline is a failure, never a success,
 * but for the one kind of readiness that is defined by time. */
static void
worker_overdue(struct step *st, struct slot_worker *w)
{
	struct slot *s = st->s;
	struct slot_action *a;

	switch ((enum worker_state)w->state) {
	case WORKER_SPAWNING:
	case WORKER_STARTING:
		if (st->policy->ready_started && w->state == WORKER_STARTING) {
			worker_ready(st, w);
			return;
		}
		a = act(st, SLOT_ACT_SAY_FAILED, w);
		a->timeout = true;
		kill_worker(st, w);
		if (w == &s->current)
			s->respawn = 0;
		settle(st, false);
		break;
	case WORKER_DRAINING:
		stop_worker(st, w, STOP_GRACE_MS);
		break;
	case WORKER_STOPPING:
	case WORKER_KILLED:
		kill_worker(st, w);
		break;
	case WORKER_NONE:
	case WORKER_READY:
	case WORKER_NSTATES:
		w->deadline_ms = SLOT_NEVER;
		break;
	}
}

static void
worker_forked(struct step *st, struct slot_worker *w)
{
	if (w->state != WORKER_SPAWNING)
		return;
	w->state = WORKER_STARTING;
	if (st->policy->ready_started)
		w->deadline_ms = st->now + st->policy->min_uptime_ms;
}

static void
worker_extends(struct step *st, struct slot_worker *w, int64_t extend_ms)
{
	if (w->state == WORKER_STARTING && extend_ms > 0 &&
	    extend_ms < SLOT_NEVER - st->now &&
	    w->deadline_ms < st->now + extend_ms)
		w->deadline_ms = st->now + extend_ms;
}

static void
worker_drained(struct step *st, struct slot_worker *w)
{
	if (w->state == WORKER_DRAINING)
		w->deadline_ms = st->now + EXIT_GRACE_MS;
}

/* The app itself has begun to leave: a wanted drain, with a successor. */
static void
worker_leaves(struct step *st, struct slot_worker *w)
{
	struct slot *s = st->s;

	if (w->state != WORKER_READY)
		return;
	w->state = WORKER_DRAINING;
	w->kill_at_ms = st->now + st->policy->kill_timeout_ms;
	w->deadline_ms = w->kill_at_ms;
	if (w != &s->current || s->goal != SLOT_UP)
		return;
	if (!st->policy->overlap)
		s->respawn = 1;
	else if (s->next.state == WORKER_NONE)
		spawn(st, &s->next);
}

static void
tick_worker(struct step *st, struct slot_worker *w)
{
	if (w->state != WORKER_NONE && w->deadline_ms <= st->now)
		worker_overdue(st, w);
}

static void
tick(struct step *st)
{
	struct slot *s = st->s;

	tick_worker(st, &s->next);
	tick_worker(st, &s->current);
	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		tick_worker(st, &s->leaving[i]);
	if (s->goal == SLOT_UP && s->current.state == WORKER_NONE &&
	    s->retry_ms <= st->now)
		spawn(st, &s->current);
}

static void
handle_worker(struct step *st, const struct slot_event *ev)
{
	struct slot_worker *w = slot_find(st->s, ev->uid);

	if (w == NULL)
		return;
	switch (ev->type) {
	case SLOT_EV_FORKED:
		worker_forked(st, w);
		break;
	case SLOT_EV_SPEAKS:
		w->speaks = 1;
		break;
	case SLOT_EV_READY:
		worker_ready(st, w);
		break;
	case SLOT_EV_EXTEND:
		worker_extends(st, w, ev->extend_ms);
		break;
	case SLOT_EV_DRAINED:
		worker_drained(st, w);
		break;
	case SLOT_EV_LEAVES:
		worker_leaves(st, w);
		break;
	case SLOT_EV_EXITED:
		worker_exited(st, w, ev);
		break;
	default:
		break;
	}
}

void
slot_handle(struct slot *s, const struct slot_policy *policy,
    const struct slot_event *event, int64_t now_ms, struct slot_actions *out)
{
	struct step st = {
		.s = s, .policy = policy, .now = now_ms, .out = out
	};

	switch (event->type) {
	case SLOT_EV_START:
		start(&st);
		break;
	case SLOT_EV_STOP:
		stop(&st, false);
		break;
	case SLOT_EV_STOP_FAST:
		stop(&st, true);
		break;
	case SLOT_EV_REPLACE:
		replace(&st);
		break;
	case SLOT_EV_RESTART:
		restart(&st);
		break;
	case SLOT_EV_TICK:
		tick(&st);
		break;
	default:
		handle_worker(&st, event);
		break;
	}
}
