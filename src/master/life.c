/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life.c - the master's own life.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/clock.h>
#include <clusterd/log.h>
#include <clusterd/units.h>

#include "master/adopt.h"
#include "master/apply.h"
#include "master/control.h"
#include "master/generation.h"
#include "master/life.h"
#include "master/link.h"
#include "master/logs.h"
#include "master/op.h"
#include "master/pool.h"
#include "master/pool_roll.h"
#include "master/slot_run.h"
#include "master/sweep.h"

enum { EXIT_CONFIG = 4, EXTEND_US = 5 * 1000 * 1000 };

static const double extend_every_s = 1.0, end_check_s = 0.02;

static void
count_slots(struct master *m, unsigned *ready, unsigned *total)
{
	struct slot_ctx *ctx;
	struct pool *p;

	*ready = *total = 0;
	TAILQ_FOREACH (p, &m->pools, link)
		TAILQ_FOREACH (ctx, &p->slots, link) {
			*total += ctx->slot.goal == SLOT_UP;
			*ready += slot_status(&ctx->slot) == SLOT_READY ||
				  (slot_status(&ctx->slot) == SLOT_RELOADING &&
				      ctx->slot.current.state == WORKER_READY);
		}
}

/* READY=1 (or not) with a line of status for `systemctl status`. */
static void
tell_init(struct master *m, const char *prefix)
{
	unsigned ready, total, apps = 0;
	struct pool *p;

	TAILQ_FOREACH (p, &m->pools, link)
		apps++;
	count_slots(m, &ready, &total);
	link_notify(m, "%sSTATUS=%u apps, %u of %u workers ready", prefix, apps,
	    ready, total);
}

static void
on_watchdog(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	link_notify(t->data, "WATCHDOG=1");
}

static void
start_watchdog(struct master *m)
{
	double every = (double)m->options.watchdog_us / 2e6;

	if (m->options.watchdog_us <= 0)
		return;
	ev_timer_init(&m->watchdog, on_watchdog, 0., every);
	m->watchdog.data = m;
	ev_timer_start(m->loop, &m->watchdog);
}

/* A slow start is alive: init may wait longer. */
static void
on_extend(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	link_notify(t->data, "EXTEND_TIMEOUT_USEC=%d", EXTEND_US);
}

static void
start_extending(struct master *m)
{
	ev_timer_init(&m->extend, on_extend, extend_every_s, extend_every_s);
	m->extend.data = m;
	ev_timer_start(m->loop, &m->extend);
}

static void
quit(struct master *m, int status)
{
	m->exit_status = status;
	ev_break(m->loop, EVBREAK_ALL);
}

static void
print_errors(const struct config_errors *errors)
{
	size_t kept = errors->count < COUNT(errors->text) ? errors->count
							  : COUNT(errors->text);

	for (size_t i = 0; i < kept; i++)
		log_error("%s", errors->text[i]);
	if (errors->count > kept)
		log_error("... and %zu more", errors->count - kept);
}

static void signal_reload(struct master *m);

/* --- start --------------------------------------------------------------- */

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
	tell_init(m, "READY=1\n");
	if (m->reload_again) { /* a HUP came while it started */
		m->reload_again = false;
		signal_reload(m);
	}
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
		print_errors(&errors);
	config_errors_fini(&errors);
	op = plan != NULL ? op_new(m, "start", start_finished) : NULL;
	if (op == NULL) {
		quit(m, plan == NULL && invalid ? EXIT_CONFIG : 1);
		return;
	}
	link_value(m, ORDER_RUNNING, 0);
	start_extending(m);
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
	tell_init(m, "READY=1\n");
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
	start_extending(m);
	wait_for_asked(m, op);
	op_unhold(op);
}

void
life_begin(struct master *m)
{
	if (m->begun)
		return;
	m->begun = true;
	start_watchdog(m);
	if (m->options.restarted)
		begin_again(m);
	else
		begin_fresh(m);
	if (m->exit_status == 0 && control_start(m) != 0)
		quit(m, 1);
}

/* --- reload -------------------------------------------------------------- */

int
life_reload(struct master *m, const struct plan_scope *scope, struct op *op,
    struct config_errors *errors)
{
	struct plan *plan;
	bool invalid;

	if (m->reload != NULL || m->state != MASTER_RUNNING)
		return -EBUSY;
	plan = plan_make(m, scope, errors, &invalid);
	if (plan == NULL)
		return invalid ? -EINVAL : -EIO;
	m->reload = op;
	link_notify(m, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reloading",
	    (long long)clock_mono_us());
	plan_execute(m, plan, op);
	return 0;
}

void
life_reload_over(struct master *m)
{
	m->reload = NULL;
	if (m->state != MASTER_RUNNING)
		return;
	tell_init(m, "READY=1\n");
	if (m->reload_again) {
		m->reload_again = false;
		signal_reload(m);
	}
}

static void
signal_reload_finished(struct op *op)
{
	struct master *m = op->m;

	if (m->reload != op)
		return; /* it was refused: all is said */
	if (op->failed > 0)
		log_error("the reload has failed: %u workers replaced, "
			  "%u failures",
		    op->done, op->failed);
	else
		log_info("reloaded: %u workers", op->done);
	life_reload_over(m);
}

static void
signal_reload(struct master *m)
{
	struct config_errors errors;
	struct op *op = op_new(m, "reload", signal_reload_finished);
	int rc;

	if (op == NULL)
		return;
	config_errors_init(&errors);
	rc = life_reload(m, NULL, op, &errors);
	if (rc == -EBUSY) {
		m->reload_again = m->state != MASTER_STOPPING;
	} else if (rc != 0) {
		print_errors(&errors);
		log_error("nothing is reloaded; what runs goes on");
		tell_init(m, "READY=1\n");
	}
	config_errors_fini(&errors);
	op_unhold(op);
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

/* --- signals ------------------------------------------------------------- */

static void
on_graceful(struct master *m)
{
	log_info("stopping: workers finish what they have begun");
	life_shutdown(m, false, NULL);
}

static void
on_fast(struct master *m)
{
	log_info("stopping fast");
	life_shutdown(m, true, NULL);
}

static void
scale_finished(struct op *op)
{
	if (op->failed > 0)
		log_warning("scaled, but %u workers did not start", op->failed);
}

static void
scale_by(struct master *m, int by)
{
	struct pool *p = TAILQ_FIRST(&m->pools);
	uint32_t have;
	struct op *op;

	if (p == NULL || TAILQ_NEXT(p, link) != NULL) {
		log_warning("a signal can scale only when there is one app; "
			    "say which: clusterctl scale APP %+d",
		    by);
		return;
	}
	have = pool_count(p);
	if (p->rollout != NULL || (by < 0 && have <= 1) ||
	    have >= INSTANCES_MAX || m->state != MASTER_RUNNING)
		return;
	op = op_new(m, "scale", scale_finished);
	if (op == NULL)
		return;
	log_info("%s: scaled from %u to %u workers by a signal", p->name, have,
	    have + (uint32_t)by);
	pool_scale(p, have + (uint32_t)by, p->edition, op);
	op_unhold(op);
}

static void
on_scale_up(struct master *m)
{
	scale_by(m, 1);
}

static void
on_scale_down(struct master *m)
{
	scale_by(m, -1);
}

static void
on_reopen(struct master *m)
{
	log_reopen();
	log_info("log files are opened anew");
	logs_reopen(m);
}

static const struct {
	int signo;
	void (*act)(struct master *);
} signals[] = {
	{ SIGHUP, signal_reload },
	{ SIGTERM, on_graceful },
	{ SIGINT, on_graceful },
	{ SIGQUIT, on_fast },
	{ SIGUSR1, on_reopen },
	{ SIGTTIN, on_scale_up },
	{ SIGTTOU, on_scale_down },
};

void
life_signal(struct master *m, int signo)
{
	for (size_t i = 0; i < COUNT(signals); i++)
		if (signals[i].signo == signo)
			signals[i].act(m);
}
