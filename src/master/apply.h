/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h - a configuration made true: pools added, rolled, scaled, removed.
 *
 * In two steps, so that an error changes nothing: first everything that the new
 * generation needs is checked and bound, then slots are touched.
 */
#ifndef MASTER_APPLY_H
#define MASTER_APPLY_H

#include "master/master.h"
#include "master/op.h"

struct plan; /* a generation that is ready to be put in force */

/* Which apps: `only` is NULL for all, else asked for each name. */
struct plan_scope {
	bool (*only)(const char *app, void *arg);
	void *arg;
};

/*
 * Read the file, check it, bind what is new. NULL with messages in `errors`;
 * `*invalid` says whether the file is to blame (exit status 4) or the system.
 */
struct plan *plan_make(struct master *m, const struct plan_scope *scope,
    struct config_errors *errors, bool *invalid) MUST_CHECK;

/* Put it in force; `op` waits for all that this sets off. Frees the plan. */
void plan_execute(struct master *m, struct plan *plan, struct op *op);

/* Put `count` slots in a pool and start, or drain and remove. What goes wrong
 * goes to the op. */
void pool_scale(
    struct pool *p, uint32_t count, struct edition *edition, struct op *op);

/* Stop a pool's slots and take it away. */
void pool_retire(struct pool *p, struct op *op);

#endif
