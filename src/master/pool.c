/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.c - the slots of one app: which there are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/clock.h>
#include <clusterd/log.h>

#include "master/generation.h"
#include "master/node_sockets.h"
#include "master/op.h"
#include "master/pool.h"
#include "master/slot_run.h"

struct pool *
pool_new(struct master *m, struct edition *edition)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->m = m;
	p->edition = edition_ref(edition);
	snprintf(p->name, sizeof(p->name), "%s", edition->app->name);
	TAILQ_INIT(&p->slots);
	node_sockets_init(p);
	TAILQ_INSERT_TAIL(&m->pools, p, link);
	return p;
}

static void
pool_free(struct pool *p)
{
	TAILQ_REMOVE(&p->m->pools, p, link);
	node_sockets_free(p);
	edition_unref(p->m, p->edition);
	free(p);
}

struct pool *
pool_find(struct master *m, const char *name)
{
	struct pool *p, *leaving = NULL;

	TAILQ_FOREACH (p, &m->pools, link) {
		if (strcmp(p->name, name) != 0)
			continue;
		if (!p->removing)
			return p;
		leaving = p;
	}
	return leaving;
}

/* PM2 habit: the lowest id that is free. -1: none. */
static int
take_pm_id(struct master *m)
{
	for (size_t i = 0; i < COUNT(m->pm_ids); i++)
		if (~m->pm_ids[i] != 0) {
			int bit = __builtin_ctzll(~m->pm_ids[i]);

			m->pm_ids[i] |= 1ULL << bit;
			return (int)i * 64 + bit;
		}
	return -1;
}

static void
mark_pm_id(struct master *m, uint32_t id, bool used)
{
	if (id >= WORKERS_MAX)
		return;
	if (used)
		m->pm_ids[id / 64] |= 1ULL << (id % 64);
	else
		m->pm_ids[id / 64] &= ~(1ULL << (id % 64));
}

/* The first gap; the list is in order. */
static uint32_t
free_number(const struct pool *p)
{
	struct slot_ctx *ctx;
	uint32_t number = 0;

	TAILQ_FOREACH (ctx, &p->slots, link) {
		if (ctx->slot.number != number)
			break;
		number++;
	}
	return number;
}

static void
insert(struct pool *p, struct slot_ctx *ctx)
{
	struct slot_ctx *before;

	p->n_slots++;
	TAILQ_FOREACH (before, &p->slots, link)
		if (before->slot.number > ctx->slot.number) {
			TAILQ_INSERT_BEFORE(before, ctx, link);
			return;
		}
	TAILQ_INSERT_TAIL(&p->slots, ctx, link);
}

static struct slot_ctx *
ctx_new(struct pool *p, uint32_t record)
{
	struct slot_ctx *ctx = calloc(1, sizeof(*ctx));

	if (ctx == NULL)
		return NULL;
	ctx->pool = p;
	ctx->record = record;
	ctx->edition = edition_ref(p->edition);
	slot_run_init(ctx);
	return ctx;
}

struct slot_ctx *
pool_add_slot(struct pool *p)
{
	struct master *m = p->m;
	int record = scoreboard_slot_take(m->board);
	struct slot_ctx *ctx;
	int id;

	if (record < 0)
		return NULL;
	id = take_pm_id(m);
	ctx = id >= 0 ? ctx_new(p, (uint32_t)record) : NULL;
	if (ctx == NULL) {
		scoreboard_slot_free(m->board, (uint32_t)record);
		if (id >= 0)
			mark_pm_id(m, (uint32_t)id, false);
		return NULL;
	}
	slot_init(
	    &ctx->slot, p->name, free_number(p), (uint32_t)id, clock_wall_ms());
	slot_run_commit(ctx);
	insert(p, ctx);
	return ctx;
}

struct slot_ctx *
pool_adopt_slot(struct pool *p, uint32_t record)
{
	struct slot_ctx *ctx = ctx_new(p, record);

	if (ctx == NULL)
		return NULL;
	scoreboard_slot_load(
	    p->m->board, record, &ctx->slot, sizeof(ctx->slot));
	mark_pm_id(p->m, ctx->slot.pm_id, true);
	insert(p, ctx);
	return ctx;
}

struct slot_ctx *
pool_last_slot(struct pool *p)
{
	struct slot_ctx *ctx, *last = NULL;

	TAILQ_FOREACH (ctx, &p->slots, link)
		if (!ctx->slot.removing)
			last = ctx;
	return last;
}

uint32_t
pool_count(const struct pool *p)
{
	struct slot_ctx *ctx;
	uint32_t n = 0;

	TAILQ_FOREACH (ctx, &p->slots, link)
		n += !ctx->slot.removing;
	return n;
}

void
pool_remove(struct pool *p)
{
	p->removing = true;
	if (p->n_slots == 0)
		pool_free(p);
}

void
pool_drop_slot(struct slot_ctx *ctx)
{
	struct pool *p = ctx->pool;

	TAILQ_REMOVE(&p->slots, ctx, link);
	if (ctx->is_settled) /* whoever waited for it has nothing to hear */
		TAILQ_REMOVE(&p->m->settled, ctx, settled_link);
	p->n_slots--;
	scoreboard_slot_free(p->m->board, ctx->record);
	mark_pm_id(p->m, ctx->slot.pm_id, false);
	ev_timer_stop(p->m->loop, &ctx->timer);
	edition_unref(p->m, ctx->edition);
	edition_unref(p->m, ctx->next_edition);
	free(ctx);
	if (p->removing && p->n_slots == 0)
		pool_free(p);
}

const char *
slot_name(const struct slot_ctx *ctx, char out[96])
{
	snprintf(out, 96, "%s[%u]", ctx->pool->name, ctx->slot.number);
	return out;
}
