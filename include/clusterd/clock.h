/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - time. Durations are milliseconds of the monotonic clock; the wall
 * clock is for people and records only.
 */
#ifndef CLUSTERD_CLOCK_H
#define CLUSTERD_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_wall_ms(void); /* since 1970-01-01 UTC */

enum { CLOCK_ISO_LEN = 25 }; /* "2026-11-20T07:24:22.123Z" and NUL */

/* ISO 8601, UTC, with milliseconds. Writes CLOCK_ISO_LEN bytes. */
void clock_iso(int64_t wall_ms, char out[CLOCK_ISO_LEN]);

#endif
