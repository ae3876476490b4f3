/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is freed all at once.
 *
 * A configuration is built in an arena: its strings and arrays live exactly as
 * long as it does, and one call frees them.
 */
#ifndef CLUSTERD_ARENA_H
#define CLUSTERD_ARENA_H

#include <stddef.h>

#include <clusterd/compiler.h>

struct arena;

/* NULL when out of memory. All allocations together stay below `max_bytes`. */
struct arena *arena_new(size_t max_bytes) MUST_CHECK;
void arena_free(struct arena *a);

/*
 * Zeroed, aligned for any type. NULL when `max_bytes` is reached or memory is
 * out. Owned by the arena. The string functions return NULL on NULL input.
 */
void *arena_alloc(struct arena *a, size_t bytes) MUST_CHECK;
char *arena_strdup(struct arena *a, const char *s) MUST_CHECK;
char *arena_strndup(struct arena *a, const char *s, size_t n) MUST_CHECK;
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
