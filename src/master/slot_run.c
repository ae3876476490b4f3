/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_run.c - a slot in the world.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <clusterd/clock.h>
#include <clusterd/log.h>
#include <clusterd/units.h>

#include "master/generation.h"
#include "master/op.h"
#include "master/pool.h"
#include "master/pool_roll.h"
#include "master/slot_run.h"
#include "master/worker.h"

/* Can two workers of these editions serve side by side? */
static bool
can_overlap(const struct edition *a, const struct edition *b)
{
	return a->app->exec_mode == EXEC_CLUSTER &&
	       b->app->exec_mode == EXEC_CLUSTER;
}

static struct slot_policy
policy_of(const struct slot_ctx *ctx)
{
	const struct edition *now = ctx->edition;
	const struct edition *next =
	    ctx->next_edition != NULL ? ctx->next_edition : now;

	return (struct slot_policy){
		.listen_timeout_ms = next->app->listen_timeout_ms,
		.min_uptime_ms = next->app->min_uptime_ms,
		.kill_timeout_ms = now->app->kill_timeout_ms,
		.overlap = can_overlap(now, next),
		.ready_started = next->app->ready == READY_STARTED,
	};
}

static void
defer(struct slot_ctx *ctx, struct slot_event event)
{
	if (ctx->n_deferred < COUNT(ctx->deferred))
		ctx->deferred[ctx->n_deferred++] = event;
}

static void
perform_spawn(struct slot_ctx *ctx, struct slot_worker *sw)
{
	struct edition *e =
	    ctx->next_edition != NULL ? ctx->next_edition : ctx->edition;

	if (worker_spawn(ctx, sw, e) != 0)
		defer(ctx, (struct slot_event){ .type = SLOT_EV_EXITED,
			       .uid = sw->uid,
			       .unborn = true });
}

static struct worker *
find_worker(struct slot_ctx *ctx, const struct slot_worker *sw)
{
	struct worker *w =
	    sw->proc < WORKERS_MAX ? ctx->pool->m->workers[sw->proc] : NULL;

	return w != NULL && w->uid == sw->uid ? w : NULL;
}

/* "exited with status 1", "was killed by SIGSEGV" */
static void
describe_exit(int status, char *out, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(out, size, "was killed by SIG%s%s",
		    sigabbrev_np(WTERMSIG(status)) != NULL
			? sigabbrev_np(WTERMSIG(status))
			: "?",
		    WCOREDUMP(status) ? " (core dumped)" : "");
	else
		snprintf(
		    out, size, "exited with status %d", WEXITSTATUS(status));
}

/* "; next start in 200 ms", or nothing while it is not known whether there is
 * anything to stay for (life.c). */
static void
say_next_start(struct slot_ctx *ctx, char *out, size_t size)
{
	const struct slot *s = &ctx->slot;
	char delay[32];

	out[0] = '\0';
	if (ctx->pool->m->state == MASTER_STARTING)
		return;

	if (s->current.state == WORKER_READY ||
	    s->current.state == WORKER_DRAINING) {
		snprintf(out, size, "; the worker before it serves on");
	} else if (s->current.state != WORKER_NONE) {
		snprintf(out, size, "; its successor is starting already");
	} else if (s->retry_ms == SLOT_NEVER) {
		snprintf(out, size, "; not started again");
	} else {
		units_format_ms(
		    s->retry_ms - clock_mono_ms(), delay, sizeof(delay));
		snprintf(out, size, "; next start %s%s",
		    s->retry_ms > clock_mono_ms() ? "in " : "now",
		    s->retry_ms > clock_mono_ms() ? delay : "");
	}
}

static void
say_crashed(struct slot_ctx *ctx, const struct slot_action *a)
{
	char name[96], how[64], next[64], up[32];

	describe_exit(a->status, how, sizeof(how));
	snprintf(ctx->failure, sizeof(ctx->failure), "%s", how);
	say_next_start(ctx, next, sizeof(next));
	units_format_ms(clock_mono_ms() - a->copy.spawned_ms, up, sizeof(up));
	log_warning("%s: %s after %s%s", slot_name(ctx, name), how, up, next);
}

static void
say_failed(struct slot_ctx *ctx, const struct slot_action *a)
{
	const struct edition *e =
	    ctx->next_edition != NULL ? ctx->next_edition : ctx->edition;
	char name[96], how[64], after[32], next[64];

	if (a->timeout) {
		units_format_ms(
		    e->app->listen_timeout_ms, after, sizeof(after));
		snprintf(ctx->failure, sizeof(ctx->failure),
		    "was not ready "
		    "within %s (listen_timeout)%s",
		    after,
		    e->app->ready == READY_LISTENING
			? ": it did not listen on "
			  "any port; if it serves none, set \"ready: started\""
			: "");
	} else if (!a->unborn) {
		describe_exit(a->status, how, sizeof(how));
		snprintf(ctx->failure, sizeof(ctx->failure),
		    "%s before it was ready", how);
	} /* else: worker_spawn() or the keeper's report has said why */
	say_next_start(ctx, next, sizeof(next));
	log_error("%s: start failed: %s%s", slot_name(ctx, name), ctx->failure,
	    a->timeout ? "; it is killed" : next);
}

static void
say_ready(struct slot_ctx *ctx, const struct slot_action *a)
{
	struct worker *w = find_worker(ctx, &a->copy);
	char name[96], took[32];

	if (w == NULL)
		return;
	w->boot_ms = a->copy.ready_ms - a->copy.spawned_ms;
	if (w->ready_by == NULL)
		w->ready_by = "started";
	ev_timer_stop(ctx->pool->m->loop, &w->accept_timer);
	ctx->failure[0] = '\0';
	units_format_ms(w->boot_ms, took, sizeof(took));
	log_info("%s: ready after %s (pid %d)", slot_name(ctx, name), took,
	    (int)worker_pid(w));
}

static void
mark_settled(struct slot_ctx *ctx, bool ok)
{
	struct master *m = ctx->pool->m;

	ctx->settled_ok = ok;
	if (ctx->is_settled)
		return;
	ctx->is_settled = true;
	TAILQ_INSERT_TAIL(&m->settled, ctx, settled_link);
}

static void
perform_on_worker(struct slot_ctx *ctx, const struct slot_action *a)
{
	struct worker *w = find_worker(ctx, &a->copy);

	if (w == NULL)
		return;
	switch (a->type) {
	case SLOT_ACT_DRAIN:
		if (!worker_drain(w)) /* it does not listen to us: signal */
			defer(ctx, (struct slot_event){ .type = SLOT_EV_DRAINED,
				       .uid = w->uid });
		break;
	case SLOT_ACT_STOP:
		worker_stop(w);
		break;
	default:
		worker_kill(w);
		break;
	}
}

static void
perform(struct slot_ctx *ctx, const struct slot_action *a)
{
	switch (a->type) {
	case SLOT_ACT_SPAWN:
		perform_spawn(ctx, a->worker);
		break;
	case SLOT_ACT_DRAIN:
	case SLOT_ACT_STOP:
	case SLOT_ACT_KILL:
		perform_on_worker(ctx, a);
		break;
	case SLOT_ACT_SAY_READY:
		say_ready(ctx, a);
		break;
	case SLOT_ACT_SAY_CRASHED:
		say_crashed(ctx, a);
		break;
	case SLOT_ACT_SAY_FAILED:
		say_failed(ctx, a);
		break;
	case SLOT_ACT_DONE:
	case SLOT_ACT_DOWN:
		mark_settled(ctx, true);
		break;
	case SLOT_ACT_NOT_DONE:
		mark_settled(ctx, false);
		break;
	}
}

/* A new worker of the new edition serves: the slot is of that edition now. */
static void
adopt_edition(struct slot_ctx *ctx, bool ok)
{
	struct master *m = ctx->pool->m;
	struct edition *gone;

	if (ctx->next_edition == NULL)
		return;
	gone = ok ? ctx->edition : ctx->next_edition;
	if (ok)
		ctx->edition = ctx->next_edition;
	ctx->next_edition = NULL;
	edition_unref(m, gone);
}

static void
settle_one(struct slot_ctx *ctx)
{
	bool ok = ctx->settled_ok, rolled = ctx->in_rollout;
	bool down = ctx->slot.goal == SLOT_DOWN;

	ctx->in_rollout = false;
	adopt_edition(ctx, ok && !down);
	op_slot_settled(ctx, ok);
	if (rolled)
		pool_rollout_result(ctx->pool, ok);
	if (ctx->slot.removing && down && slot_is_empty(&ctx->slot))
		pool_drop_slot(ctx);
}

/* With m->depth held, so that what this sets off joins the same queue. */
static void
settle_all(struct master *m)
{
	struct slot_ctx *ctx;

	while ((ctx = TAILQ_FIRST(&m->settled)) != NULL) {
		TAILQ_REMOVE(&m->settled, ctx, settled_link);
		ctx->is_settled = false;
		settle_one(ctx);
	}
}

void
slot_run_begin(struct master *m)
{
	m->depth++;
}

void
slot_run_end(struct master *m)
{
	if (m->depth == 1)
		settle_all(m);
	m->depth--;
}

static void
on_timer(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	slot_request(t->data, SLOT_EV_TICK);
}

void
slot_run_init(struct slot_ctx *ctx)
{
	ev_timer_init(&ctx->timer, on_timer, 0, 0);
	ctx->timer.data = ctx;
}

void
slot_run_commit(struct slot_ctx *ctx)
{
	_Static_assert(sizeof(ctx->slot) <= SLOT_RECORD_SIZE,
	    "a slot must fit its record");
	scoreboard_slot_commit(
	    ctx->pool->m->board, ctx->record, &ctx->slot, sizeof(ctx->slot));
}

void
slot_run_arm(struct slot_ctx *ctx)
{
	struct master *m = ctx->pool->m;
	int64_t at = slot_deadline(&ctx->slot);
	int64_t in_ms = at - clock_mono_ms();

	ev_timer_stop(m->loop, &ctx->timer);
	if (at == SLOT_NEVER)
		return;
	/* libev counts from the loop's idea of now, which may lag behind. */
	ev_now_update(m->loop);
	ev_timer_set(&ctx->timer, in_ms > 0 ? (double)in_ms / 1e3 : 0., 0.);
	ev_timer_start(m->loop, &ctx->timer);
}

static void
feed(struct slot_ctx *ctx, const struct slot_event *event)
{
	struct slot_policy policy = policy_of(ctx);
	struct slot_actions actions = { .count = 0 };

	slot_handle(&ctx->slot, &policy, event, clock_mono_ms(), &actions);
	slot_run_commit(ctx);
	for (size_t i = 0; i < actions.count; i++)
		perform(ctx, &actions.list[i]);
}

void
slot_event(struct slot_ctx *ctx, const struct slot_event *event)
{
	struct master *m = ctx->pool->m;

	slot_run_begin(m);
	feed(ctx, event);
	for (size_t i = 0; i < ctx->n_deferred; i++) {
		struct slot_event deferred = ctx->deferred[i];

		feed(ctx, &deferred);
	}
	ctx->n_deferred = 0;
	slot_run_arm(ctx);
	slot_run_end(m); /* may free ctx */
}

void
slot_request(struct slot_ctx *ctx, enum slot_event_type type)
{
	slot_event(ctx, &(struct slot_event){ .type = type });
}
