/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.h - bytes as they come from a pipe, cut into lines.
 *
 * Pure: knows no descriptor. Holds memory only while a line is unfinished.
 */
#ifndef LOGGER_LINES_H
#define LOGGER_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <clusterd/buf.h>

enum { LINE_BYTES_MAX = 64 * 1024 };

/*
 * One line without its '\n', valid during the call. `split`: it was too long,
 * and goes on in the next call.
 */
typedef void lines_fn(void *arg, const char *line, size_t len, bool split);

struct lines {
	struct buf held; /* the begin of a line whose end has not come */
};

void lines_init(struct lines *l);
void lines_fini(struct lines *l);

/* Calls `each` for every line that is whole with these bytes. */
void lines_feed(
    struct lines *l, const char *data, size_t len, lines_fn *each, void *arg);

/* The writer is gone: what is held is the last line. */
void lines_flush(struct lines *l, lines_fn *each, void *arg);

#endif
