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
	SINK_BYTES = 256 * 1024,	    /* gathered before it is written */
	SINK_STUCK_BYTES = 8 * 1024 * 1024, /* held for a pipe that is full */
	SINK_RETRY_MS = 1000,
};

struct sinks;

struct sink {
	LIST_ENTRY(sink) in_bucket;
	TAILQ_ENTRY(sink) in_dirty;
	struct sinks *all; /* borrowed */
	char *path;	   /* owned */
	unsigned refs;
	enum log_format format;
	int fd; /* -1: could not be opened */
	bool is_socket;
	char *data; /* owned; NULL while nothing is gathered */
	size_t len, cap;
	bool is_dirty;
	bool is_torn;	  /* data begins within a record */
	bool is_stuck;	  /* on_writable waits */
	bool is_failing;  /* retry runs */
	bool want_reopen; /* the file was to be opened again, and was not yet */
	int error;	  /* errno of the failure */
	uint64_t lost;	  /* records */
	int64_t said_ms;  /* monotonic: when it was last complained about */
	ev_io on_writable;
	ev_timer retry;
};

/*
 * Open it; a file that cannot be opened is tried again every second. NULL when
 * out of memory. The caller holds the only reference.
 */
struct sink *sink_new(
    struct sinks *all, const char *path, enum log_format format) MUST_CHECK;
void sink_free(struct sink *k);
/* Give a reference back. */
void sink_put(struct sink *k);

/* True while its streams should not be read. */
bool sink_is_stuck(const struct sink *k);

/*
 * Room for one record of at most `bytes`, to be written there and committed at
 * once. NULL: the record is lost (and counted).
 */
char *sink_reserve(struct sink *k, size_t bytes);
void sink_commit(struct sink *k, size_t bytes);

/* Write all that is gathered, or fail, or be stuck. */
void sink_flush(struct sink *k);
/* Open the path again; the old file is written until that works. */
void sink_reopen(struct sink *k);

#endif
