/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sinks.h - all open log files, by path.
 */
#ifndef LOGGER_SINKS_H
#define LOGGER_SINKS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include <clusterd/compiler.h>
#include <clusterd/loglink.h>

enum {
	SINKS_PENDING_BYTES = 1024 * 1024, /* of all, see sinks_relieve() */
	SINK_BUCKETS = 256,
};

struct sink;
LIST_HEAD(sink_list, sink);
TAILQ_HEAD(sink_queue, sink);

struct sinks {
	struct ev_loop *loop;			/* borrowed */
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
 * sink_put(). NULL when out of memory. `format` is that of records about lost
 * lines.
 */
struct sink *sinks_get(
    struct sinks *s, const char *path, enum log_format format) MUST_CHECK;

#endif
