/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.c - the workers whose stdout and stderr are read.
 *
 * What a source is comes in two halves, in any order: its pipes (from the
 * master with the description, or from the keeper after our restart) and its
 * description. It is read when both are there, and gone when both pipes are at
 * their end.
 */
#include "logger/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clusterd/fdpass.h>
#include <clusterd/log.h>

#include "logger/stream.h"

static void
free_source(struct source *src)
{
	struct sources *all = src->all;
	size_t i;

	for (i = 0; i < N_STREAMS; i++) {
		struct stream *s = &src->streams[i];

		if (s->io.fd >= 0) {
			ev_io_stop(all->loop, &s->io);
			close(s->io.fd);
			if (src->is_described)
				all->n_reading--;
		}
		stream_put_sinks(s);
		lines_fini(&s->lines);
	}
	all->table[src->index] = NULL;
	free(src);
}

void
source_end_if_over(struct source *src)
{
	struct sources *all = src->all;
	uint32_t index = src->index;
	uint64_t uid = src->uid;

	if (src->streams[STREAM_OUT].io.fd >= 0 ||
	    src->streams[STREAM_ERR].io.fd >= 0)
		return;
	free_source(src);
	all->on_end(all->arg, index, uid);
}

static void
start_reading(struct source *src)
{
	struct sources *all = src->all;
	size_t i;

	for (i = 0; i < N_STREAMS; i++) {
		ev_io_start(all->loop, &src->streams[i].io);
		all->n_reading++;
	}
}

static struct source *
new_source(struct sources *all, uint32_t index, uint64_t uid)
{
	struct source *src = calloc(1, sizeof(*src));
	size_t i;

	if (!src) {
		log_error(
		    "worker entry %u: no memory for its log streams", index);
		return NULL;
	}
	src->all = all;
	src->index = index;
	src->uid = uid;
	for (i = 0; i < N_STREAMS; i++) {
		struct stream *s = &src->streams[i];

		stream_init(s, src);
	}
	all->table[index] = src;
	return src;
}

/* The source of a worker, new if need be; NULL: it cannot be. */
static struct source *
find_source(struct sources *all, uint32_t index, uint64_t uid)
{
	struct source *src;

	if (index >= WORKERS_MAX || uid == 0)
		return NULL;
	src = all->table[index];
	if (src && src->uid == uid)
		return src;
	/*
	 * An entry is taken again only when nothing of its worker is held any
	 * more: what is here is a leftover. Its lines were read to the end, or
	 * it never had a pipe.
	 */
	if (src)
		free_source(src);
	return new_source(all, index, uid);
}

void
sources_attach(struct sources *all, uint32_t index, uint64_t uid,
    const int *fds, size_t nfds)
{
	struct source *src = NULL;
	size_t i;

	if (nfds == N_STREAMS)
		src = find_source(all, index, uid);
	if (!src || src->is_attached) {
		fdpass_close(fds, nfds); /* said twice: the same pipes */
		return;
	}
	for (i = 0; i < N_STREAMS; i++) {
		/* Only readers share these flags. */
		int flags = fcntl(fds[i], F_GETFL);

		if (flags != -1)
			(void)fcntl(fds[i], F_SETFL, flags | O_NONBLOCK);
		ev_io_set(&src->streams[i].io, fds[i], EV_READ);
	}
	src->is_attached = true;
	if (src->is_described)
		start_reading(src);
}

/* A reference to the sink of `path`, unless there is none or one has it. */
static struct sink *
want_sink(struct sources *all, const struct log_message *m, const char *path)
{
	struct sink *k;

	if (!*path)
		return NULL;
	k = sinks_get(all->sinks, path, (enum log_format)m->format);
	if (!k)
		log_error("%s[%u]: no memory for the log file %s", m->app,
		    m->instance, path);
	return k;
}

static void
choose_sinks(struct source *src, const struct log_message *m)
{
	const char *own[N_STREAMS] = { m->out_file, m->error_file };
	size_t i;

	for (i = 0; i < N_STREAMS; i++) {
		struct stream *s = &src->streams[i];
		struct sink *first, *second = NULL;

		if (src->is_attached && s->io.fd < 0)
			continue; /* at its end already */
		first = want_sink(src->all, m, own[i]);
		if (strcmp(own[i], m->log_file) != 0)
			second = want_sink(src->all, m, m->log_file);
		stream_put_sinks(s); /* after: what both name stays open */
		s->sinks[0] = first;
		s->sinks[1] = second;
	}
}

void
sources_describe(struct sources *all, const struct log_message *m)
{
	struct source *src = find_source(all, m->index, m->uid);

	if (!src)
		return;
	if (!src->is_attached && all->is_handed_over) {
		free_source(src); /* its pipes came to their end before */
		return;
	}
	if (m->pid > 0)
		src->pid = m->pid;
	src->instance = m->instance;
	src->pm_id = m->pm_id;
	src->generation = m->generation;
	src->format = (enum log_format)m->format;
	memcpy(src->app, m->app, sizeof(src->app));
	memcpy(src->time_format, m->time_format, sizeof(src->time_format));
	choose_sinks(src, m);
	if (src->is_described)
		return;
	src->is_described = true;
	if (src->is_attached)
		start_reading(src);
}

/*
 * Worker and master are gone, and the master after it has never heard of the
 * worker: nobody can say where its lines belong. Its pipes must not be held for
 * ever. Those of one that lives will be described by a master yet to come.
 */
static void
on_unclaimed(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct sources *all = t->data;
	size_t i;

	(void)loop, (void)revents;
	for (i = 0; i < WORKERS_MAX; i++) {
		struct source *src = all->table[i];
		uint32_t index = (uint32_t)i;
		int bytes = 0, more = 0;
		uint64_t uid;

		if (!src || src->is_described || !src->is_attached ||
		    (atomic_load(&all->board->procs[i].uid) == src->uid &&
			atomic_load(&all->board->procs[i].exited) == 0))
			continue;
		(void)ioctl(src->streams[STREAM_OUT].io.fd, FIONREAD, &bytes);
		(void)ioctl(src->streams[STREAM_ERR].io.fd, FIONREAD, &more);
		if (bytes + more > 0)
			log_error("the last %d bytes of a worker are lost: "
				  "nobody is left who knows whose they are",
			    bytes + more);
		uid = src->uid;
		free_source(src);
		all->on_end(all->arg, index, uid);
	}
}

void
sources_handed_over(struct sources *all)
{
	size_t i;

	all->is_handed_over = true;
	ev_timer_stop(all->loop, &all->unclaimed);
	ev_timer_set(&all->unclaimed, SOURCE_UNCLAIMED_S, 0.);
	ev_timer_start(all->loop, &all->unclaimed);
	for (i = 0; i < WORKERS_MAX; i++) {
		if (all->table[i] && !all->table[i]->is_attached)
			free_source(all->table[i]);
	}
}

void
sources_resume(struct sources *all)
{
	size_t i, n;

	if (!all->is_paused)
		return;
	all->is_paused = false;
	for (i = 0; i < WORKERS_MAX; i++) {
		struct source *src = all->table[i];

		if (!src || !src->is_attached || !src->is_described)
			continue;
		for (n = 0; n < N_STREAMS; n++) {
			if (src->streams[n].io.fd >= 0)
				ev_io_start(all->loop, &src->streams[n].io);
		}
	}
}

int
sources_init(struct sources *all, struct ev_loop *loop,
    const struct scoreboard *board, struct sinks *sinks)
{
	memset(all, 0, sizeof(*all));
	all->loop = loop;
	all->board = board;
	all->sinks = sinks;
	all->table = calloc(WORKERS_MAX, sizeof(struct source *));
	all->read_buf = malloc(SOURCE_READ_BYTES);
	ev_timer_init(&all->unclaimed, on_unclaimed, 0., 0.);
	all->unclaimed.data = all;
	if (all->table && all->read_buf)
		return 0;
	free(all->table);
	free(all->read_buf);
	return -ENOMEM;
}

void
sources_fini(struct sources *all)
{
	size_t i, n;

	ev_timer_stop(all->loop, &all->unclaimed);
	for (i = 0; i < WORKERS_MAX; i++) {
		struct source *src = all->table[i];

		if (!src)
			continue;
		for (n = 0; n < N_STREAMS; n++)
			stream_flush(&src->streams[n]);
		free_source(src);
	}
	free(all->table);
	free(all->read_buf);
}
