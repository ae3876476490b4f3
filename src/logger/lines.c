/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.c - bytes as they come from a pipe, cut into lines.
 *
 * A line that lies whole in the bytes just read is handed on where it is; only
 * the unfinished rest is copied.
 */
#include "logger/lines.h"

#include <string.h>

void
lines_init(struct lines *l)
{
	buf_init(&l->held, LINE_BYTES_MAX);
}

void
lines_fini(struct lines *l)
{
	buf_fini(&l->held);
}

/*
 * Where to cut `len` bytes behind which the byte `next` follows: not within a
 * UTF-8 character, whose first byte is at most 3 bytes back.
 */
static size_t
cut_length(const char *data, size_t len, char next)
{
	size_t back;

	if (((unsigned char)next & 0xc0) != 0x80)
		return len;
	for (back = 1; back < 4 && back < len; back++) {
		if (((unsigned char)data[len - back] & 0xc0) != 0x80)
			return len - back;
	}
	return len; /* not UTF-8 */
}

/* Hand on all pieces but the last of a line that is too long. */
static void
split_long(const char **data, size_t *len, lines_fn *each, void *arg)
{
	while (*len > LINE_BYTES_MAX) {
		size_t cut =
		    cut_length(*data, LINE_BYTES_MAX, (*data)[LINE_BYTES_MAX]);

		each(arg, *data, cut, true);
		*data += cut;
		*len -= cut;
	}
}

/* Out of memory must not lose a line: it is handed on in pieces. */
static void
hold_piece(
    struct lines *l, const char *data, size_t len, lines_fn *each, void *arg)
{
	if (len == 0 || buf_append(&l->held, data, len) == 0)
		return;
	if (l->held.len > 0)
		each(arg, l->held.data, l->held.len, true);
	buf_consume(&l->held, l->held.len);
	each(arg, data, len, true);
}

/* Add bytes without a '\n' to the held line, which stays within the bound. */
static void
hold(struct lines *l, const char *data, size_t len, lines_fn *each, void *arg)
{
	size_t room, cut;

	if (l->held.len == 0)
		split_long(&data, &len, each, arg);
	while (l->held.len + len > LINE_BYTES_MAX) {
		room = LINE_BYTES_MAX - l->held.len;
		hold_piece(l, data, room, each, arg);
		data += room;
		len -= room;
		if (l->held.len == 0)
			continue;
		cut = cut_length(l->held.data, l->held.len, *data);
		each(arg, l->held.data, cut, true);
		buf_consume(&l->held, cut);
	}
	hold_piece(l, data, len, each, arg);
}

/* The end of a held line has come: `len` bytes before the '\n'. */
static void
finish(struct lines *l, const char *data, size_t len, lines_fn *each, void *arg)
{
	hold(l, data, len, each, arg);
	each(arg, l->held.data ? l->held.data : "", l->held.len, false);
	buf_consume(&l->held, l->held.len);
}

void
lines_feed(
    struct lines *l, const char *data, size_t len, lines_fn *each, void *arg)
{
	const char *end = data + len, *nl;

	while (data < end) {
		nl = memchr(data, '\n', (size_t)(end - data));
		if (!nl) {
			hold(l, data, (size_t)(end - data), each, arg);
			return;
		}
		len = (size_t)(nl - data);
		if (l->held.len > 0) {
			finish(l, data, len, each, arg);
		} else {
			split_long(&data, &len, each, arg);
			each(arg, data, len, false);
		}
		data = nl + 1;
	}
}

void
lines_flush(struct lines *l, lines_fn *each, void *arg)
{
	if (l->held.len == 0)
		return;
	each(arg, l->held.data, l->held.len, false);
	buf_consume(&l->held, l->held.len);
}
