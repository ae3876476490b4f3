/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tail.c - the last lines of a file, found from its end.
 */
#include "ctl/tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

/* A part of the file in memory: [low, high). */
struct window {
	int fd;
	char *block; /* BLOCK bytes */
	off_t low, high;
	char *line; /* TAIL_LINE_MAX bytes, NULL until a line needs it */
};

static int
read_all(int fd, char *to, size_t len, off_t offset)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, to + done, len - done, offset + (off_t)done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -errno;
		if (n == 0)
			return -ESTALE; /* truncated meanwhile */
		done += (size_t)n;
	}
	return 0;
}

/* Move the window so that it ends at `high`. */
static int
load(struct window *w, off_t high)
{
	w->low = high > BLOCK ? high - BLOCK : 0;
	w->high = high;
	return read_all(w->fd, w->block, (size_t)(high - w->low), w->low);
}

/* The offset behind the last '\n' before `end`, or 0; or -errno. */
static off_t
line_start(struct window *w, off_t end)
{
	const char *nl;
	int rc;

	while (end > 0) {
		if (end <= w->low || end > w->high) {
			rc = load(w, end);
			if (rc < 0)
				return rc;
		}
		nl = memrchr(w->block, '\n', (size_t)(end - w->low));
		if (nl)
			return w->low + (nl - w->block) + 1;
		end = w->low;
	}
	return 0;
}

/* The bytes of a line; NULL when it cannot be read. */
static const char *
line_bytes(struct window *w, off_t start, size_t len)
{
	if (start >= w->low && start + (off_t)len <= w->high)
		return w->block + (start - w->low);
	if (!w->line)
		w->line = malloc(TAIL_LINE_MAX);
	if (!w->line || read_all(w->fd, w->line, len, start) < 0)
		return NULL;
	return w->line;
}

static ssize_t
scan(struct window *w, off_t end, struct tail_line *lines, size_t max,
    tail_want_fn *want, void *arg)
{
	off_t stop = end > TAIL_SCAN_MAX ? end - TAIL_SCAN_MAX : 0, start;
	size_t n = 0, len;
	const char *text;

	while (n < max && end > stop) {
		start = line_start(w, end - 1);
		if (start < 0)
			return start == -ESTALE ? (ssize_t)n : (ssize_t)start;
		len = (size_t)(end - 1 - start);
		if (len > TAIL_LINE_MAX)
			len = TAIL_LINE_MAX;
		text = line_bytes(w, start, len);
		if (!text)
			return (ssize_t)n;
		lines[n].offset = start;
		lines[n].len = (uint32_t)len;
		lines[n].time_ms = -1;
		if (want(arg, text, len, &lines[n].time_ms))
			n++;
		end = start;
	}
	return (ssize_t)n;
}

ssize_t
tail_find(int fd, struct tail_line *lines, size_t max, tail_want_fn *want,
    void *arg, off_t *end)
{
	struct window w = { .fd = fd };
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return -errno;
	w.block = malloc(BLOCK);
	if (!w.block)
		return -ENOMEM;
	*end = line_start(&w, st.st_size);
	if (*end < 0) {
		n = (ssize_t)*end;
		*end = 0;
	} else {
		n = scan(&w, *end, lines, max, want, arg);
	}
	free(w.block);
	free(w.line);
	return n;
}
