/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_places.c - who is where in a slot.
 *
 * `current` serves, or boots when nobody serves; `next` boots to replace it.
 * When the current one leaves, it moves to a leaving place and `next` moves up.
 * Only while all leaving places are taken does it leave from its own, and a
 * successor that is ready serves from `next` meanwhile.
 */
#include <string.h>

#include "master/slot_step.h"

void
step_settle(struct step *st, bool ok)
{
	struct slot *s = st->s;

	s->replacing = 0;
	if (!s->asked)
		return;
	s->asked = 0;
	step_act(st, ok ? SLOT_ACT_DONE : SLOT_ACT_NOT_DONE, NULL);
}

bool
slot_worker_is_alive(const struct slot_worker *w)
{
	return w->state != WORKER_NONE && w->state < WORKER_DRAINING;
}

static struct slot_worker *
free_place(struct slot *s)
{
	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		if (s->leaving[i].state == WORKER_NONE)
			return &s->leaving[i];
	return NULL;
}

/* Of those that leave, the one that has had most time for it must go now, so
 * that there is a place soon; unless one is being killed already. */
static void
kill_oldest(struct step *st)
{
	struct slot_worker *oldest = NULL;

	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++) {
		struct slot_worker *w = &st->s->leaving[i];

		if (w->state == WORKER_KILLED)
			return;
		if (oldest == NULL || w->spawned_ms < oldest->spawned_ms)
			oldest = w;
	}
	step_kill(st, oldest);
}

bool
step_move_up(struct step *st)
{
	struct slot *s = st->s;

	if (s->goal != SLOT_UP || !slot_worker_is_alive(&s->next))
		return false;
	s->current = s->next;
	memset(&s->next, 0, sizeof(s->next));
	s->restarts++;
	return true;
}

static bool
has_lived(const struct step *st, const struct slot_worker *w)
{
	return w->ready_ms != 0 &&
	       st->now - w->ready_ms >= st->policy->min_uptime_ms;
}

void
step_schedule_retry(
    struct step *st, const struct slot_worker *gone, bool crashed)
{
	struct slot *s = st->s;

	if (has_lived(st, gone))
		s->crashes = crashed ? 1 : 0;
	else
		s->crashes++;
	s->restarts++;
	s->retry_ms = st->now + slot_backoff_ms(s->crashes);
}

struct slot_worker *
step_vacate(struct step *st)
{
	struct slot *s = st->s;
	struct slot_worker *place = free_place(s);

	if (place == NULL) {
		kill_oldest(st);
		return &s->current;
	}
	*place = s->current;
	memset(&s->current, 0, sizeof(s->current));
	s->respawn = 0;
	if (!step_move_up(st))
		step_schedule_retry(st, place, false);
	else if (has_lived(st, place))
		s->crashes = 0;
	return place;
}

bool
step_dismiss_next(struct step *st)
{
	struct slot *s = st->s;
	struct slot_worker *place;

	if (s->next.state == WORKER_NONE)
		return true;
	place = free_place(s);
	if (place == NULL) {
		step_drain(st, &s->next);
		return false;
	}
	*place = s->next;
	memset(&s->next, 0, sizeof(s->next));
	step_drain(st, place);
	return true;
}
