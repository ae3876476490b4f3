/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - a byte queue with a bound: append at the end, consume at the front.
 *
 * Memory is taken when the first byte comes and given back when the buffer
 * runs empty, so that a thousand idle peers cost nothing.
 */
#ifndef CLUSTERD_BUF_H
#define CLUSTERD_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include <clusterd/compiler.h>

struct buf {
	char *data;  /* owned; NULL while empty. Not NUL-terminated */
	size_t len;  /* bytes held, from data[0] on */
	size_t cap;  /* bytes there is room for, from data[0] on */
	size_t max;  /* bytes; an append beyond it fails */
	size_t head; /* bytes consumed already, before data */
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_fini(struct buf *b);

/* 0, -ENOBUFS (the bound) or -ENOMEM; on failure the buffer is unchanged. */
int buf_append(struct buf *b, const void *data, size_t len) MUST_CHECK;
int buf_printf(struct buf *b, const char *fmt, ...)
    PRINTF_LIKE(2, 3) MUST_CHECK;

/*
 * Room for at least `len` more bytes at data + len (then add to b->len what was
 * put there). 0, -ENOBUFS or -ENOMEM.
 */
int buf_reserve(struct buf *b, size_t len) MUST_CHECK;

/* Drop `len` bytes (at most b->len) from the front. */
void buf_consume(struct buf *b, size_t len);

#endif
