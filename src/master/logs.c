/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logs.c - the logger told of every worker and where its lines go.
 *
 * The logger may be slow or dead: what it has no room for waits with the worker
 * (its two read ends), so that neither a line nor a decision is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/log.h>

#include "master/generation.h"
#include "master/logs.h"
#include "master/worker.h"

void
logs_path(const struct app_config *app, const char *path, uint32_t instance,
    char *out, size_t size)
{
	size_t len;

	if (path == NULL) {
		out[0] = '\0';
		return;
	}
	len = strlen(path);
	if (app->merge_logs)
		snprintf(out, size, "%s", path);
	else if (len > 4 && strcmp(path + len - 4, ".log") == 0)
		snprintf(
		    out, size, "%.*s-%u.log", (int)len - 4, path, instance);
	else
		snprintf(out, size, "%s-%u", path, instance);
}

static void
close_ends(struct worker *w)
{
	for (size_t i = 0; i < COUNT(w->log_fds); i++) {
		if (w->log_fds[i] != -1)
			close(w->log_fds[i]);
		w->log_fds[i] = -1;
	}
}

/* `fds`: both read ends, or NULL when the logger has them. */
static int
send_description(struct log_message *msg, const struct app_config *app,
    uint32_t instance, const int *fds)
{
	msg->type = LOG_WORKER;
	msg->instance = instance;
	msg->format = (uint32_t)app->log_type;
	snprintf(msg->app, sizeof(msg->app), "%s", app->name);
	logs_path(
	    app, app->out_file, instance, msg->out_file, sizeof(msg->out_file));
	logs_path(app, app->error_file, instance, msg->error_file,
	    sizeof(msg->error_file));
	logs_path(
	    app, app->log_file, instance, msg->log_file, sizeof(msg->log_file));
	return loglink_send(FD_LOGLINK, msg, fds, fds != NULL ? 2 : 0);
}

static int
tell(struct worker *w)
{
	const struct slot *s = &w->ctx->slot;
	struct log_message msg = {
		.index = w->proc,
		.uid = w->uid,
		.pid = w->pid,
		.pm_id = s->pm_id,
		.generation = w->edition->gen->number,
	};
	int rc = send_description(&msg, w->edition->app, s->number,
	    w->log_fds[0] != -1 ? w->log_fds : NULL);

	if (rc == 0)
		close_ends(w);
	return rc;
}

static int
tell_departed(const struct departed *d)
{
	struct log_message msg = {
		.index = d->proc,
		.uid = d->uid,
		.pid = d->pid,
		.pm_id = d->pm_id,
		.generation = d->gen->number,
	};

	return send_description(&msg, d->app, d->instance, NULL);
}

static void
free_departed(struct master *m, struct departed *d)
{
	TAILQ_REMOVE(&m->departed, d, link);
	generation_unref(d->gen);
	free(d);
}

/* The keeper has freed the entry: the pipes have been read to their end. */
static void
forget_departed(struct master *m)
{
	struct departed *d, *next;

	for (d = TAILQ_FIRST(&m->departed); d != NULL; d = next) {
		next = TAILQ_NEXT(d, link);
		if (atomic_load(&m->board->procs[d->proc].uid) != d->uid)
			free_departed(m, d);
	}
}

/* A logger that is killed now leaves lines in the pipes, and the next one must
 * know whose they are. */
static void
remember_departed(struct worker *w)
{
	struct master *m = w->ctx->pool->m;
	struct departed *d = w->pid > 0 ? calloc(1, sizeof(*d)) : NULL;

	forget_departed(m);
	if (d == NULL)
		return;
	d->gen = generation_ref(w->edition->gen);
	d->app = w->edition->app;
	d->uid = w->uid;
	d->pid = w->pid;
	d->proc = w->proc;
	d->instance = w->ctx->slot.number;
	d->pm_id = w->ctx->slot.pm_id;
	TAILQ_INSERT_TAIL(&m->departed, d, link);
}

static bool
has_told(int rc)
{
	if (rc == -EAGAIN)
		return false;
	if (rc != 0)
		log_error(
		    "cannot tell the logger of a worker: %s", strerror(-rc));
	return true;
}

/* Tell what is untold until there is no room. True: all is told. */
static bool
tell_untold(struct master *m)
{
	uint32_t high = atomic_load(&m->board->procs_high);
	struct departed *d;

	TAILQ_FOREACH (d, &m->departed, link) {
		if (d->untold && !has_told(tell_departed(d)))
			return false;
		d->untold = false;
	}
	for (uint32_t i = 0; i < high; i++) {
		struct worker *w = m->workers[i];

		if (w == NULL || !w->log_untold)
			continue;
		if (!has_told(tell(w)))
			return false;
		w->log_untold = false;
	}
	return true;
}

static void
on_writable(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)revents;
	if (tell_untold(io->data))
		ev_io_stop(loop, io);
}

void
logs_init(struct master *m)
{
	int flags = fcntl(FD_LOGLINK, F_GETFL);

	(void)fcntl(FD_LOGLINK, F_SETFL, flags | O_NONBLOCK);
	ev_io_init(&m->loglink_out, on_writable, FD_LOGLINK, EV_WRITE);
	m->loglink_out.data = m;
	TAILQ_INIT(&m->departed);
}

void
logs_stop(struct master *m)
{
	ev_io_stop(m->loop, &m->loglink_out);
	while (!TAILQ_EMPTY(&m->departed))
		free_departed(m, TAILQ_FIRST(&m->departed));
}

void
logs_add_worker(struct worker *w, int out, int err)
{
	struct master *m = w->ctx->pool->m;

	w->log_fds[0] = fcntl(out, F_DUPFD_CLOEXEC, 0);
	w->log_fds[1] = fcntl(err, F_DUPFD_CLOEXEC, 0);
	if (w->log_fds[0] == -1 || w->log_fds[1] == -1) {
		log_error("the output of a worker is not logged: %s",
		    strerror(errno));
		close_ends(w);
	}
	w->log_untold = true;
	if (ev_is_active(&m->loglink_out))
		return; /* others wait already */
	if (!tell_untold(m))
		ev_io_start(m->loop, &m->loglink_out);
}

/* A worker that has died untold still has its last words in the pipes. */
void
logs_forget_worker(struct worker *w)
{
	if (w->log_untold && tell(w) != 0)
		log_warning("the last lines of a worker are not logged: the "
			    "logger does not keep up");
	close_ends(w);
	remember_departed(w);
}

void
logs_tell_all(struct master *m)
{
	uint32_t high = atomic_load(&m->board->procs_high);

	struct departed *d;

	forget_departed(m);
	TAILQ_FOREACH (d, &m->departed, link)
		d->untold = true;
	for (uint32_t i = 0; i < high; i++)
		if (m->workers[i] != NULL)
			m->workers[i]->log_untold = true;
	if (!tell_untold(m))
		ev_io_start(m->loop, &m->loglink_out);
}

void
logs_reopen(struct master *m)
{
	struct log_message msg = { .type = LOG_REOPEN };
	int rc = loglink_send(FD_LOGLINK, &msg, NULL, 0);

	(void)m;
	if (rc != 0)
		log_error("cannot tell the logger to reopen its files: %s",
		    strerror(-rc));
}
