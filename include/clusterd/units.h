/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units.h - numbers with a unit, as people write and read them.
 */
#ifndef CLUSTERD_UNITS_H
#define CLUSTERD_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>

/*
 * "100" (milliseconds), "250ms", "1.2s", "10m", "2h", "1d", also with blanks
 * before the unit. 0, or -EINVAL (not a duration), -ERANGE (negative or above
 * INT64_MAX). `*ms` is untouched on failure.
 */
int units_parse_ms(const char *s, int64_t *ms) MUST_CHECK;

/*
 * "1048576" (bytes), "200M", "1.5G", "2GiB", "512k", "64kB": K, M, G, T mean
 * 1024 and its powers, in any case, with or without B or iB. Errors as above.
 */
int units_parse_bytes(const char *s, int64_t *bytes) MUST_CHECK;

/* For people: "850 ms", "12.4 s", "3 m 20 s", "5 h 3 m", "12 d 4 h". */
void units_format_ms(int64_t ms, char *out, size_t size);

/* For people: "512 B", "12.3 kB", "48.1 MB", "1.2 GB" (1 kB = 1024 B). */
void units_format_bytes(int64_t bytes, char *out, size_t size);

/*
 * What a person writes for the value, exact and parseable again: "1500ms" ->
 * "1.5s", 30000 -> "30s", 209715200 -> "200M".
 */
void units_write_ms(int64_t ms, char *out, size_t size);
void units_write_bytes(int64_t bytes, char *out, size_t size);

#endif
