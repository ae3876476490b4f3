/* SPDX-License-Identifier: Apache-2.0 */
/*
 * methods_change.c - the methods that change something. Each answers when the
 * thing is true or has failed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/log.h>

#include "master/apply.h"
#include "master/life.h"
#include "master/methods.h"
#include "master/op.h"
#include "master/pool.h"
#include "master/pool_roll.h"
#include "master/reload.h"
#include "master/selector.h"
#include "master/slot_run.h"

/* Who asked for the op, for as long as it runs. */
struct asker {
	struct master *m;
	struct ticket ticket;
	bool is_reload, is_shutdown;
	bool refused; /* answered already; nothing was begun */
};

static void
say_progress(struct op *op, struct slot_ctx *ctx, const char *text)
{
	struct asker *a = op->arg;
	char name[96], line[384];

	snprintf(line, sizeof(line), "%s: %s", slot_name(ctx, name), text);
	control_event(a->m, &a->ticket, "progress",
	    json_pack("{s:s, s:s, s:i, s:i, s:i}", "text", line, "app",
		ctx->pool->name, "instance", (int)ctx->slot.number, "done",
		(int)(op->done + op->failed), "total", (int)op->total));
}

static void
answer_asker(struct op *op)
{
	struct asker *a = op->arg;
	char message[128];

	if (!a->refused)
		log_info("%s by request: %u done, %u failed", op->verb,
		    op->done, op->failed);
	if (a->is_reload)
		reload_over(a->m);
	if (a->is_shutdown)
		life_end_when_gone(op);
	if (op->failed == 0) {
		control_answer(a->m, &a->ticket, op_outcome(op));
	} else {
		snprintf(message, sizeof(message), "%s: %u done, %u failed",
		    op->verb, op->done, op->failed);
		control_refuse(
		    a->m, &a->ticket, RPC_FAILED, message, op_outcome(op));
	}
	free(a);
}

/* An op that answers the ticket when it ends; NULL: refused already. */
static struct op *
begin(struct master *m, struct ticket *t, const char *verb)
{
	struct asker *a;
	struct op *op;

	if (m->state == MASTER_STOPPING) {
		control_refuse(m, t, RPC_BUSY, "clusterd is stopping", NULL);
		return NULL;
	}
	a = calloc(1, sizeof(*a));
	op = a != NULL ? op_new(m, verb, answer_asker) : NULL;
	if (op == NULL) {
		free(a);
		control_refuse(m, t, RPC_FAILED, "out of memory", NULL);
		return NULL;
	}
	a->m = m;
	a->ticket = *t;
	t->id = NULL; /* the asker has it now */
	op->arg = a;
	op->progress = say_progress;
	return op;
}

/* The call's selector, which must be given where `required`. */
static bool
resolve(struct master *m, struct ticket *t, json_t *params, bool required,
    struct selection *sel)
{
	json_t *text = json_object_get(params, "selector");
	char why[512];
	int rc;

	if ((text == NULL && required) ||
	    (text != NULL && !json_is_string(text))) {
		control_refuse(m, t, RPC_INVALID_PARAMS,
		    "\"selector\" must be a string", NULL);
		return false;
	}
	rc =
	    selector_resolve(m, json_string_value(text), sel, why, sizeof(why));
	if (rc != 0)
		control_refuse(m, t,
		    rc == -ENOENT ? RPC_NOT_FOUND : RPC_INVALID_PARAMS, why,
		    NULL);
	return rc == 0;
}

static bool
refuse_rolling(struct master *m, struct ticket *t, const struct selection *sel)
{
	char why[160];

	for (size_t i = 0; i < sel->count; i++) {
		const struct pool *p = sel->slots[i]->pool;

		if (p->rollout == NULL)
			continue;
		snprintf(why, sizeof(why),
		    "a reload of %s is under way; wait "
		    "for it, or stop it",
		    p->name);
		control_refuse(m, t, RPC_BUSY, why, NULL);
		return true;
	}
	return false;
}

/* The same request to every selected slot. */
static void
request_all(struct master *m, struct ticket *t, json_t *params,
    const char *verb, enum slot_event_type type)
{
	struct selection sel;
	struct op *op = NULL;

	if (!resolve(m, t, params, true, &sel))
		return;
	if (type == SLOT_EV_STOP || !refuse_rolling(m, t, &sel))
		op = begin(m, t, verb);
	if (op != NULL) {
		slot_run_begin(m);
		for (size_t i = 0; i < sel.count; i++) {
			if (type == SLOT_EV_STOP)
				pool_end_rollout(sel.slots[i]->pool);
			op_wait(op, sel.slots[i]);
			slot_request(sel.slots[i], type);
		}
		slot_run_end(m);
		op_unhold(op);
	}
	selection_fini(&sel);
}

void
method_start(struct master *m, struct ticket *t, json_t *params)
{
	request_all(m, t, params, "start", SLOT_EV_START);
}

void
method_stop(struct master *m, struct ticket *t, json_t *params)
{
	request_all(m, t, params, "stop", SLOT_EV_STOP);
}

void
method_restart(struct master *m, struct ticket *t, json_t *params)
{
	request_all(m, t, params, "restart", SLOT_EV_RESTART);
}

void
method_delete(struct master *m, struct ticket *t, json_t *params)
{
	struct pool *pools[APPS_MAX];
	struct selection sel;
	struct op *op;
	size_t n;

	if (!resolve(m, t, params, true, &sel))
		return;
	if (!sel.whole_pools) {
		control_refuse(m, t, RPC_INVALID_PARAMS,
		    "delete takes whole "
		    "apps; for one worker less use scale",
		    NULL);
		selection_fini(&sel);
		return;
	}
	n = selection_pools(&sel, pools);
	selection_fini(&sel);
	op = begin(m, t, "delete");
	if (op == NULL)
		return;
	slot_run_begin(m);
	for (size_t i = 0; i < n; i++) {
		log_info("%s: deleted by request", pools[i]->name);
		pool_retire(pools[i], op);
	}
	slot_run_end(m);
	op_unhold(op);
}

/* --- reload -------------------------------------------------------------- */

struct wanted {
	char names[APPS_MAX][APP_NAME_MAX];
	size_t count;
};

static bool
is_wanted(const char *app, void *arg)
{
	const struct wanted *w = arg;

	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->names[i], app) == 0)
			return true;
	return false;
}

static json_t *
errors_to_json(const struct config_errors *errors)
{
	json_t *list = json_array();

	for (size_t i = 0; i < errors->count && i < COUNT(errors->text); i++)
		json_array_append_new(list, json_string(errors->text[i]));
	return json_pack("{s:i, s:i, s:o}", "done", 0, "failed",
	    (int)errors->count, "errors", list);
}

static void
refuse_reload(struct op *op, int rc, const struct config_errors *errors)
{
	struct asker *a = op->arg;
	int code = rc == -EBUSY	   ? RPC_BUSY
		   : rc == -EINVAL ? RPC_CONFIG_INVALID
				   : RPC_FAILED;
	const char *message =
	    rc == -EBUSY ? "another reload, or the start, is under way"
	    : rc == -EINVAL
		? "the configuration is invalid; nothing was changed"
		: "nothing was changed";

	a->is_reload = false;
	a->refused = true;
	log_warning("reload by request: %s", message);
	control_refuse(a->m, &a->ticket, code, message,
	    rc == -EBUSY ? NULL : errors_to_json(errors));
}

static void
reload(struct master *m, struct ticket *t, const struct plan_scope *scope)
{
	struct op *op = begin(m, t, "reload");
	struct config_errors errors;
	int rc;

	if (op == NULL)
		return;
	((struct asker *)op->arg)->is_reload = true;
	config_errors_init(&errors);
	rc = reload_begin(m, scope, op, &errors);
	if (rc != 0)
		refuse_reload(op, rc, &errors);
	config_errors_fini(&errors);
	op_unhold(op);
}

void
method_reload(struct master *m, struct ticket *t, json_t *params)
{
	json_t *text = json_object_get(params, "selector");
	struct pool *pools[APPS_MAX];
	struct wanted wanted = { .count = 0 };
	struct plan_scope scope = { .only = is_wanted, .arg = &wanted };
	struct selection sel;

	if (text == NULL || (json_is_string(text) &&
				strcmp(json_string_value(text), "all") == 0)) {
		reload(m, t, NULL);
		return;
	}
	if (!resolve(m, t, params, true, &sel))
		return;
	wanted.count = selection_pools(&sel, pools);
	for (size_t i = 0; i < wanted.count; i++)
		snprintf(wanted.names[i], sizeof(wanted.names[i]), "%s",
		    pools[i]->name);
	selection_fini(&sel);
	reload(m, t, &scope);
}

/* --- scale --------------------------------------------------------------- */

/* One app is meant: the selected one, or the only one there is. */
static struct pool *
find_one_pool(struct master *m, struct ticket *t, json_t *params)
{
	struct pool *pools[APPS_MAX];
	struct selection sel;
	size_t n;

	if (!resolve(m, t, params, false, &sel))
		return NULL;
	n = selection_pools(&sel, pools);
	selection_fini(&sel);
	if (n == 1)
		return pools[0];
	control_refuse(m, t, n == 0 ? RPC_NOT_FOUND : RPC_INVALID_PARAMS,
	    n == 0 ? "there is no app to scale"
		   : "there are several apps: say which one to scale",
	    NULL);
	return NULL;
}

static json_int_t
clamp(json_int_t n, json_int_t min, json_int_t max)
{
	return n < min ? min : n > max ? max : n;
}

/* The number of workers that is asked for; -1: refused already. */
static int
wanted_count(
    struct master *m, struct ticket *t, json_t *params, const struct pool *p)
{
	json_t *to = json_object_get(params, "to");
	json_t *by = json_object_get(params, "by");
	json_int_t n;
	char why[160];

	if (json_is_integer(to) == json_is_integer(by)) {
		control_refuse(m, t, RPC_INVALID_PARAMS,
		    "scale needs \"to\" "
		    "(a number) or \"by\" (a signed number)",
		    NULL);
		return -1;
	}
	n = json_is_integer(to) ? json_integer_value(to)
				: (json_int_t)pool_count(p);
	if (json_is_integer(by)) /* beyond the bounds is far enough beyond */
		n += clamp(json_integer_value(by), -WORKERS_MAX, WORKERS_MAX);
	if (n >= 1 && n <= INSTANCES_MAX)
		return (int)n;
	snprintf(why, sizeof(why),
	    "%s would have %lld workers; it can have 1 "
	    "to %d (for none: stop)",
	    p->name, (long long)n, INSTANCES_MAX);
	control_refuse(m, t, RPC_INVALID_PARAMS, why, NULL);
	return -1;
}

void
method_scale(struct master *m, struct ticket *t, json_t *params)
{
	struct pool *p = find_one_pool(m, t, params);
	int count = p != NULL ? wanted_count(m, t, params, p) : -1;
	struct op *op;

	if (count < 0)
		return;
	if (p->rollout != NULL) {
		control_refuse(m, t, RPC_BUSY,
		    "a reload of it is under way; "
		    "wait for it, or stop it",
		    NULL);
		return;
	}
	op = begin(m, t, "scale");
	if (op == NULL)
		return;
	log_info(
	    "%s: scaled from %u to %d workers", p->name, pool_count(p), count);
	pool_scale(p, (uint32_t)count, p->edition, op);
	op_unhold(op);
}

/* --- the end ------------------------------------------------------------- */

void
method_kill(struct master *m, struct ticket *t, json_t *params)
{
	bool fast = json_is_true(json_object_get(params, "fast"));
	struct op *op;

	if (m->state == MASTER_STOPPING && fast) {
		life_shutdown(m, true, NULL); /* no more patience */
		control_answer(m, t,
		    json_pack(
			"{s:i, s:i, s:[]}", "done", 0, "failed", 0, "errors"));
		return;
	}
	op = begin(m, t, "kill");
	if (op == NULL)
		return;
	((struct asker *)op->arg)->is_shutdown = true;
	log_info("stopping by request");
	life_shutdown(m, fast, op);
	op_unhold(op);
}
