/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.c - one worker's process: spawned, adopted, told, gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/channel.h>
#include <clusterd/clock.h>
#include <clusterd/launch.h>
#include <clusterd/log.h>
#include <clusterd/loglink.h>

#include "master/accept_watch.h"
#include "master/generation.h"
#include "master/link.h"
#include "master/logs.h"
#include "master/pool.h"
#include "master/slot_run.h"
#include "master/sweep.h"
#include "master/worker.h"
#include "master/worker_channel.h"
#include "master/worker_start.h"

/* Our ends first (the keeper holds duplicates), then the worker's. */
struct ends {
	int channel, out, err;
	int worker_channel, worker_out, worker_err;
};

static void
close_all(const struct ends *e)
{
	const int fds[] = { e->channel, e->out, e->err, e->worker_channel,
		e->worker_out, e->worker_err };

	for (size_t i = 0; i < COUNT(fds); i++)
		if (fds[i] != -1)
			close(fds[i]);
}

static int
open_ends(struct ends *e, bool with_channel)
{
	int pair[2], rc;

	*e = (struct ends){ -1, -1, -1, -1, -1, -1 };
	if (pipe2(pair, O_CLOEXEC) == -1)
		goto fail;
	e->out = pair[0], e->worker_out = pair[1];
	if (pipe2(pair, O_CLOEXEC) == -1)
		goto fail;
	e->err = pair[0], e->worker_err = pair[1];
	if (fcntl(e->out, F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(e->err, F_SETFL, O_NONBLOCK) == -1)
		goto fail;
	if (!with_channel)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		goto fail;
	e->channel = pair[0], e->worker_channel = pair[1];
	return 0;
fail:
	rc = -errno;
	close_all(e);
	return rc;
}

static struct worker *
worker_new(
    struct slot_ctx *ctx, struct edition *edition, uint64_t uid, uint32_t proc)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->ctx = ctx;
	w->edition = edition_ref(edition);
	w->uid = uid;
	w->proc = proc;
	w->boot_ms = -1;
	w->log_fds[0] = w->log_fds[1] = -1;
	accept_watch_init(w);
	ctx->pool->m->workers[proc] = w;
	return w;
}

void
worker_free(struct worker *w)
{
	struct master *m = w->ctx->pool->m;

	m->workers[w->proc] = NULL;
	ev_timer_stop(m->loop, &w->accept_timer);
	worker_channel_free(w);
	logs_forget_worker(w);
	edition_unref(m, w->edition);
	free(w);
}

static int
order_spawn(struct worker *w, int image, const struct ends *e)
{
	struct master *m = w->ctx->pool->m;
	struct order o = {
		.type = ORDER_SPAWN,
		.index = w->proc,
		.uid = w->uid,
	};
	int fds[FDPASS_MAX];
	size_t n = 0;

	fds[n++] = image;
	fds[n++] = e->channel != -1 ? e->channel : m->null_fd;
	fds[n++] = e->out;
	fds[n++] = e->err;
	fds[n++] = m->null_fd;
	fds[n++] = e->worker_out;
	fds[n++] = e->worker_err;
	for (size_t i = 0; i < w->edition->n_listeners; i++)
		fds[n++] = w->edition->listeners[i]->fd;
	if (e->worker_channel != -1)
		fds[n++] = e->worker_channel;
	return link_send(m, &o, fds, n);
}

static int
make_image(const struct worker *w, const struct worker_start *start)
{
	int targets[FDPASS_MAX];
	size_t n = 0;
	struct launch_spec spec = {
		.exec_path = start->program.path,
		.cwd = w->edition->app->cwd,
		.argv = start->argv,
		.envp = start->envp,
		.fd_target = targets,
		.umask = UINT32_MAX,
	};

	for (int fd = 0; fd < START_FIRST_SOCKET; fd++)
		targets[n++] = fd;
	for (size_t i = 0; i < w->edition->n_listeners; i++)
		targets[n++] = START_FIRST_SOCKET + (int)i;
	if (start->channel_number != -1)
		targets[n++] = start->channel_number;
	spec.nfds = n;
	return launch_image_make(&spec);
}

/* Descriptors, image, order; on failure all but the worker itself is undone. */
static int
launch(struct worker *w, const struct worker_start *start)
{
	struct ends ends;
	int image, rc;

	rc = open_ends(&ends, start->channel_number != -1);
	if (rc != 0)
		return rc;
	image = make_image(w, start);
	if (image < 0) {
		close_all(&ends);
		return image;
	}
	rc = order_spawn(w, image, &ends);
	close(image);
	if (rc == 0) {
		logs_add_worker(w, ends.out, ends.err);
		if (ends.channel != -1 &&
		    worker_channel_open(w, ends.channel, start->node) == 0)
			ends.channel = -1; /* the channel owns it now */
	}
	close_all(&ends);
	return rc;
}

int
worker_spawn(
    struct slot_ctx *ctx, struct slot_worker *sw, struct edition *edition)
{
	struct master *m = ctx->pool->m;
	int proc = scoreboard_proc_take(m->board, ctx->record);
	struct worker_start start;
	struct worker *w;
	int rc;

	if (proc < 0) {
		sw->uid = atomic_fetch_add(&m->board->next_uid, 1);
		snprintf(ctx->failure, sizeof(ctx->failure),
		    "there are %d "
		    "workers already, which is the limit",
		    WORKERS_MAX);
		return proc;
	}
	sw->uid = atomic_load(&m->board->procs[proc].uid);
	sw->proc = (uint32_t)proc;
	sw->generation = edition->gen->number;
	slot_run_commit(ctx);
	rc = worker_start_make(&start, m, edition, &ctx->slot, sw->uid,
	    ctx->failure, sizeof(ctx->failure));
	if (rc != 0)
		goto give_back;
	w = worker_new(ctx, edition, sw->uid, sw->proc);
	rc = w != NULL ? launch(w, &start) : -ENOMEM;
	worker_start_fini(&start);
	if (rc == 0)
		return 0;
	snprintf(ctx->failure, sizeof(ctx->failure), "cannot start it: %s",
	    strerror(-rc));
	if (w != NULL)
		worker_free(w);
give_back:
	/* The keeper has never heard of it: it is ours to free. */
	atomic_store(&m->board->procs[proc].uid, 0);
	return rc;
}

int
worker_adopt(struct slot_ctx *ctx, const struct slot_worker *sw, int channel_fd)
{
	struct worker *w = worker_new(ctx, ctx->edition, sw->uid, sw->proc);

	if (w == NULL)
		return -ENOMEM;
	w->pid = atomic_load(&ctx->pool->m->board->procs[sw->proc].pid);
	w->leaving = sw->state >= WORKER_DRAINING;
	w->speaks = sw->speaks;
	if (sw->ready_ms != 0) {
		w->ready_by = "before the master was restarted";
		w->boot_ms = sw->ready_ms - sw->spawned_ms;
	}
	if (channel_fd != -1 &&
	    worker_channel_open(
		w, channel_fd, ctx->edition->app->dialect == DIALECT_NODE) == 0)
		return 0;
	if (channel_fd != -1)
		close(channel_fd);
	return 0;
}

struct worker *
worker_of_session(struct master *m, pid_t session)
{
	uint32_t high = atomic_load(&m->board->procs_high);

	for (uint32_t i = 0; i < high; i++)
		if (m->workers[i] != NULL &&
		    worker_pid(m->workers[i]) == session)
			return m->workers[i];
	return NULL;
}

/* What a worker says may be here before the report that it was forked. */
pid_t
worker_pid(struct worker *w)
{
	const struct scoreboard *board = w->ctx->pool->m->board;

	if (w->pid == 0)
		w->pid = atomic_load(&board->procs[w->proc].pid);
	return w->pid;
}

const char *
worker_name(const struct worker *w, char out[96])
{
	return slot_name(w->ctx, out);
}

void
worker_forked(struct worker *w, pid_t pid)
{
	w->pid = pid;
	slot_event(w->ctx,
	    &(struct slot_event){ .type = SLOT_EV_FORKED, .uid = w->uid });
	accept_watch_start(w);
}

/* It never became the program it should be: why, in words. */
static void
explain_launch(struct worker *w, const struct board_proc *proc)
{
	const struct app_config *app = w->edition->app;
	const char *what = proc->fail_stage == LAUNCH_CWD ? app->cwd
			   : app->script != NULL	  ? app->script
						 : app->command.items[0];

	snprintf(w->ctx->failure, sizeof(w->ctx->failure), "cannot %s %s: %s",
	    launch_stage_text(proc->fail_stage), what,
	    strerror(proc->fail_errno));
}

void
worker_exited(struct worker *w)
{
	struct slot_ctx *ctx = w->ctx;
	struct master *m = ctx->pool->m;
	const struct board_proc *proc = &m->board->procs[w->proc];
	struct slot_event ev = {
		.type = SLOT_EV_EXITED,
		.uid = w->uid,
		.status = proc->wait_status,
		.unborn = proc->fail_stage != LAUNCH_OK,
	};

	if (w->channel != NULL)
		channel_read_rest(w->channel); /* its last words come first */
	if (ev.unborn)
		explain_launch(w, proc);
	else
		sweep_session(m, w->pid, w->uid);
	link_release(m, w->proc, w->uid);
	worker_free(w);
	slot_event(ctx, &ev);
}

bool
worker_drain(struct worker *w)
{
	char name[96];

	log_info("%s: pid %d drains", worker_name(w, name), (int)w->pid);
	w->leaving = true;
	return worker_channel_drain(w);
}

void
worker_stop(struct worker *w)
{
	w->leaving = true;
	link_signal(w->ctx->pool->m, w->proc, w->uid,
	    w->edition->app->kill_signal, false);
	/* One that is stopped (SIGSTOP) would never see it. */
	link_signal(w->ctx->pool->m, w->proc, w->uid, SIGCONT, false);
}

void
worker_kill(struct worker *w)
{
	char name[96];

	w->leaving = true;
	log_warning("%s: pid %d gets SIGKILL, with its whole session",
	    worker_name(w, name), (int)w->pid);
	link_signal(w->ctx->pool->m, w->proc, w->uid, SIGKILL, true);
	sweep_session(w->ctx->pool->m, w->pid, w->uid);
}

void
worker_is_ready(struct worker *w, const char *by)
{
	if (w->ready_by != NULL || w->leaving)
		return;
	w->ready_by = by;
	slot_event(w->ctx,
	    &(struct slot_event){ .type = SLOT_EV_READY, .uid = w->uid });
}

void
worker_speaks(struct worker *w)
{
	if (w->speaks)
		return;
	w->speaks = true;
	slot_event(w->ctx,
	    &(struct slot_event){ .type = SLOT_EV_SPEAKS, .uid = w->uid });
}

void
worker_said(struct worker *w, const char *text)
{
	snprintf(w->status, sizeof(w->status), "%s", text);
}
