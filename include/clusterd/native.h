/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native.h - clusterd's own words on the channel, for the SDK and for any
 * program that can write a line.
 *
 * A line is "clusterd/1 VERB [ARGUMENTS]", which is never JSON, so the same
 * channel may carry Node's lines.
 *
 *   worker -> master
 *	hello			asks for the sockets, and will heed drain
 *	ready			serves
 *	alive			heartbeat
 *	drained			has finished; will exit
 *	status TEXT		for people
 *   master -> worker
 *	listener NAME ADDRESS	+ the descriptor; one line each
 *	listeners COUNT		all have been sent
 *	drain MS		take no new work, finish within MS milliseconds
 */
#ifndef CLUSTERD_NATIVE_H
#define CLUSTERD_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/buf.h>
#include <clusterd/compiler.h>

#define NATIVE_PREFIX "clusterd/1 "

enum native_verb {
	NATIVE_HELLO,
	NATIVE_READY,
	NATIVE_ALIVE,
	NATIVE_DRAINED,
	NATIVE_STATUS,
	NATIVE_LISTENER,
	NATIVE_LISTENERS,
	NATIVE_DRAIN,
	NATIVE_NVERBS,
};

struct native_message {
	enum native_verb verb;
	int64_t number;	     /* LISTENERS: count, DRAIN: milliseconds */
	const char *name;    /* LISTENER; points into the line */
	const char *address; /* LISTENER, rest of the line; STATUS: text */
};

bool native_is_line(const char *line, size_t len);

/*
 * Cuts `line` (NUL-terminated) in place; in the text of a STATUS, bytes that
 * are not printable UTF-8 become '?'.
 * 0, or -EBADMSG: unknown verb or bad arguments.
 */
int native_parse(char *line, struct native_message *m) MUST_CHECK;

/*
 * Append the line (without '\n'): 0, a buf error, or -EINVAL for a name or a
 * text that does not fit a line.
 */
int native_write(struct buf *out, const struct native_message *m) MUST_CHECK;

#endif
