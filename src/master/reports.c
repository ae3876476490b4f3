/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reports.c - what the keeper says, carried to where it belongs.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/buf.h>
#include <clusterd/files.h>
#include <clusterd/log.h>
#include <clusterd/proc.h>

#include "master/life.h"
#include "master/link.h"
#include "master/logs.h"
#include "master/reports.h"
#include "master/signals.h"
#include "master/slot_run.h"
#include "master/worker.h"

enum {
	ENVIRON_MAX = 256 * 1024,
	LAST_ROUNDS = 50,
	LAST_PAUSE_US = 10 * 1000,
};

static struct worker *
find_worker(struct master *m, const struct order *o)
{
	struct worker *w = o->index < WORKERS_MAX ? m->workers[o->index] : NULL;

	return w != NULL && w->uid == o->uid ? w : NULL;
}

static void
on_held(struct master *m, const struct order *o, int fd)
{
	struct held_fd *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		close(fd);
		return;
	}
	snprintf(h->name, sizeof(h->name), "%s", o->name);
	h->fd = fd;
	TAILQ_INSERT_TAIL(&m->held, h, link);
}

static void
on_proc(struct master *m, const struct order *o, int fd)
{
	if (o->index >= WORKERS_MAX || m->proc_channels[o->index] != -1) {
		close(fd);
		return;
	}
	m->proc_channels[o->index] = fd;
}

/* The fork has failed: nothing of the worker ever was. */
static void
on_unborn(struct worker *w, int error)
{
	struct slot_ctx *ctx = w->ctx;
	struct slot_event ev = {
		.type = SLOT_EV_EXITED,
		.uid = w->uid,
		.unborn = true,
	};

	snprintf(ctx->failure, sizeof(ctx->failure), "cannot fork: %s",
	    strerror(error));
	link_release(ctx->pool->m, w->proc, w->uid);
	worker_free(w);
	slot_event(ctx, &ev);
}

static void
on_spawned(struct master *m, const struct order *o)
{
	struct worker *w = find_worker(m, o);

	if (w == NULL && o->value < 0)
		link_release(m, o->index, o->uid); /* a former master's */
	else if (w != NULL && o->value < 0)
		on_unborn(w, -o->value);
	else if (w != NULL)
		worker_forked(w, o->value);
}

static void
on_exited(struct master *m, const struct order *o)
{
	struct worker *w = find_worker(m, o);

	if (w != NULL)
		worker_exited(w);
	else
		link_release(m, o->index, o->uid); /* not one of ours */
}

void
report_handle(
    struct master *m, const struct order *o, const int *fds, size_t nfds)
{
	size_t taken = 0;

	switch ((enum order_type)o->type) {
	case REPORT_HELD:
		if (nfds > 0)
			on_held(m, o, fds[taken++]);
		break;
	case REPORT_PROC:
		if (nfds > 0)
			on_proc(m, o, fds[taken++]);
		break;
	case REPORT_HANDED_OVER:
		life_begin(m);
		break;
	case REPORT_SPAWNED:
		on_spawned(m, o);
		break;
	case REPORT_EXITED:
		on_exited(m, o);
		break;
	case REPORT_LOGGER:
		m->logger_pid = o->value;
		logs_tell_all(m);
		break;
	case REPORT_SIGNAL:
		signal_act(m, o->value);
		break;
	default:
		log_error("the keeper sent a report %u that this master does "
			  "not know",
		    o->type);
		break;
	}
	fdpass_close(fds + taken, nfds - taken);
}

/* What has left its worker's session was born with the name of our socket. */
static bool
kill_if_ours(const struct proc_stat *st, void *arg)
{
	struct master *m = arg;
	bool ours = false;
	char path[64], mark[4200];
	struct buf b;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)st->pid);
	snprintf(mark, sizeof(mark), "NOTIFY_SOCKET=%s.notify",
	    m->options.socket_path);
	buf_init(&b, ENVIRON_MAX);
	if (st->state != 'Z' && file_read(path, &b) == 0 &&
	    buf_append(&b, "", 1) == 0)
		for (size_t at = 0; at < b.len && !ours;
		     at += strlen(b.data + at) + 1)
			ours = strcmp(b.data + at, mark) == 0;
	buf_fini(&b);
	if (ours && kill(st->pid, SIGKILL) == 0)
		m->exit_status = 1; /* look again: it may have forked */
	return true;
}

/* Without its keeper the master can neither start nor reap: it ends what it can
 * reach, so that nothing is left that nobody watches. */
void
report_keeper_gone(struct master *m)
{
	uint32_t high = atomic_load(&m->board->procs_high);

	log_error("the keeper has died; every worker is ended");
	for (uint32_t i = 0; i < high; i++)
		if (m->workers[i] != NULL && m->workers[i]->pid > 1)
			(void)kill(-m->workers[i]->pid, SIGKILL);
	for (int round = 0; round < LAST_ROUNDS; round++) {
		m->exit_status = 0;
		(void)proc_walk(kill_if_ours, m);
		if (m->exit_status == 0)
			break;
		usleep(LAST_PAUSE_US);
	}
	_exit(1);
}
