/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink.h - an open log file and the records that wait to be written to it.
 *
 * One sink a path, shared by every stream that names it. Records are gathered
 * and leave in one write(2) a loop turn. A full or forbidden disk costs lines,
 * which are counted; a pipe that is full (/dev/stdout) holds its streams up.
 */
#ifndef LOGGER_SINK_H
#define LOGGER_SINK_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <clusterd/compiler.h>
#include <clusterd/loglink.h>

enum {
	SINK_BYTES = 256 * 1024, /* gathered before it is written */
	SINK_STUCK_BYTES = 8 * 1024 * 1024, /* held for a pipe that is full */
	SINKS_PENDING_BYTES =
	    1024 * 1024, /* of all sinks, see sinks_relieve() */
	SINK_BUCKETS = 256,
};

struct sink;
LIST_HEAD(sink_list, sink);
TAILQ_HEAD(sink_queue, sink);

struct sinks {
	struct ev_loop *loop; /* borrowed */
	struct sink_list buckets[SINK_BUCKETS]; /* owned: all sinks, by path */
	struct sink_queue dirty; /* those with records to write */
	size_t pending_bytes;
	bool has_room; /* a sink that was stuck no longer is; the reader clears
			*/
};

void sinks_init(struct sinks *s, struct ev_loop *loop);
void sinks_fini(struct sinks *s); /* writes what it can, without waiting */
void sinks_flush(struct sinks *s);
/* Flush if much waits; called between two reads. */
void sinks_relieve(struct sinks *s);
/* Close and open all files again, after somebody has renamed them. */
void sinks_reopen(struct sinks *s);

/*
 * The sink of a path, opened if it is new; its owner gives it back with
 * sink_put(). A file that cannot be opened is tried again every second. NULL
 * when out of memory. `format` is that of records about lost lines.
 */
struct sink *sink_get(
    struct sinks *s, const char *path, enum log_format format) MUST_CHECK;
void sink_put(struct sink *k);

/* True while its streams should not be read. */
bool sink_is_stuck(const struct sink *k);

/*
 * Room for one record of at most `bytes`, to be written there and committed at
 * once. NULL: the record is lost (and counted).
 */
char *sink_reserve(struct sink *k, size_t bytes);
void sink_commit(struct sink *k, size_t bytes);

#endif
