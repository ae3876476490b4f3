/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_roll.c - a rollout over a pool.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <clusterd/log.h>

#include "master/generation.h"
#include "master/op.h"
#include "master/pool.h"
#include "master/pool_roll.h"
#include "master/slot_run.h"

static void
set_edition(struct master *m, struct edition **where, struct edition *e)
{
	struct edition *old = *where;

	*where = edition_ref(e);
	edition_unref(m, old);
}

/* Slots without a worker have nothing to replace: they change at the end. */
static void
move_stopped(struct pool *p, struct edition *e)
{
	struct slot_ctx *ctx;

	TAILQ_FOREACH (ctx, &p->slots, link)
		if (ctx->slot.goal == SLOT_DOWN)
			set_edition(p->m, &ctx->edition, e);
}

static void
finish(struct pool *p)
{
	struct pool_rollout *r = p->rollout;
	const struct rollout *plan = &r->plan;
	struct op *op = r->op;

	p->rollout = NULL;
	if (rollout_succeeded(plan)) {
		set_edition(p->m, &p->edition, r->edition);
		move_stopped(p, r->edition);
	} else {
		op_error(op,
		    "%s: the reload ended after %u of %u workers; "
		    "the others keep serving the version they had",
		    p->name, plan->done, plan->total);
		log_error("%s: the reload has failed after %u of %u workers; "
			  "the others keep serving the version they had",
		    p->name, plan->done, plan->total);
	}
	edition_unref(p->m, r->edition);
	free(r->items);
	free(r);
	op_unhold(op);
}

/* Begin what the plan allows now. An item that is no longer there (its slot was
 * removed meanwhile) ends the plan. */
static void
advance(struct pool *p)
{
	struct pool_rollout *r = p->rollout;
	int i;

	while ((i = rollout_next(&r->plan)) != -1) {
		struct slot_ctx *ctx = r->items[i];

		op_wait(r->op, ctx);
		set_edition(p->m, &ctx->next_edition, r->edition);
		ctx->in_rollout = true;
		snprintf(ctx->failure, sizeof(ctx->failure),
		    "another change of it is under way");
		slot_request(ctx, SLOT_EV_REPLACE);
	}
	if (rollout_is_over(&r->plan))
		finish(p);
}

static int
collect(struct pool *p, struct pool_rollout *r)
{
	struct slot_ctx *ctx;
	uint32_t n = 0;

	r->items = calloc(p->n_slots + 1, sizeof(struct slot_ctx *));
	if (r->items == NULL)
		return -ENOMEM;
	TAILQ_FOREACH (ctx, &p->slots, link) {
		if (!ctx->slot.removing && ctx->slot.goal == SLOT_UP)
			r->items[n++] = ctx;
	}
	return (int)n;
}

int
pool_roll(struct pool *p, struct edition *edition, struct op *op)
{
	struct pool_rollout *r;
	int n;

	if (p->rollout != NULL)
		return -EBUSY;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return -ENOMEM;
	r->edition = edition_ref(edition);
	n = collect(p, r);
	if (n < 0) {
		edition_unref(p->m, r->edition);
		free(r);
		return n;
	}
	r->op = op;
	op_hold(op);
	rollout_init(&r->plan, (uint32_t)n, (uint32_t)edition->app->max_surge);
	p->rollout = r;
	slot_run_begin(p->m);
	advance(p);
	slot_run_end(p->m);
	return 0;
}

void
pool_rollout_result(struct pool *p, bool ok)
{
	if (p->rollout == NULL)
		return;
	rollout_result(&p->rollout->plan, ok);
	advance(p);
}

void
pool_end_rollout(struct pool *p)
{
	if (p->rollout != NULL)
		rollout_end(&p->rollout->plan);
}
