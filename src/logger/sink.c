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
#include "logger/target.h"

enum {
	RETRY_MS = 1000,
	SAY_AGAIN_MS = 60 * 1000,
};

struct sink {
	LIST_ENTRY(sink) in_bucket;
	TAILQ_ENTRY(sink) in_dirty;
	struct sinks *all; /* borrowed */
	char *path; /* owned */
	uint64_t hash;
	unsigned refs;
	enum log_format format;
	int fd; /* -1: could not be opened */
	bool is_socket;
	char *data; /* owned; NULL while nothing is gathered */
	size_t len, cap;
	bool is_dirty;
	bool is_torn; /* data begins within a record */
	bool is_stuck; /* on_writable waits */
	bool is_failing; /* retry runs */
	bool want_reopen; /* the file was to be opened again, and was not yet */
	int error; /* errno of the failure */
	uint64_t lost; /* records */
	int64_t said_ms; /* monotonic: when it was last complained about */
	ev_io on_writable;
	ev_timer retry;
};

static void fail(struct sink *k, int error);

static uint64_t
hash_path(const char *path)
{
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 0x100000001b3ULL;
	return h;
}

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

/* Write all that is gathered, or fail, or be stuck. */
static void
flush(struct sink *k)
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
	    k->path, strerror(k->error), RETRY_MS);
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
fail(struct sink *k, int error)
{
	set_stuck(k, false);
	k->error = error;
	drop_records(k);
	complain(k);
	k->is_failing = true;
	if (!ev_is_active(&k->retry)) {
		ev_timer_set(&k->retry, RETRY_MS / 1e3, 0.);
		ev_timer_start(k->all->loop, &k->retry);
	}
}

static void
free_sink(struct sink *k)
{
	if (k->lost > 0)
		log_error("%s: %" PRIu64 " lines were lost: %s", k->path,
		    k->lost, strerror(k->error));
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
	free_sink(k);
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
	k->is_torn = false;
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
	flush(k);
	if (k->is_failing) {
		if (k->lost > 0)
			k->lost = lost; /* that record did not get out */
		return;
	}
	log_info("%s can be written again; %" PRIu64 " lines were lost",
	    k->path, lost);
	k->said_ms = 0;
}

static void
on_retry(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct sink *k = container_of(t, struct sink, retry);
	int rc = 0;

	(void)loop, (void)revents;
	if (k->fd < 0 || k->want_reopen)
		rc = reopen(k);
	if (rc < 0) {
		if (k->fd < 0 || k->is_failing) {
			fail(k, -rc);
		} else { /* the old file is still written */
			k->error = -rc;
			complain(k);
			ev_timer_set(t, RETRY_MS / 1e3, 0.);
			ev_timer_start(k->all->loop, t);
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
	flush(k);
	free_if_done(k);
}

static struct sink *
new_sink(struct sinks *s, const char *path, uint64_t hash)
{
	struct sink *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->path = strdup(path);
	if (!k->path) {
		free(k);
		return NULL;
	}
	k->all = s;
	k->hash = hash;
	k->fd = -1;
	ev_io_init(&k->on_writable, on_writable, 0, EV_WRITE);
	ev_timer_init(&k->retry, on_retry, 0., 0.);
	LIST_INSERT_HEAD(&s->buckets[hash % SINK_BUCKETS], k, in_bucket);
	return k;
}

struct sink *
sink_get(struct sinks *s, const char *path, enum log_format format)
{
	uint64_t hash = hash_path(path);
	struct sink *k;
	int fd;

	LIST_FOREACH (k, &s->buckets[hash % SINK_BUCKETS], in_bucket) {
		if (k->hash == hash && strcmp(k->path, path) == 0) {
			k->refs++;
			return k;
		}
	}
	k = new_sink(s, path, hash);
	if (!k)
		return NULL;
	k->refs = 1;
	k->format = format;
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
		flush(k);
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
		flush(k);
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
sinks_init(struct sinks *s, struct ev_loop *loop)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	s->loop = loop;
	for (i = 0; i < SINK_BUCKETS; i++)
		LIST_INIT(&s->buckets[i]);
	TAILQ_INIT(&s->dirty);
}

void
sinks_flush(struct sinks *s)
{
	struct sink *k;

	while ((k = TAILQ_FIRST(&s->dirty)) != NULL)
		flush(k); /* which takes it off the list */
}

void
sinks_relieve(struct sinks *s)
{
	if (s->pending_bytes > SINKS_PENDING_BYTES)
		sinks_flush(s);
}

void
sinks_reopen(struct sinks *s)
{
	struct sink *k;
	size_t i;
	int rc;

	sinks_flush(s);
	for (i = 0; i < SINK_BUCKETS; i++) {
		LIST_FOREACH (k, &s->buckets[i], in_bucket) {
			if (k->fd < 0 || k->is_stuck)
				continue; /* is being tried; is a pipe */
			rc = reopen(k);
			if (rc == 0)
				continue;
			k->want_reopen = true;
			k->error = -rc;
			complain(k);
			ev_timer_set(&k->retry, RETRY_MS / 1e3, 0.);
			ev_timer_start(s->loop, &k->retry);
		}
	}
}

void
sinks_fini(struct sinks *s)
{
	struct sink *k;
	size_t i;

	sinks_flush(s);
	for (i = 0; i < SINK_BUCKETS; i++) {
		while ((k = LIST_FIRST(&s->buckets[i])) != NULL)
			free_sink(k);
	}
}
