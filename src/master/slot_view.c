/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_view.c - what can be read off a slot: names, status, next deadline.
 */
#include <stdio.h>
#include <string.h>

#include <clusterd/compiler.h>

#include "master/slot.h"

enum {
	BACKOFF_FIRST_MS = 100,
	BACKOFF_MAX_MS = 15000,
};

static const char *const status_names[] = {
	[SLOT_STOPPED] = "stopped",
	[SLOT_STARTING] = "starting",
	[SLOT_READY] = "ready",
	[SLOT_RELOADING] = "reloading",
	[SLOT_STOPPING] = "stopping",
	[SLOT_WAITING] = "waiting",
};
_Static_assert(COUNT(status_names) == SLOT_NSTATUS, "name every status");

static const char *const state_names[] = {
	[WORKER_NONE] = "none",
	[WORKER_SPAWNING] = "spawning",
	[WORKER_STARTING] = "starting",
	[WORKER_READY] = "ready",
	[WORKER_DRAINING] = "draining",
	[WORKER_STOPPING] = "stopping",
	[WORKER_KILLED] = "killed",
};
_Static_assert(COUNT(state_names) == WORKER_NSTATES, "name every state");

void
slot_init(struct slot *s, const char *app, uint32_t number, uint32_t pm_id,
    int64_t wall_ms)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->app, sizeof(s->app), "%s", app);
	s->number = number;
	s->pm_id = pm_id;
	s->goal = SLOT_DOWN;
	s->retry_ms = SLOT_NEVER;
	s->created_wall_ms = wall_ms;
}

static int64_t
earlier(int64_t a, const struct slot_worker *w)
{
	return w->state != WORKER_NONE && w->deadline_ms < a ? w->deadline_ms
							     : a;
}

int64_t
slot_deadline(const struct slot *s)
{
	int64_t at = SLOT_NEVER;

	at = earlier(at, &s->current);
	at = earlier(at, &s->next);
	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		at = earlier(at, &s->leaving[i]);
	if (s->goal == SLOT_UP && s->current.state == WORKER_NONE &&
	    s->retry_ms < at)
		at = s->retry_ms;
	return at;
}

bool
slot_is_empty(const struct slot *s)
{
	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		if (s->leaving[i].state != WORKER_NONE)
			return false;
	return s->current.state == WORKER_NONE && s->next.state == WORKER_NONE;
}

struct slot_worker *
slot_find(struct slot *s, uint64_t uid)
{
	if (uid == 0)
		return NULL;
	if (s->current.uid == uid)
		return &s->current;
	if (s->next.uid == uid)
		return &s->next;
	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		if (s->leaving[i].uid == uid)
			return &s->leaving[i];
	return NULL;
}

enum slot_status
slot_status(const struct slot *s)
{
	if (s->goal == SLOT_DOWN)
		return slot_is_empty(s) ? SLOT_STOPPED : SLOT_STOPPING;
	switch ((enum worker_state)s->current.state) {
	case WORKER_NONE:
		return SLOT_WAITING;
	case WORKER_SPAWNING:
	case WORKER_STARTING:
		return s->replacing ? SLOT_RELOADING : SLOT_STARTING;
	case WORKER_READY:
		return s->replacing ? SLOT_RELOADING : SLOT_READY;
	case WORKER_DRAINING: /* by itself, too: a successor comes */
		return SLOT_RELOADING;
	default:
		return s->respawn || s->next.state != WORKER_NONE
			   ? SLOT_RELOADING
			   : SLOT_WAITING;
	}
}

const char *
slot_status_name(enum slot_status status)
{
	return status_names[status];
}

const char *
worker_state_name(enum worker_state state)
{
	return state < WORKER_NSTATES ? state_names[state] : "?";
}

int64_t
slot_backoff_ms(uint32_t crashes)
{
	int64_t ms = BACKOFF_FIRST_MS;

	if (crashes <= 1)
		return 0;
	for (uint32_t i = 2; i < crashes && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}
