/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op.c - something that was asked for and takes time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/log.h>

#include "master/op.h"
#include "master/pool.h"

struct op *
op_new(struct master *m, const char *verb, void (*finish)(struct op *))
{
	struct op *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return NULL;
	op->errors = json_array();
	if (op->errors == NULL) {
		free(op);
		return NULL;
	}
	op->m = m;
	op->verb = verb;
	op->finish = finish;
	op->waits = 1;
	TAILQ_INSERT_TAIL(&m->ops, op, link);
	return op;
}

void
op_hold(struct op *op)
{
	op->waits++;
}

void
op_unhold(struct op *op)
{
	if (--op->waits > 0)
		return;
	op->finish(op);
	TAILQ_REMOVE(&op->m->ops, op, link);
	json_decref(op->errors);
	free(op);
}

void
op_error(struct op *op, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	op->failed++;
	if (json_array_size(op->errors) < OP_ERRORS_MAX)
		json_array_append_new(op->errors, json_string(text));
}

/* Say how it went, to the one who waits and no longer than that. */
static void
settle(struct slot_ctx *ctx, bool ok, const char *text)
{
	struct op *op = ctx->op;
	char name[96];

	ctx->op = NULL;
	if (ok)
		op->done++;
	else
		op_error(op, "%s: %s", slot_name(ctx, name), text);
	if (op->progress != NULL)
		op->progress(op, ctx, text);
	op_unhold(op);
}

void
op_wait(struct op *op, struct slot_ctx *ctx)
{
	op_hold(op);
	op->total++;
	if (ctx->op != NULL) {
		char text[96];

		snprintf(text, sizeof(text), "%s was overtaken by a %s",
		    ctx->op->verb, op->verb);
		settle(ctx, false, text);
	}
	ctx->op = op;
}

void
op_slot_settled(struct slot_ctx *ctx, bool ok)
{
	if (ctx->op != NULL)
		settle(ctx, ok,
		    ok ? slot_status_name(slot_status(&ctx->slot))
		       : ctx->failure);
}

json_t *
op_outcome(const struct op *op)
{
	return json_pack("{s:i, s:i, s:O}", "done", (int)op->done, "failed",
	    (int)op->failed, "errors", op->errors);
}
