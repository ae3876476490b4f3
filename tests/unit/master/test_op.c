/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_op.c - waiting for slots and telling how it went, once.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "master/op.h"
#include "master_rig.h"

static struct master *m;
static struct pool *p;
static int finished, progressed;
static char outcome[4096], progress[128];

static void
on_finish(struct op *op)
{
	json_t *o = op_outcome(op);
	char *text = json_dumps(o, JSON_COMPACT);

	finished++;
	snprintf(outcome, sizeof(outcome), "%s", text);
	free(text);
	json_decref(o);
}

static void
on_progress(struct op *op, struct slot_ctx *ctx, const char *text)
{
	(void)op;
	progressed++;
	snprintf(progress, sizeof(progress), "%u %s", ctx->slot.number, text);
}

static void
set_up(void)
{
	m = master_rig_new("apps: [{name: api, script: x.js}]");
	p = master_rig_pool(m, "api", 3);
}

static void
tear_down(void)
{
	master_rig_free(m);
}

TestSuite(op, .init = set_up, .fini = tear_down);

Test(op, one_without_work_finishes_when_it_is_let_go)
{
	struct op *op = op_new(m, "reload", on_finish);

	cr_assert_eq(finished, 0);
	op_unhold(op);
	cr_assert_eq(finished, 1);
	cr_assert_str_eq(outcome, "{\"done\":0,\"failed\":0,\"errors\":[]}");
	cr_assert(TAILQ_EMPTY(&m->ops));
}

Test(op, it_waits_for_every_slot)
{
	struct op *op = op_new(m, "start", on_finish);

	op->progress = on_progress;
	for (unsigned i = 0; i < 3; i++)
		op_wait(op, master_rig_slot(p, i));
	op_unhold(op);
	op_slot_settled(master_rig_slot(p, 1), true);
	cr_assert_str_eq(progress, "1 stopped");
	op_slot_settled(master_rig_slot(p, 1), true); /* nobody waits now */
	op_slot_settled(master_rig_slot(p, 0), true);
	cr_assert_eq(finished, 0);
	snprintf(master_rig_slot(p, 2)->failure, 256, "exited with status 1");
	op_slot_settled(master_rig_slot(p, 2), false);
	cr_assert_eq(finished, 1);
	cr_assert_eq(progressed, 3);
	cr_assert_str_eq(outcome, "{\"done\":2,\"failed\":1,\"errors\":"
				  "[\"api[2]: exited with status 1\"]}");
}

Test(op, a_newer_one_overtakes)
{
	struct op *start = op_new(m, "start", on_finish);
	struct op *stop = op_new(m, "stop", on_finish);

	op_wait(start, master_rig_slot(p, 0));
	op_unhold(start);
	op_wait(stop, master_rig_slot(p, 0));
	cr_assert_eq(finished, 1);
	cr_assert_not_null(
	    strstr(outcome, "start was overtaken by a stop"), "%s", outcome);
	op_unhold(stop);
	cr_assert_eq(finished, 1);
	op_slot_settled(master_rig_slot(p, 0), true);
	cr_assert_eq(finished, 2);
	cr_assert_str_eq(outcome, "{\"done\":1,\"failed\":0,\"errors\":[]}");
}

Test(op, it_may_overtake_itself)
{
	struct op *op = op_new(m, "scale", on_finish);

	op_wait(op, master_rig_slot(p, 0));
	op_wait(op, master_rig_slot(p, 0));
	op_unhold(op);
	cr_assert_eq(finished, 0);
	op_slot_settled(master_rig_slot(p, 0), true);
	cr_assert_eq(finished, 1);
}

Test(op, a_hold_keeps_it_open)
{
	struct op *op = op_new(m, "reload", on_finish);

	op_hold(op);
	op_unhold(op);
	cr_assert_eq(finished, 0);
	op_unhold(op);
	cr_assert_eq(finished, 1);
}

Test(op, errors_are_counted_but_not_all_kept)
{
	struct op *op = op_new(m, "reload", on_finish);

	for (int i = 0; i < OP_ERRORS_MAX + 50; i++)
		op_error(op, "error %d", i);
	cr_assert_eq(op->failed, OP_ERRORS_MAX + 50);
	cr_assert_eq(json_array_size(op->errors), OP_ERRORS_MAX);
	op_unhold(op);
	cr_assert_eq(finished, 1);
}

Test(op, an_error_that_is_not_text_is_one_all_the_same)
{
	struct op *op = op_new(m, "reload", on_finish);

	op_error(op, "bad byte \xff");
	op_unhold(op);
	cr_assert_eq(finished, 1);
}
