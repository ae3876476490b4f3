/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink.c - an open log file and the records that wait to be written to it.
 *
 * A sink is well, stuck (its pipe is full: it waits until that is writable), or
 * failing (open or write said no: records are dropped and counted, and every
 * second it is tried again). Whatever happens, a record of which a part has
 * been written is completed before the next.
 */
#include "logger/sink.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/log.h>

#include "logger/record.h"
#include "logger/sinks.h"
#include "logger/target.h"

enum { SAY_AGAIN_MS = 60 * 1000 };

static void fail(struct sink *k, int error);

static void
use_fd(struct sink *k, int fd)
{
	struct stat st;

	k->fd = fd;
	k->is_socket = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
	ev_io_set(&k->on_writable, fd, EV_WRITE);
}

static ssize_t
write_some(const struct sink *k, const char *data, size_t len)
{
	ssize_t n;

	do {
		if (k->is_socket)
			n = send(k->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			n = write(k->fd, data, len);
	} while (n == -1 && errno == EINTR);
	return n >= 0 ? n : -errno;
}

/* Drop `len` bytes, which have been written, from the front. */
static void
consume(struct sink *k, size_t len)
{
	if (len == 0)
		return;
	k->is_torn = k->data[len - 1] != '\n';
	k->len -= len;
	k->all->pending_bytes -= len;
	memmove(k->data, k->data + len, k->len);
}

static void
become_clean(struct sink *k)
{
	if (k->is_dirty) {
		TAILQ_REMOVE(&k->all->dirty, k, in_dirty);
		k->is_dirty = false;
	}
	if (k->len > 0)
		return;
	free(k->data);
	k->data = NULL;
	k->cap = 0;
}

static void
set_stuck(struct sink *k, bool stuck)
{
	if (k->is_stuck == stuck)
		return;
	k->is_stuck = stuck;
	if (stuck) {
		ev_io_start(k->all->loop, &k->on_writable);
	} else {
		ev_io_stop(k->all->loop, &k->on_writable);
		k->all->has_room = true;
	}
}

void
sink_flush(struct sink *k)
{
	size_t done = 0;
	ssize_t n = 0;

	while (done < k->len) {
		n = write_some(k, k->data + done, k->len - done);
		if (n < 0)
			break;
		done += (size_t)n;
	}
	consume(k, done);
	if (n < 0 && n != -EAGAIN)
		fail(k, (int)-n);
	else
		set_stuck(k, k->len > 0);
	become_clean(k);
}

/* Say it, but not with every line of a flood. */
static void
complain(struct sink *k)
{
	int64_t now = clock_mono_ms();

	if (k->said_ms != 0 && now - k->said_ms < SAY_AGAIN_MS)
		return;
	k->said_ms = now;
	log_error("cannot write %s: %s; its lines are dropped and counted, "
		  "next try in %d ms",
	    k->path, strerror(k->error), SINK_RETRY_MS);
}

/* Of what is gathered keep the rest of a torn record; count the others. */
static void
drop_records(struct sink *k)
{
	size_t keep = 0, i;
	char *nl;

	if (k->is_torn && k->len > 0) {
		nl = memchr(k->data, '\n', k->len);
		keep = nl ? (size_t)(nl - k->data) + 1 : k->len;
	}
	for (i = keep; i < k->len; i++)
		k->lost += k->data[i] == '\n';
	k->all->pending_bytes -= k->len - keep;
	k->len = keep;
}

static void
retry_later(struct sink *k)
{
	if (ev_is_active(&k->retry))
		return;
	ev_timer_set(&k->retry, SINK_RETRY_MS / 1e3, 0.);
	ev_timer_start(k->all->loop, &k->retry);
}

static void
fail(struct sink *k, int error)
{
	set_stuck(k, false);
	k->error = error;
	drop_records(k);
	complain(k);
	k->is_failing = true;
	retry_later(k);
}

void
sink_free(struct sink *k)
{
	if (k->lost > 0)
		log_error("%s: lines lost: %" PRIu64 " (%s)", k->path, k->lost,
		    strerror(k->error));
	k->all->pending_bytes -= k->len;
	k->len = 0;
	set_stuck(k, false);
	ev_timer_stop(k->all->loop, &k->retry);
	become_clean(k);
	LIST_REMOVE(k, in_bucket);
	if (k->fd >= 0)
		close(k->fd);
	free(k->path);
	free(k);
}

/* A sink that nobody names stays only for what it still has to write. */
static void
free_if_done(struct sink *k)
{
	if (k->refs > 0)
		return;
	if (k->fd >= 0 && (k->len > 0 || k->lost > 0))
		return;
	sink_free(k);
}

/* The begin of the record is in another file: its rest is of no use. */
static void
drop_torn_rest(struct sink *k)
{
	const char *nl;
	size_t len;

	if (k->is_torn && k->len > 0) {
		nl = memchr(k->data, '\n', k->len);
		len = nl ? (size_t)(nl - k->data) + 1 : k->len;
		k->len -= len;
		k->all->pending_bytes -= len;
		memmove(k->data, k->data + len, k->len);
		k->lost++;
	}
	k->is_torn = false;
}

/* 0 once the file is open (again); what has been open stays until then. */
static int
reopen(struct sink *k)
{
	int fd = target_open(k->path);

	if (fd < 0)
		return fd;
	set_stuck(k, false);
	if (k->fd >= 0)
		close(k->fd);
	use_fd(k, fd);
	k->want_reopen = false;
	drop_torn_rest(k);
	return 0;
}

/* What was lost becomes a record, which also shows whether it works again. */
static void
write_lost_record(struct sink *k)
{
	uint64_t lost = k->lost;
	char *to;

	k->is_failing = false;
	if (lost > 0) {
		k->lost = 0;
		to = sink_reserve(k, RECORD_HEAD_MAX);
		if (!to) { /* no memory, or failed again on the way */
			k->lost = lost;
			if (!k->is_failing)
				fail(k, ENOMEM);
			return;
		}
		sink_commit(k, record_write_lost(to, k->format, clock_wall_ms(),
				   lost, k->error));
	}
	sink_flush(k);
	if (k->is_failing) {
		if (k->lost > 0)
			k->lost = lost; /* that record did not get out */
		return;
	}
	log_info(
	    "%s can be written again; lines lost: %" PRIu64, k->path, lost);
	k->said_ms = 0;
}

/* Who makes room on a full disk removes the file, which we would keep. */
static bool
is_deleted(const struct sink *k)
{
	struct stat st;

	return fstat(k->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_nlink == 0;
}

static void
on_retry(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct sink *k = container_of(t, struct sink, retry);
	int rc = 0;

	(void)loop, (void)revents;
	if (k->fd < 0 || k->want_reopen || (k->is_failing && is_deleted(k)))
		rc = reopen(k);
	if (rc < 0) {
		if (k->fd < 0 || k->is_failing) {
			fail(k, -rc);
		} else { /* the old file is still written */
			k->error = -rc;
			complain(k);
			retry_later(k);
		}
		return;
	}
	if (k->is_failing)
		write_lost_record(k);
	free_if_done(k);
}

static void
on_writable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct sink *k = container_of(io, struct sink, on_writable);

	(void)loop, (void)revents;
	sink_flush(k);
	free_if_done(k);
}

struct sink *
sink_new(struct sinks *all, const char *path, enum log_format format)
{
	struct sink *k = calloc(1, sizeof(*k));
	int fd;

	if (!k)
		return NULL;
	k->path = strdup(path);
	if (!k->path) {
		free(k);
		return NULL;
	}
	k->all = all;
	k->refs = 1;
	k->format = format;
	k->fd = -1;
	ev_io_init(&k->on_writable, on_writable, 0, EV_WRITE);
	ev_timer_init(&k->retry, on_retry, 0., 0.);
	fd = target_open(path);
	if (fd >= 0)
		use_fd(k, fd);
	else
		fail(k, -fd);
	return k;
}

void
sink_put(struct sink *k)
{
	k->refs--;
	if (k->refs > 0)
		return;
	if (k->len > 0 && !k->is_failing && !k->is_stuck)
		sink_flush(k);
	free_if_done(k);
}

bool
sink_is_stuck(const struct sink *k)
{
	return k->is_stuck;
}

/* Memory for `need` bytes in all; false when it is refused. */
static bool
grow(struct sink *k, size_t need)
{
	size_t cap = k->cap ? k->cap : SINK_BYTES;
	char *data;

	while (cap < need)
		cap *= 2;
	if (cap <= k->cap)
		return true;
	data = realloc(k->data, cap);
	if (!data)
		return false;
	k->data = data;
	k->cap = cap;
	return true;
}

char *
sink_reserve(struct sink *k, size_t bytes)
{
	if (!k->is_failing && !k->is_stuck && k->len > 0 &&
	    k->len + bytes > SINK_BYTES)
		sink_flush(k);
	if (k->is_failing || k->len + bytes > SINK_STUCK_BYTES ||
	    !grow(k, k->len + bytes)) {
		if (!k->is_failing)
			fail(k, ENOBUFS);
		k->lost++;
		return NULL;
	}
	return k->data + k->len;
}

void
sink_commit(struct sink *k, size_t bytes)
{
	k->len += bytes;
	k->all->pending_bytes += bytes;
	if (k->is_dirty || k->is_stuck)
		return;
	TAILQ_INSERT_TAIL(&k->all->dirty, k, in_dirty);
	k->is_dirty = true;
}

void
sink_reopen(struct sink *k)
{
	int rc;

	if (k->fd < 0 || k->is_stuck)
		return; /* is being tried; is a pipe */
	rc = reopen(k);
	if (rc == 0)
		return;
	k->want_reopen = true;
	k->error = -rc;
	complain(k);
	retry_later(k);
}
