/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life.c - the master's own life: its start and its end.
 */
#include <clusterd/clock.h>
#include <clusterd/log.h>
#include <clusterd/units.h>

#include "master/adopt.h"
#include "master/apply.h"
#include "master/control.h"
#include "master/life.h"
#include "master/link.h"
#include "master/op.h"
#include "master/pool_roll.h"
#include "master/reload.h"
#include "master/slot_run.h"
#include "master/sweep.h"
#include "master/tell_init.h"

enum { EXIT_CONFIG = 4 };

static const double end_check_s = 0.02;

static void
quit(struct master *m, int status)
{
	m->exit_status = status;
	ev_break(m->loop, EVBREAK_ALL);
}

/* A broken app holds back only itself; but when nothing at all has come up
 * there is nothing to stay for. */
static void
start_finished(struct op *op)
{
	struct master *m = op->m;
	char took[32];

	ev_timer_stop(m->loop, &m->extend);
	if (m->state != MASTER_STARTING)
		return; /* it was told to end meanwhile */
	m->state = MASTER_RUNNING;
	units_format_ms(clock_mono_ms() - m->start_ms, took, sizeof(took));
	if (op->failed > 0 && op->done == 0) {
		log_error("nothing could be started; clusterd ends");
		m->exit_status = 1;
		life_shutdown(m, false, NULL);
		return;
	}
	if (op->failed > 0)
		log_warning("%u of %u workers are ready after %s; the others "
			    "are tried again",
		    op->done, op->total, took);
	else
		log_info("%u of %u workers are ready after %s", op->done,
		    op->total, took);
	link_value(m, ORDER_STARTED, op->failed > 0 ? 1 : 0);
	tell_init_status(m, "READY=1\n");
	reload_remembered(m); /* a HUP may have come while it started */
}

static void
begin_fresh(struct master *m)
{
	struct config_errors errors;
	struct plan *plan;
	struct op *op;
	bool invalid;

	config_errors_init(&errors);
	plan = plan_make(m, NULL, &errors, &invalid);
	if (plan == NULL)
		log_config_errors(&errors);
	config_errors_fini(&errors);
	op = plan != NULL ? op_new(m, "start", start_finished) : NULL;
	if (op == NULL) {
		quit(m, plan == NULL && invalid ? EXIT_CONFIG : 1);
		return;
	}
	link_value(m, ORDER_RUNNING, 0);
	tell_init_to_wait(m);
	plan_execute(m, plan, op);
	op_unhold(op);
}

static void
start_again_finished(struct op *op)
{
	struct master *m = op->m;

	if (m->state != MASTER_RUNNING)
		return;
	ev_timer_stop(m->loop, &m->extend);
	link_value(m, ORDER_STARTED, op->failed > 0 && op->done == 0 ? 1 : 0);
	tell_init_status(m, "READY=1\n");
}

/* The master before us may have died while everything started: who waits for
 * clusterd is told once what was asked for is true. */
static void
wait_for_asked(struct master *m, struct op *op)
{
	struct slot_ctx *ctx;
	struct pool *p;

	TAILQ_FOREACH (p, &m->pools, link)
		TAILQ_FOREACH (ctx, &p->slots, link)
			if (ctx->slot.asked && ctx->slot.goal == SLOT_UP)
				op_wait(op, ctx);
}

static void
begin_again(struct master *m)
{
	struct op *op;

	if (adopt_all(m) != 0) {
		quit(m, 1);
		return;
	}
	m->state = MASTER_RUNNING;
	link_drop_unclaimed(m);
	op = op_new(m, "start", start_again_finished);
	if (op == NULL) {
		quit(m, 1);
		return;
	}
	tell_init_to_wait(m);
	wait_for_asked(m, op);
	op_unhold(op);
}

void
life_begin(struct master *m)
{
	if (m->begun)
		return;
	m->begun = true;
	tell_init_watchdog(m);
	if (m->options.restarted)
		begin_again(m);
	else
		begin_fresh(m);
	if (m->exit_status == 0 && control_start(m) != 0)
		quit(m, 1);
}

/* --- the end ------------------------------------------------------------- */

static bool
all_gone(const struct master *m)
{
	uint32_t high = atomic_load(&m->board->procs_high);

	for (uint32_t i = 0; i < high; i++)
		if (m->workers[i] != NULL)
			return false;
	return sweep_is_idle(m);
}

static void
on_end_check(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct master *m = t->data;

	(void)revents;
	if (!all_gone(m) || !control_is_flushed(m))
		return;
	ev_timer_stop(loop, t);
	quit(m, m->exit_status);
}

static void
shutdown_finished(struct op *op)
{
	struct master *m = op->m;

	log_info("all workers have gone");
	ev_timer_init(&m->extend, on_end_check, 0., end_check_s);
	m->extend.data = m;
	ev_timer_start(m->loop, &m->extend);
}

static void
stop_slots(struct master *m, enum slot_event_type how, struct op *op)
{
	struct slot_ctx *ctx;
	struct pool *p;

	slot_run_begin(m);
	TAILQ_FOREACH (p, &m->pools, link) {
		pool_end_rollout(p);
		TAILQ_FOREACH (ctx, &p->slots, link) {
			if (op != NULL)
				op_wait(op, ctx);
			slot_request(ctx, how);
		}
	}
	slot_run_end(m);
}

void
life_shutdown(struct master *m, bool fast, struct op *waiter)
{
	enum slot_event_type how = fast ? SLOT_EV_STOP_FAST : SLOT_EV_STOP;
	struct op *op;

	if (m->state == MASTER_STOPPING) {
		if (fast)
			stop_slots(m, how, NULL);
		return;
	}
	m->state = MASTER_STOPPING;
	link_notify(m, "STOPPING=1\nSTATUS=Stopping");
	ev_timer_stop(m->loop, &m->extend);
	op = waiter != NULL ? waiter : op_new(m, "stop", shutdown_finished);
	if (op == NULL) {
		quit(m, 1);
		return;
	}
	stop_slots(m, how, op);
	if (waiter == NULL)
		op_unhold(op);
}

void
life_end_when_gone(struct op *op)
{
	shutdown_finished(op);
}
