/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - memory that is freed all at once.
 */
#include <clusterd/arena.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 };

struct block {
	struct block *next; /* owned by the arena */
	size_t used, size;  /* bytes of `data` */
	_Alignas(max_align_t) char data[];
};

struct arena {
	struct block *blocks; /* owned; the one to allocate from comes first */
	size_t left;	      /* bytes that may still be given out */
};

struct arena *
arena_new(size_t max_bytes)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (a != NULL)
		a->left = max_bytes;
	return a;
}

void
arena_free(struct arena *a)
{
	struct block *b, *next;

	if (a == NULL)
		return;
	for (b = a->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

/* A block with room for `bytes`; in front unless it is for one large object. */
static struct block *
add_block(struct arena *a, size_t bytes)
{
	size_t size = bytes > BLOCK_BYTES / 4 ? bytes : BLOCK_BYTES;
	struct block *b = calloc(1, sizeof(*b) + size);

	if (b == NULL)
		return NULL;
	b->size = size;
	if (a->blocks != NULL && size == bytes) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		b->next = a->blocks;
		a->blocks = b;
	}
	return b;
}

void *
arena_alloc(struct arena *a, size_t bytes)
{
	const size_t align = _Alignof(max_align_t);
	struct block *b = a->blocks;
	void *p;

	if (bytes > a->left)
		return NULL;
	bytes = bytes == 0 ? align : (bytes + align - 1) / align * align;
	if (bytes > a->left)
		return NULL;
	if (b == NULL || b->size - b->used < bytes) {
		b = add_block(a, bytes);
		if (b == NULL)
			return NULL;
	}
	p = b->data + b->used;
	b->used += bytes;
	a->left -= bytes;
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_strndup(a, s, strlen(s));
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len;
	char *p;

	if (s == NULL)
		return NULL;
	len = strnlen(s, n);
	if (len == SIZE_MAX)
		return NULL;
	p = arena_alloc(a, len + 1);
	if (p != NULL)
		memcpy(p, s, len); /* the NUL is there: memory is zeroed */
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	p = arena_alloc(a, (size_t)len + 1);
	if (p == NULL)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return p;
}
