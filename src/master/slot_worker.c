/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_worker.c - what is done to one worker of a slot: its state, its next
 * deadline and the action that goes with it.
 */
#include <assert.h>
#include <string.h>

#include "master/slot_step.h"

struct slot_action *
step_act(struct step *st, enum slot_action_type type, struct slot_worker *w)
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

void
step_spawn(struct step *st, struct slot_worker *w)
{
	assert(w->state == WORKER_NONE);
	memset(w, 0, sizeof(*w));
	w->state = WORKER_SPAWNING;
	w->spawned_ms = st->now;
	w->deadline_ms = st->now + st->policy->listen_timeout_ms;
	w->kill_at_ms = SLOT_NEVER;
	st->s->retry_ms = SLOT_NEVER;
	step_act(st, SLOT_ACT_SPAWN, w);
}

void
step_kill(struct step *st, struct slot_worker *w)
{
	if (w->state == WORKER_NONE)
		return;
	w->state = WORKER_KILLED;
	w->deadline_ms = st->now + REKILL_MS;
	step_act(st, SLOT_ACT_KILL, w);
}

void
step_stop(struct step *st, struct slot_worker *w, int64_t grace_ms)
{
	if (w->state == WORKER_NONE || w->state >= WORKER_STOPPING)
		return;
	w->state = WORKER_STOPPING;
	w->deadline_ms = st->now + grace_ms;
	step_act(st, SLOT_ACT_STOP, w);
}

void
step_hurry(struct step *st, struct slot_worker *w)
{
	int64_t grace_ms = STOP_GRACE_MS;

	if (grace_ms > st->policy->kill_timeout_ms)
		grace_ms = st->policy->kill_timeout_ms;
	step_stop(st, w, grace_ms);
	if (w->state == WORKER_STOPPING && w->deadline_ms > st->now + grace_ms)
		w->deadline_ms = st->now + grace_ms;
}

void
step_drain(struct step *st, struct slot_worker *w)
{
	if (w->state == WORKER_NONE || w->state >= WORKER_DRAINING)
		return;
	if (w->state != WORKER_READY || !w->speaks) {
		step_stop(st, w, st->policy->kill_timeout_ms);
		return;
	}
	step_begin_drain(st, w);
	step_act(st, SLOT_ACT_DRAIN, w);
}

void
step_begin_drain(struct step *st, struct slot_worker *w)
{
	w->state = WORKER_DRAINING;
	w->kill_at_ms = st->now + st->policy->kill_timeout_ms;
	w->deadline_ms = w->kill_at_ms;
}
