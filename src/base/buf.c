/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.c - a byte queue with a bound: append at the end, consume at the front.
 *
 * The allocation begins `head` bytes before `data`: consuming moves `data`
 * forward instead of the bytes backward, so that a long queue that leaves in
 * small pieces is not copied for each of them.
 */
#include <clusterd/buf.h>

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAP_MIN = 256 };

void
buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){ .max = max_bytes };
}

void
buf_fini(struct buf *b)
{
	if (b->data != NULL)
		free(b->data - b->head);
	*b = (struct buf){ .max = b->max };
}

/* Move to an allocation of at least `need` bytes. */
static int
grow(struct buf *b, size_t need)
{
	size_t cap = b->cap < CAP_MIN / 2 ? CAP_MIN : b->cap * 2;
	char *data;

	if (cap < need)
		cap = need;
	if (cap > b->max)
		cap = b->max; /* need <= max: checked by the caller */
	data = malloc(cap);
	if (data == NULL)
		return -ENOMEM;
	if (b->data != NULL) {
		memcpy(data, b->data, b->len);
		free(b->data - b->head);
	}
	b->data = data;
	b->cap = cap;
	b->head = 0;
	return 0;
}

int
buf_reserve(struct buf *b, size_t len)
{
	if (len > b->max - b->len)
		return -ENOBUFS;
	if (b->data != NULL && b->cap - b->len >= len)
		return 0;
	if (len == 0)
		return 0;
	if (b->head >= b->len && b->head + b->cap - b->len >= len) {
		memcpy(b->data - b->head, b->data, b->len);
		b->data -= b->head;
		b->cap += b->head;
		b->head = 0;
		return 0;
	}
	return grow(b, b->len + len);
}

int
buf_append(struct buf *b, const void *data, size_t len)
{
	int rc = buf_reserve(b, len);

	if (rc < 0)
		return rc;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	return 0;
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int len, rc;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -EINVAL;
	if ((size_t)len > b->max - b->len)
		return -ENOBUFS;
	/* vsnprintf() wants room for a NUL, which is not part of the text and
	 * may stand beyond the bound. */
	if (b->len + (size_t)len == b->max) {
		char *text = malloc((size_t)len + 1);

		if (text == NULL)
			return -ENOMEM;
		va_start(ap, fmt);
		vsnprintf(text, (size_t)len + 1, fmt, ap);
		va_end(ap);
		rc = buf_append(b, text, (size_t)len);
		free(text);
		return rc;
	}
	rc = buf_reserve(b, (size_t)len + 1);
	if (rc < 0)
		return rc;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
	return 0;
}

void
buf_consume(struct buf *b, size_t len)
{
	assert(len <= b->len);
	if (len == b->len) {
		buf_fini(b);
		return;
	}
	b->data += len;
	b->head += len;
	b->len -= len;
	b->cap -= len;
}
