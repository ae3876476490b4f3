/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c - stdout or stderr of one worker: read, framed, recorded.
 *
 * The buffer that is read into is shared by all; a stream holds memory only for
 * a line whose end has not come.
 */
#include "logger/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/clock.h>

#include "logger/record.h"
#include "logger/sinks.h"
#include "logger/source.h"

static const char *const type_names[] = { "out", "err" };
_Static_assert(COUNT(type_names) == N_STREAMS, "name every stream");

/* What one read has brought, on its way to the sinks. */
struct batch {
	struct stream *stream;
	struct record_frame frame;
};

static pid_t
find_pid(struct source *src)
{
	const struct board_proc *p;

	if (src->pid == 0 && src->all->board) {
		p = &src->all->board->procs[src->index];
		if (atomic_load(&p->uid) == src->uid)
			src->pid = atomic_load(&p->pid);
	}
	return src->pid;
}

static void
batch_init(struct batch *b, struct stream *s)
{
	struct source *src = s->source;
	struct record_source who = {
		.app = src->app,
		.type = type_names[s - src->streams],
		.pid = find_pid(src),
		.pm_id = src->pm_id,
		.instance = src->instance,
		.generation = src->generation,
	};

	b->stream = s;
	record_frame(
	    &b->frame, src->format, src->time_format, &who, clock_wall_ms());
}

/* The record is made once, in the first sink, and copied to the second. */
static void
on_line(void *arg, const char *line, size_t len, bool split)
{
	struct batch *b = arg;
	const char *made = NULL;
	size_t i, made_len = 0;
	char *to;

	b->stream->seq++;
	for (i = 0; i < COUNT(b->stream->sinks); i++) {
		struct sink *k = b->stream->sinks[i];

		if (!k)
			continue;
		to = sink_reserve(k, made ? made_len : record_bound(len));
		if (!to)
			continue;
		if (made) {
			memcpy(to, made, made_len);
		} else {
			made_len = record_write(
			    to, &b->frame, line, len, b->stream->seq, split);
			made = to;
		}
		sink_commit(k, made_len);
	}
}

void
stream_put_sinks(struct stream *s)
{
	size_t i;

	for (i = 0; i < COUNT(s->sinks); i++) {
		if (s->sinks[i])
			sink_put(s->sinks[i]);
		s->sinks[i] = NULL;
	}
}

void
stream_flush(struct stream *s)
{
	struct batch b;

	batch_init(&b, s);
	lines_flush(&s->lines, on_line, &b);
}

static void
end_stream(struct stream *s)
{
	struct source *src = s->source;

	stream_flush(s);
	ev_io_stop(src->all->loop, &s->io);
	close(s->io.fd);
	s->io.fd = -1;
	src->all->n_reading--;
	stream_put_sinks(s);
	source_end_if_over(src);
}

static bool
is_held_up(const struct stream *s)
{
	size_t i;

	for (i = 0; i < COUNT(s->sinks); i++) {
		if (s->sinks[i] && sink_is_stuck(s->sinks[i]))
			return true;
	}
	return false;
}

static void
on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct stream *s = container_of(io, struct stream, io);
	struct sources *all = s->source->all;
	size_t taken = 0;
	struct batch b;
	ssize_t n;

	(void)revents;
	do {
		if (is_held_up(s)) {
			ev_io_stop(loop, io);
			all->is_paused = true;
			return;
		}
		n = read(io->fd, all->read_buf, SOURCE_READ_BYTES);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			end_stream(s);
			return;
		}
		batch_init(&b, s);
		lines_feed(&s->lines, all->read_buf, (size_t)n, on_line, &b);
		sinks_relieve(all->sinks);
		taken += (size_t)n;
	} while (n == SOURCE_READ_BYTES && taken < SOURCE_TURN_BYTES);
}

void
stream_init(struct stream *s, struct source *src)
{
	s->source = src;
	lines_init(&s->lines);
	ev_io_init(&s->io, on_readable, -1, EV_READ);
}
