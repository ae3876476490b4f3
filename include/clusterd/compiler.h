/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compiler.h - what every file may use: attributes, COUNT, container_of.
 */
#ifndef CLUSTERD_COMPILER_H
#define CLUSTERD_COMPILER_H

#include <stddef.h>

#define MUST_CHECK	  __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define COUNT(array)	  (sizeof(array) / sizeof((array)[0]))

#define container_of(ptr, type, member)                                        \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
