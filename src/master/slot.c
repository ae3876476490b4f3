/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot.c - the life of one slot, as a pure state machine: its moves. What is
 * done to one worker is in slot_worker.c, where the workers of a slot are in
 * slot_places.c, what can be read off a slot in slot_view.c.
 */
#include <string.h>

#include "master/slot_step.h"

static void
start(struct step *st)
{
	struct slot *s = st->s;

	s->goal = SLOT_UP;
	s->crashes = 0;
	s->asked = 1;
	if (s->current.state == WORKER_NONE)
		step_spawn(st, &s->current);
	else if (s->current.state == WORKER_READY && !s->replacing)
		step_settle(st, true);
	else if (s->next.state == WORKER_READY)
		step_settle(st, true);
	else if (s->current.state >= WORKER_DRAINING &&
		 !slot_worker_is_alive(&s->next))
		s->respawn = 1; /* start when it has gone */
}

static void
stop(struct step *st, bool fast)
{
	struct slot *s = st->s;

	s->goal = SLOT_DOWN;
	s->respawn = 0;
	s->replacing = 0;
	s->asked = 0;
	s->retry_ms = SLOT_NEVER;
	if (fast) {
		step_hurry(st, &s->current);
		step_hurry(st, &s->next);
		for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
			step_hurry(st, &s->leaving[i]);
	} else {
		step_drain(st, &s->current);
		step_drain(st, &s->next);
	}
	if (slot_is_empty(s))
		step_act(st, SLOT_ACT_DOWN, NULL);
}

/* Stop the current one, start another when it has gone. */
static void
restart(struct step *st)
{
	struct slot *s = st->s;

	s->goal = SLOT_UP;
	s->crashes = 0;
	s->asked = 1;
	s->replacing = 1;
	(void)step_dismiss_next(st);
	if (s->current.state == WORKER_NONE) {
		step_spawn(st, &s->current);
		return;
	}
	s->respawn = 1;
	step_drain(st, &s->current);
}

/* The newest request counts: a successor that boots already may be of an older
 * configuration and gives way. */
static void
replace(struct step *st)
{
	struct slot *s = st->s;

	s->asked = 1;
	if (!st->policy->overlap || s->goal == SLOT_DOWN ||
	    s->current.state < WORKER_READY) {
		restart(st); /* nothing serves that could go on serving */
		return;
	}
	if (s->next.state == WORKER_READY || !step_dismiss_next(st)) {
		step_settle(st, false); /* too many leave still */
		return;
	}
	s->goal = SLOT_UP;
	s->replacing = 1;
	step_spawn(st, &s->next);
}

static void
worker_ready(struct step *st, struct slot_worker *w)
{
	if (w->state != WORKER_STARTING && w->state != WORKER_SPAWNING)
		return;
	w->state = WORKER_READY;
	w->ready_ms = st->now;
	w->deadline_ms = SLOT_NEVER;
	step_act(st, SLOT_ACT_SAY_READY, w);
	if (w == &st->s->next) /* only now does the old one drain */
		step_drain(st, step_vacate(st));
	step_settle(st, true);
}

/* It has gone although nobody had asked it to. */
static void
say_gone(struct step *st, const struct slot_worker *gone,
    const struct slot_event *ev)
{
	struct slot *s = st->s;
	struct slot_action *a;

	s->last_status = ev->status;
	s->has_last_status = !ev->unborn;
	s->last_exit_ms = st->now;
	a = step_act(st,
	    gone->ready_ms != 0 ? SLOT_ACT_SAY_CRASHED : SLOT_ACT_SAY_FAILED,
	    NULL);
	a->copy = *gone;
	a->status = ev->status;
	a->unborn = ev->unborn;
	if (gone->ready_ms == 0)
		step_settle(st, false);
}

static void
current_exited(struct step *st, const struct slot_event *ev)
{
	struct slot *s = st->s;
	struct slot_worker gone = s->current;
	bool asked = gone.state >= WORKER_DRAINING;

	memset(&s->current, 0, sizeof(s->current));
	if (s->goal == SLOT_UP && !step_move_up(st)) {
		if (s->respawn) {
			s->restarts++;
			step_spawn(st, &s->current);
		} else {
			/* A crash, or killed because it did not get ready, or
			 * it has left by itself. */
			step_schedule_retry(st, &gone, !asked);
		}
	}
	s->respawn = 0;
	if (!asked)
		say_gone(st, &gone, ev);
}

static void
next_exited(struct step *st, const struct slot_event *ev)
{
	struct slot *s = st->s;
	struct slot_worker gone = s->next;

	memset(&s->next, 0, sizeof(s->next));
	if (gone.state < WORKER_DRAINING)
		say_gone(st, &gone, ev);
}

/* There is a place now for a current one that leaves. */
static void
leaving_exited(struct step *st, struct slot_worker *w)
{
	struct slot *s = st->s;

	memset(w, 0, sizeof(*w));
	if (s->goal == SLOT_UP && !s->respawn && st->policy->overlap &&
	    s->current.state >= WORKER_DRAINING &&
	    (s->current.state == WORKER_DRAINING ||
		slot_worker_is_alive(&s->next)))
		step_vacate(st);
}

static void
worker_exited(
    struct step *st, struct slot_worker *w, const struct slot_event *ev)
{
	struct slot *s = st->s;

	if (w == &s->current)
		current_exited(st, ev);
	else if (w == &s->next)
		next_exited(st, ev);
	else
		leaving_exited(st, w);
	if (s->goal == SLOT_DOWN && slot_is_empty(s))
		step_act(st, SLOT_ACT_DOWN, NULL);
}

/* Not ready in time: a deadline is a failure, never a success, but for the one
 * kind of readiness that is defined by time. */
static void
boot_overdue(struct step *st, struct slot_worker *w)
{
	struct slot_action *a;

	if (st->policy->ready_started && w->state == WORKER_STARTING) {
		worker_ready(st, w);
		return;
	}
	a = step_act(st, SLOT_ACT_SAY_FAILED, w);
	a->timeout = true;
	step_kill(st, w);
	step_settle(st, false);
}

static void
worker_overdue(struct step *st, struct slot_worker *w)
{
	switch ((enum worker_state)w->state) {
	case WORKER_SPAWNING:
	case WORKER_STARTING:
		boot_overdue(st, w);
		break;
	case WORKER_DRAINING:
		step_stop(st, w, STOP_GRACE_MS);
		break;
	case WORKER_STOPPING:
	case WORKER_KILLED:
		step_kill(st, w);
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

/* Said by one that nobody had told to drain it means that its channel has
 * ended: from now on only a signal reaches it. */
static void
worker_drained(struct step *st, struct slot_worker *w)
{
	if (w->state < WORKER_DRAINING)
		w->speaks = 0;
	else if (w->state == WORKER_DRAINING &&
		 w->deadline_ms > st->now + EXIT_GRACE_MS)
		w->deadline_ms = st->now + EXIT_GRACE_MS;
}

/* The app itself has begun to leave: a wanted drain, with a successor. Without
 * overlap that is started when it has gone. */
static void
worker_leaves(struct step *st, struct slot_worker *w)
{
	struct slot *s = st->s;

	if (w->state != WORKER_READY)
		return;
	step_begin_drain(st, w);
	if (w == &s->current && s->goal == SLOT_UP && st->policy->overlap)
		step_vacate(st);
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
		step_spawn(st, &s->current);
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
