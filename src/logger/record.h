/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - a line of a worker as a record of a log file.
 *
 * What does not change between the lines of one read (time, names, numbers) is
 * put together once, in a frame; a record is then three copies.
 */
#ifndef LOGGER_RECORD_H
#define LOGGER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <clusterd/loglink.h>

enum {
	RECORD_HEAD_MAX = 640, /* everything before the message */
	RECORD_TAIL_MAX = 160, /* everything behind it */
	/* A byte becomes at most six: a control byte is \u00XX. */
	RECORD_BYTE_MAX = 6,
};

struct record_source {
	const char *app;
	const char *type; /* "out" or "err" */
	pid_t pid;
	uint32_t pm_id, instance;
	uint64_t generation;
};

struct record_frame {
	enum log_format format;
	char head[RECORD_HEAD_MAX];
	size_t head_len;
	char tail[RECORD_TAIL_MAX];
	size_t tail_len;
};

/* `time_format`: strftime(3), for LOG_RAW; "" no time. */
void record_frame(struct record_frame *f, enum log_format format,
    const char *time_format, const struct record_source *src, int64_t wall_ms);

/* The bytes that one record of a line of `len` bytes takes at most. */
size_t record_bound(size_t len);

/*
 * Write the record of one line, '\n' included, to `out` (record_bound() bytes);
 * returns its length.
 */
size_t record_write(char *out, const struct record_frame *f, const char *line,
    size_t len, uint64_t seq, bool split);

/* "N lines were lost: WHY" as a record; at most RECORD_HEAD_MAX bytes. */
size_t record_write_lost(char *out, enum log_format format, int64_t wall_ms,
    uint64_t lost, int error);

/* JSON string contents, without the quotes: at most 6 * len bytes. */
size_t record_escape(char *out, const char *text, size_t len);

#endif
