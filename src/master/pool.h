/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - the slots of one app.
 */
#ifndef MASTER_POOL_H
#define MASTER_POOL_H

#include "master/master.h"

/* Takes a reference of its own. NULL: out of memory. */
struct pool *pool_new(struct master *m, struct edition *edition) MUST_CHECK;
/* One that is being removed only when there is no other of that name. */
struct pool *pool_find(struct master *m, const char *name);

/* Add one slot with the lowest free number; not started. NULL: no room. */
struct slot_ctx *pool_add_slot(struct pool *p) MUST_CHECK;
/* One that the scoreboard knows. */
struct slot_ctx *pool_adopt_slot(struct pool *p, uint32_t record) MUST_CHECK;

/* The slot with the highest number that is not on its way out; NULL. */
struct slot_ctx *pool_last_slot(struct pool *p);
uint32_t pool_count(const struct pool *p); /* slots that are to stay */

/* Freed at once when it has no slot, else with its last. */
void pool_remove(struct pool *p);

/* Out of the pool and freed: it is down and nothing of it is left. */
void pool_drop_slot(struct slot_ctx *ctx);

const char *slot_name(const struct slot_ctx *ctx, char out[96]);

#endif
