/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout.h - the plan that moves a pool's slots over, a few at a time, as a
 * pure planner: it says which slot is next and is told what became of it.
 *
 * Never more than `max_surge` slots are in change at once. The first that fails
 * ends the plan: those in change are waited for, the rest stays as it is.
 */
#ifndef MASTER_ROLLOUT_H
#define MASTER_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include <clusterd/compiler.h>
#include <clusterd/limits.h>

struct rollout {
	uint32_t total;
	uint32_t next;	 /* items from here on have not begun */
	uint32_t active; /* in change */
	uint32_t done;
	uint32_t failed;
	uint32_t max_surge;
	bool ended; /* begins no more */
};

void rollout_init(struct rollout *r, uint32_t total, uint32_t max_surge);

/* The item (0 .. total - 1) to begin now, which counts as begun; -1: none. */
int rollout_next(struct rollout *r) MUST_CHECK;

/* One that was begun has succeeded or failed. */
void rollout_result(struct rollout *r, bool ok);

/* Begin no more (the pool is being stopped, an operator said so). */
void rollout_end(struct rollout *r);

/* Nothing is in change and nothing will be begun. */
bool rollout_is_over(const struct rollout *r);
bool rollout_succeeded(const struct rollout *r); /* all items, none failed */

#endif
