/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tail.h - the last lines of a file, found from its end.
 *
 * Memory does not grow with the file nor with its lines: only where they are is
 * kept.
 */
#ifndef CTL_TAIL_H
#define CTL_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <clusterd/compiler.h>

enum {
	TAIL_LINE_MAX = 512 * 1024, /* of a longer line this much is shown */
	TAIL_SCAN_MAX = 64 * 1024 * 1024, /* is looked through at most */
};

struct tail_line {
	off_t offset;
	uint32_t len;	 /* without '\n', at most TAIL_LINE_MAX */
	uint32_t file;	 /* the caller's number for it */
	int64_t time_ms; /* as `want` said */
};

/* Is this line to be shown? `*time_ms` is -1; its time may be put there. */
typedef bool tail_want_fn(
    void *arg, const char *line, size_t len, int64_t *time_ms);

/*
 * Where the last `max` wanted lines of the open file are, the newest first, and
 * in `*end` the offset behind its last whole line. Returns how many, or -errno.
 */
ssize_t tail_find(int fd, struct tail_line *lines, size_t max,
    tail_want_fn *want, void *arg, off_t *end) MUST_CHECK;

#endif
