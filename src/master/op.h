/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op.h - something that was asked for and takes time: a start, a reload, a
 * scale. It waits for slots; when the last has settled, its finish is called.
 */
#ifndef MASTER_OP_H
#define MASTER_OP_H

#include "master/master.h"

enum { OP_ERRORS_MAX = 100 };

struct op {
	TAILQ_ENTRY(op) link;
	struct master *m;
	const char *verb; /* constant: "reload" */
	unsigned waits;	  /* slots, rollouts and holds it waits for */
	unsigned total, done, failed;
	json_t *errors; /* owned: array of strings */
	/* Called once; frees nothing of the op. */
	void (*finish)(struct op *op);
	/* Called for every slot that settles; may be NULL. */
	void (*progress)(struct op *op, struct slot_ctx *ctx, const char *text);
	void *arg;
};

/* Held once by the caller, who lets go with op_unhold(). NULL: out of memory.
 */
struct op *op_new(
    struct master *m, const char *verb, void (*finish)(struct op *)) MUST_CHECK;
void op_hold(struct op *op);
void op_unhold(struct op *op); /* the last one finishes and frees it */

/* Wait for the slot. Who waited for it before is told that it was overtaken. */
void op_wait(struct op *op, struct slot_ctx *ctx);
/* The slot is where it should be, or is not: then ctx->failure says why. */
void op_slot_settled(struct slot_ctx *ctx, bool ok);

/* A failure that is not one slot's. */
void op_error(struct op *op, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* {"done","failed","errors"}; new reference. */
json_t *op_outcome(const struct op *op);

#endif
