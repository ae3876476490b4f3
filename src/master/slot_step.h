/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_step.h - one call of slot_handle(), and what is done to one worker in
 * it. Private to slot.c, slot_places.c and slot_worker.c.
 */
#ifndef MASTER_SLOT_STEP_H
#define MASTER_SLOT_STEP_H

#include "master/slot.h"

enum {
	EXIT_GRACE_MS = 200, /* drained, but still there: then the signal */
	STOP_GRACE_MS =
	    1600,	  /* from the stop signal after a drain to SIGKILL */
	REKILL_MS = 1000, /* SIGKILL had no effect yet (uninterruptible) */
};

/* All borrowed for the call. */
struct step {
	struct slot *s;
	const struct slot_policy *policy;
	int64_t now;
	struct slot_actions *out;
};

struct slot_action *step_act(
    struct step *st, enum slot_action_type type, struct slot_worker *w);

/* Fill the empty place `w` with a worker to be forked. */
void step_spawn(struct step *st, struct slot_worker *w);

/* SIGKILL now, and again until it has gone. */
void step_kill(struct step *st, struct slot_worker *w);

/* The stop signal now, SIGKILL when `grace_ms` have gone. */
void step_stop(struct step *st, struct slot_worker *w, int64_t grace_ms);

/* No more patience than the grace, also for one that is stopping already. */
void step_hurry(struct step *st, struct slot_worker *w);

/* Let it finish what it has begun. One that never served is just stopped. */
void step_drain(struct step *st, struct slot_worker *w);

/* It drains from now on, told or by itself: patience until kill_timeout. */
void step_begin_drain(struct step *st, struct slot_worker *w);

/* It boots or serves, and is to stay. */
bool slot_worker_is_alive(const struct slot_worker *w);

/* What was asked for has come true, or not. Said once per request. */
void step_settle(struct step *st, bool ok);

/* A start follows the end of `gone`: after a delay if such ends come in a row.
 */
void step_schedule_retry(
    struct step *st, const struct slot_worker *gone, bool crashed);

/* The successor takes the empty place of the current one, if there is one. */
bool step_move_up(struct step *st);

/*
 * The current worker moves to where workers leave, and its successor, there or
 * to come, into its place. Returns where it is now: all places may be taken,
 * then it stays until one is free.
 */
struct slot_worker *step_vacate(struct step *st);

/* The successor is not wanted any more. False: it leaves from `next`, because
 * all places are taken. */
bool step_dismiss_next(struct step *st);

#endif
