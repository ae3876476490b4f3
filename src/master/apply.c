/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.c - a configuration made true.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <clusterd/log.h>

#include "master/apply.h"
#include "master/generation.h"
#include "master/link.h"
#include "master/pool.h"
#include "master/pool_roll.h"
#include "master/slot_run.h"

struct plan {
	struct generation *gen;	   /* counted */
	struct edition **editions; /* counted; by app, NULL: out of scope */
	bool whole;		   /* all apps: what is not named goes */
};

static void
plan_free(struct master *m, struct plan *plan)
{
	if (plan->editions != NULL)
		for (size_t i = 0; i < plan->gen->config->n_apps; i++)
			edition_unref(m, plan->editions[i]);
	free(plan->editions);
	generation_unref(plan->gen);
	free(plan);
}

static bool
in_scope(const struct plan_scope *scope, const char *app)
{
	return scope == NULL || scope->only == NULL ||
	       scope->only(app, scope->arg);
}

static struct config *
load(struct master *m, struct config_errors *errors)
{
	struct config *config;
	int rc = config_load(
	    m->options.config_path, m->options.env_name, &config, errors);

	if (rc == -ENOMEM)
		config_errors_add(errors, m->options.config_path,
		    (struct config_pos){ 0, 0 }, "out of memory");
	if (rc != 0)
		return NULL;
	if (config_check_programs(config, errors) == 0)
		return config;
	config_free(config);
	return NULL;
}

static struct plan *
plan_new(struct master *m, struct config *config)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (plan == NULL) {
		config_free(config);
		return NULL;
	}
	plan->gen = generation_new(
	    atomic_fetch_add(&m->board->next_generation, 1), config);
	if (plan->gen == NULL) {
		config_free(config);
		free(plan);
		return NULL;
	}
	plan->editions = calloc(config->n_apps + 1, sizeof(struct edition *));
	if (plan->editions == NULL) {
		plan_free(m, plan);
		return NULL;
	}
	return plan;
}

/* Bind what is new. An address may move from one app to another. */
static int
plan_bind(struct master *m, struct plan *plan, const struct plan_scope *scope,
    struct config_errors *errors)
{
	const struct config *config = plan->gen->config;

	for (size_t i = 0; i < config->n_apps; i++) {
		const struct app_config *app = &config->apps[i];
		struct pool *p = pool_find(m, app->name);

		if (!in_scope(scope, app->name))
			continue;
		plan->editions[i] = edition_new(
		    m, plan->gen, app, p != NULL ? p->edition : NULL, errors);
		if (plan->editions[i] == NULL)
			return -EINVAL;
	}
	return 0;
}

struct plan *
plan_make(struct master *m, const struct plan_scope *scope,
    struct config_errors *errors, bool *invalid)
{
	struct config *config = load(m, errors);
	struct plan *plan;

	*invalid = true;
	if (config == NULL)
		return NULL;
	*invalid = false;
	plan = plan_new(m, config);
	if (plan == NULL) {
		config_errors_add(
		    errors, NULL, (struct config_pos){ 0, 0 }, "out of memory");
		return NULL;
	}
	plan->whole = scope == NULL || scope->only == NULL;
	plan->gen->whole = plan->whole;
	if (plan_bind(m, plan, scope, errors) != 0) {
		plan_free(m, plan);
		return NULL;
	}
	return plan;
}

static void
grow(struct pool *p, uint32_t by, struct edition *edition, struct op *op)
{
	while (by-- > 0) {
		struct slot_ctx *ctx = pool_add_slot(p);

		if (ctx == NULL) {
			op_error(op, "%s: no room for more than %d workers",
			    p->name, WORKERS_MAX);
			return;
		}
		edition_unref(p->m, ctx->edition);
		ctx->edition = edition_ref(edition);
		op_wait(op, ctx);
		slot_request(ctx, SLOT_EV_START);
	}
}

static void
shrink(struct pool *p, uint32_t by, struct op *op)
{
	while (by-- > 0) {
		struct slot_ctx *ctx = pool_last_slot(p);

		if (ctx == NULL)
			return;
		ctx->slot.removing = true;
		op_wait(op, ctx);
		slot_request(ctx, SLOT_EV_STOP);
	}
}

void
pool_scale(
    struct pool *p, uint32_t count, struct edition *edition, struct op *op)
{
	uint32_t have = pool_count(p);

	slot_run_begin(p->m);
	if (count > have)
		grow(p, count - have, edition, op);
	else
		shrink(p, have - count, op);
	slot_run_end(p->m);
}

/* Keep the text that is in force in the keeper, for the next master. Not what
 * the file is by now: somebody may be writing it. */
static void
keep_config(struct master *m, const struct config *config, const char *name)
{
	int fd = memfd_create("clusterd-config", MFD_CLOEXEC);

	if (fd == -1 || write(fd, config->text, config->text_len) !=
			    (ssize_t)config->text_len)
		log_error("the configuration cannot be kept for a master that "
			  "is started again: %s",
		    strerror(errno));
	else
		link_hold(m, name, fd);
	if (fd != -1)
		close(fd);
}

static void
keep_own_config(struct pool *p, const struct config *config)
{
	char name[HELD_NAME_MAX];

	snprintf(name, sizeof(name), "%s%s", HELD_APP_CONFIG, p->name);
	keep_config(p->m, config, name);
	p->own_config = true;
}

/* From now on what is in force for all is in force for it, too. */
static void
drop_own_config(struct pool *p)
{
	char name[HELD_NAME_MAX];

	if (!p->own_config)
		return;
	snprintf(name, sizeof(name), "%s%s", HELD_APP_CONFIG, p->name);
	link_drop(p->m, name);
	p->own_config = false;
}

void
pool_retire(struct pool *p, struct op *op)
{
	struct master *m = p->m;

	slot_run_begin(m);
	drop_own_config(p);
	pool_end_rollout(p);
	shrink(p, pool_count(p), op);
	pool_remove(p); /* may free it: nothing of it is used from here */
	slot_run_end(m);
}

static bool
same_instances(const struct app_config *a, const struct app_config *b)
{
	return a->instances.kind == b->instances.kind &&
	       a->instances.n == b->instances.n;
}

static void
add_pool(struct master *m, struct edition *e, struct op *op)
{
	struct pool *p = pool_new(m, e);
	int n = config_instances_count(&e->app->instances, m->cpus);

	if (p == NULL) {
		op_error(op, "%s: out of memory", e->app->name);
		return;
	}
	pool_scale(p, (uint32_t)n, e, op);
}

/* A number that was scaled by hand stays, unless the file has changed its own.
 */
static void
change_pool(struct master *m, struct pool *p, struct edition *e, struct op *op)
{
	uint32_t have = pool_count(p), want = have;
	int rc;

	if (!same_instances(p->edition->app, e->app))
		want = (uint32_t)config_instances_count(
		    &e->app->instances, m->cpus);
	if (want < have)
		pool_scale(p, want, e, op);
	rc = pool_roll(p, e, op);
	if (rc != 0)
		op_error(op, "%s: %s", p->name,
		    rc == -EBUSY ? "a reload of it is under way"
				 : strerror(-rc));
	else if (want > have)
		pool_scale(p, want, e, op);
}

static bool
is_named(const struct config *config, const char *name)
{
	return config_find_app(config, name) != NULL;
}

/* Pools of apps that are no longer named go. */
static void
retire_unnamed(struct master *m, const struct config *config, struct op *op)
{
	struct pool *p, *next;

	for (p = TAILQ_FIRST(&m->pools); p != NULL; p = next) {
		next = TAILQ_NEXT(p, link);
		if (p->removing || is_named(config, p->name))
			continue;
		log_info("%s: no longer in the file: stopped", p->name);
		pool_retire(p, op);
	}
}

static void
keep_plan(struct master *m, const struct plan *plan)
{
	const struct config *config = plan->gen->config;
	struct pool *p;

	if (plan->whole) {
		generation_unref(m->generation);
		m->generation = generation_ref(plan->gen);
		keep_config(m, config, HELD_CONFIG);
		TAILQ_FOREACH (p, &m->pools, link)
			drop_own_config(p);
		return;
	}
	for (size_t i = 0; i < config->n_apps; i++) {
		p = pool_find(m, config->apps[i].name);
		if (plan->editions[i] != NULL && p != NULL)
			keep_own_config(p, config);
	}
}

void
plan_execute(struct master *m, struct plan *plan, struct op *op)
{
	const struct config *config = plan->gen->config;
	struct pool *p;

	slot_run_begin(m);
	if (plan->whole)
		retire_unnamed(m, config, op);
	for (size_t i = 0; i < config->n_apps; i++) {
		if (plan->editions[i] == NULL)
			continue;
		p = pool_find(m, config->apps[i].name);
		if (p != NULL && !p->removing)
			change_pool(m, p, plan->editions[i], op);
		else
			add_pool(m, plan->editions[i], op);
	}
	keep_plan(m, plan);
	plan_free(m, plan);
	slot_run_end(m);
}
