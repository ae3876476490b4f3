/* SPDX-License-Identifier: Apache-2.0 */
/*
 * master_rig.c - a master without a keeper.
 */
#include "master_rig.h"

#include <arpa/inet.h>
#include <clusterd/clock.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_link.h"
#include "master/generation.h"
#include "master/node_sockets.h"
#include "master/pool.h"
#include "master/sweep.h"

struct master *
master_rig_new(const char *yaml)
{
	struct master *m = calloc(1, sizeof(*m));
	struct config_errors errors;
	struct config *config;
	int rc;

	cr_assert_not_null(m);
	config_errors_init(&errors);
	rc = config_parse(
	    yaml, strlen(yaml), "/srv/test.yaml", NULL, &config, &errors);
	cr_assert_eq(rc, 0, "%s", errors.count > 0 ? errors.text[0] : "?");
	fake_link_reset();
	cr_assert_geq(scoreboard_create(&m->board), 0);
	m->loop = ev_loop_new(EVFLAG_AUTO);
	cr_assert_not_null(m->loop);
	m->options.socket_path = "/run/clusterd-test.sock";
	m->keeper_pid = getpid();
	m->cpus = 2;
	m->state = MASTER_RUNNING;
	TAILQ_INIT(&m->pools);
	TAILQ_INIT(&m->ops);
	TAILQ_INIT(&m->settled);
	TAILQ_INIT(&m->held);
	TAILQ_INIT(&m->listeners);
	TAILQ_INIT(&m->departed);
	memset(m->proc_channels, -1, sizeof(m->proc_channels));
	sweep_init(m);
	config_errors_fini(&errors);
	m->generation = generation_new(1, config);
	cr_assert_not_null(m->generation);
	return m;
}

static void
free_worker(struct master *m, struct worker *w)
{
	m->workers[w->proc] = NULL;
	node_sockets_forget_worker(w);
	edition_unref(m, w->edition);
	free(w);
}

void
master_rig_free(struct master *m)
{
	struct held_fd *h;
	struct pool *p;

	for (size_t i = 0; i < COUNT(m->workers); i++)
		if (m->workers[i] != NULL)
			free_worker(m, m->workers[i]);
	while ((p = TAILQ_FIRST(&m->pools)) != NULL) {
		while (!TAILQ_EMPTY(&p->slots))
			pool_drop_slot(TAILQ_FIRST(&p->slots));
		pool_remove(p);
	}
	while ((h = TAILQ_FIRST(&m->held)) != NULL) {
		TAILQ_REMOVE(&m->held, h, link);
		close(h->fd);
		free(h);
	}
	generation_unref(m->generation);
	sweep_stop(m);
	ev_loop_destroy(m->loop);
	scoreboard_unmap(m->board);
	free(m);
}

struct pool *
master_rig_pool(struct master *m, const char *name, unsigned n)
{
	const struct app_config *app =
	    config_find_app(m->generation->config, name);
	struct config_errors errors;
	struct edition *e;
	struct pool *p;

	cr_assert_not_null(app, "no app %s", name);
	config_errors_init(&errors);
	e = edition_new(m, m->generation, app, NULL, &errors);
	cr_assert_not_null(e, "%s", errors.count > 0 ? errors.text[0] : "?");
	p = pool_new(m, e);
	cr_assert_not_null(p);
	edition_unref(m, e); /* the pool has its own */
	config_errors_fini(&errors);
	for (unsigned i = 0; i < n; i++)
		cr_assert_not_null(pool_add_slot(p));
	return p;
}

struct slot_ctx *
master_rig_slot(struct pool *p, unsigned number)
{
	struct slot_ctx *ctx;

	TAILQ_FOREACH (ctx, &p->slots, link)
		if (ctx->slot.number == number)
			return ctx;
	cr_assert_fail("no slot %u", number);
	return NULL;
}

struct worker *
master_rig_worker(struct slot_ctx *ctx, uint64_t uid, enum worker_state state)
{
	struct master *m = ctx->pool->m;
	int proc = scoreboard_proc_take(m->board, ctx->record);
	struct worker *w = calloc(1, sizeof(*w));

	cr_assert_geq(proc, 0);
	cr_assert_not_null(w);
	w->ctx = ctx;
	w->edition = edition_ref(ctx->edition);
	w->uid = uid;
	w->proc = (uint32_t)proc;
	m->workers[proc] = w;
	ctx->slot.goal = SLOT_UP;
	ctx->slot.current = (struct slot_worker){
		.uid = uid,
		.proc = w->proc,
		.state = state,
		.deadline_ms = SLOT_NEVER,
	};
	return w;
}

bool
master_rig_run(struct master *m, bool (*done)(struct master *m))
{
	int64_t end_ms = clock_mono_ms() + 10000;

	while (!done(m)) {
		if (clock_mono_ms() > end_ms)
			return false;
		ev_run(m->loop, EVRUN_ONCE);
	}
	return true;
}

int
rig_free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_eq(bind(fd, (struct sockaddr *)&in, len), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	close(fd);
	return ntohs(in.sin_port);
}
