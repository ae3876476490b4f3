/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_roll.h - a rollout over a pool: every slot moves to workers of another
 * edition, a few at a time.
 */
#ifndef MASTER_POOL_ROLL_H
#define MASTER_POOL_ROLL_H

#include "master/master.h"

/*
 * Begin; `op` waits for it. Slots that are stopped only change their edition.
 * 0, -EBUSY (one is under way), -ENOMEM.
 */
int pool_roll(
    struct pool *p, struct edition *edition, struct op *op) MUST_CHECK;

/* A slot that the rollout had begun has settled. */
void pool_rollout_result(struct pool *p, bool ok);

/* Begin no more slots. */
void pool_end_rollout(struct pool *p);

#endif
