/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adopt.c - a master that is started again takes over what the last one had.
 *
 * The configuration is the text that was applied (the file may have changed
 * since), the slots are the scoreboard's, the channels and listeners are those
 * that the keeper has held. What the keeper reaped meanwhile is fed as exits.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/buf.h>
#include <clusterd/files.h>
#include <clusterd/log.h>

#include "master/adopt.h"
#include "master/generation.h"
#include "master/link.h"
#include "master/pool.h"
#include "master/slot_run.h"
#include "master/sweep.h"
#include "master/worker.h"

enum { WORKERS_OF_SLOT = 2 + SLOT_LEAVING_MAX };

/* The text that the keeper has held under that name; NULL: none, or (said in
 * the log) it cannot be had again. */
static struct config *
parse_kept(struct master *m, const char *name)
{
	int fd = link_take_held(m, name);
	struct config_errors errors;
	struct config *config = NULL;
	struct buf text;

	if (fd == -1)
		return NULL;
	config_errors_init(&errors);
	buf_init(&text, CONFIG_BYTES_MAX);
	if (file_read_fd(fd, &text) != 0 ||
	    config_parse(text.data, text.len, m->options.config_path,
		m->options.env_name, &config, &errors) != 0)
		log_error("the applied configuration cannot be read again%s%s",
		    errors.count > 0 ? ": " : "",
		    errors.count > 0 ? errors.text[0] : "");
	close(fd);
	buf_fini(&text);
	config_errors_fini(&errors);
	return config;
}

static struct generation *
take_generation(struct master *m, const char *name)
{
	struct config *config = parse_kept(m, name);
	struct generation *g;

	if (config == NULL)
		return NULL;
	g = generation_new(atomic_load(&m->board->next_generation) - 1, config);
	if (g == NULL)
		config_free(config);
	return g;
}

/* Its app is not in the configuration: it was being removed. */
static void
end_record(struct master *m, uint32_t record)
{
	struct board_proc *procs = m->board->procs;
	uint32_t high = atomic_load(&m->board->procs_high);

	for (uint32_t i = 0; i < high; i++) {
		uint64_t uid = atomic_load(&procs[i].uid);
		pid_t pid = atomic_load(&procs[i].pid);

		if (uid == 0 || procs[i].slot != record)
			continue;
		link_signal(m, i, uid, SIGKILL, true);
		if (atomic_load(&procs[i].exited) != 0)
			link_release(m, i, uid);
		if (pid > 0)
			sweep_session(m, pid, uid);
	}
	scoreboard_slot_free(m->board, record);
}

static void
feed(struct slot_ctx *ctx, enum slot_event_type type, uint64_t uid)
{
	slot_event(ctx,
	    &(struct slot_event){
		.type = type, .uid = uid, .unborn = type == SLOT_EV_EXITED });
}

/* One worker of a slot as the scoreboard shows it. */
static void
adopt_worker(struct slot_ctx *ctx, struct slot_worker sw)
{
	struct master *m = ctx->pool->m;
	struct board_proc *proc = &m->board->procs[sw.proc % WORKERS_MAX];
	int channel;

	if (sw.proc >= WORKERS_MAX || atomic_load(&proc->uid) != sw.uid) {
		feed(ctx, SLOT_EV_EXITED, sw.uid); /* reaped and forgotten */
		return;
	}
	if (atomic_load(&proc->pid) == 0) {
		/* Its order died with the master, or fork failed. */
		link_release(m, sw.proc, sw.uid);
		feed(ctx, SLOT_EV_EXITED, sw.uid);
		return;
	}
	channel = m->proc_channels[sw.proc];
	m->proc_channels[sw.proc] = -1;
	if (worker_adopt(ctx, &sw, channel) != 0) {
		log_error("out of memory: a worker is not adopted");
		return;
	}
	if (sw.state == WORKER_SPAWNING)
		feed(ctx, SLOT_EV_FORKED, sw.uid);
	if (atomic_load(&proc->exited) != 0)
		worker_exited(m->workers[sw.proc]);
}

/* The master died between the decision to start a worker and its order: it gets
 * a uid, so that it can be said that it never was. */
static void
name_unordered(struct master *m, struct slot_worker *sw)
{
	if (sw->state != WORKER_NONE && sw->uid == 0)
		sw->uid = atomic_fetch_add(&m->board->next_uid, 1);
}

static void
adopt_slot(struct pool *p, uint32_t record)
{
	struct slot_ctx *ctx = pool_adopt_slot(p, record);
	struct slot_worker all[WORKERS_OF_SLOT];

	if (ctx == NULL) {
		log_error(
		    "out of memory: a slot of %s is not adopted", p->name);
		return;
	}
	name_unordered(p->m, &ctx->slot.current);
	name_unordered(p->m, &ctx->slot.next);
	all[0] = ctx->slot.current;
	all[1] = ctx->slot.next;
	memcpy(&all[2], ctx->slot.leaving, sizeof(ctx->slot.leaving));
	for (size_t i = 0; i < COUNT(all); i++)
		if (all[i].state != WORKER_NONE)
			adopt_worker(ctx, all[i]);
	slot_run_arm(ctx);
	if (ctx->slot.removing && slot_is_empty(&ctx->slot))
		pool_drop_slot(ctx);
}

static struct pool *
make_pool(struct master *m, struct generation *gen, const char *name)
{
	const struct app_config *app = config_find_app(gen->config, name);
	struct config_errors errors;
	struct pool *p = NULL;
	struct edition *e;

	if (app == NULL)
		return NULL;
	config_errors_init(&errors);
	e = edition_new(m, gen, app, NULL, &errors);
	if (e == NULL)
		log_error("%s", errors.text[0]);
	else
		p = pool_new(m, e);
	config_errors_fini(&errors);
	edition_unref(m, e);
	return p;
}

/* An app that was reloaded alone has a configuration of its own. */
static struct pool *
obtain_pool(struct master *m, const char *name)
{
	struct pool *p = pool_find(m, name);
	char held[HELD_NAME_MAX];
	struct generation *own;

	if (p != NULL)
		return p;
	snprintf(held, sizeof(held), "%s%s", HELD_APP_CONFIG, name);
	own = take_generation(m, held);
	p = make_pool(m, own != NULL ? own : m->generation, name);
	if (p != NULL)
		p->own_config = own != NULL;
	generation_unref(own);
	return p;
}

static bool
is_leaving(const struct pool *p)
{
	const struct slot_ctx *ctx;

	TAILQ_FOREACH (ctx, &p->slots, link)
		if (!ctx->slot.removing)
			return false;
	return true;
}

/* Apps that were being removed go on being removed. */
static void
remove_leaving(struct master *m)
{
	struct pool *p, *next;

	for (p = TAILQ_FIRST(&m->pools); p != NULL; p = next) {
		next = TAILQ_NEXT(p, link);
		if (is_leaving(p))
			pool_remove(p);
	}
}

/* The slot in that record, if there is one. */
static bool
adopt_record(struct master *m, uint32_t record)
{
	struct pool *p;
	struct slot s;

	if (atomic_load(&m->board->slots[record].used) == 0)
		return false;
	scoreboard_slot_load(m->board, record, &s, sizeof(s));
	s.app[sizeof(s.app) - 1] = '\0';
	p = obtain_pool(m, s.app);
	if (p == NULL) {
		end_record(m, record);
		return false;
	}
	adopt_slot(p, record);
	return true;
}

int
adopt_all(struct master *m)
{
	uint32_t high = atomic_load(&m->board->slots_high), n = 0;

	m->generation = take_generation(m, HELD_CONFIG);
	if (m->generation == NULL) {
		log_error("the applied configuration is lost");
		return -EINVAL;
	}
	slot_run_begin(m);
	for (uint32_t i = 0; i < high; i++)
		n += adopt_record(m, i);
	remove_leaving(m);
	slot_run_end(m);
	log_info("%u slots taken over from the master that died", n);
	return 0;
}
