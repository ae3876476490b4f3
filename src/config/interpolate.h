/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interpolate.h - ${NAME} in values.
 */
#ifndef CLUSTERD_CONFIG_INTERPOLATE_H
#define CLUSTERD_CONFIG_INTERPOLATE_H

#include <stdbool.h>
#include <stddef.h>

#include <clusterd/buf.h>
#include <clusterd/compiler.h>

enum { INTERPOLATED_MAX = 128 * 1024 }; /* what execve takes as one string */

/*
 * Append `text` to `out` with ${NAME} and ${NAME:-default} filled in from the
 * environment, $$ as $. With `deferred`, ${instance}, ${pm_id}, ${app} and
 * ${listen.NAME} stay (and $${instance} keeps both its dollars, or the start of
 * a worker would fill it in); without, they are an error. 0, or -EINVAL with a
 * message in `why`, or -ENOMEM.
 */
int interpolate(const char *text, bool deferred, struct buf *out, char *why,
    size_t why_size) MUST_CHECK;

/*
 * The first reference in `text` that is left for a worker's start: its name's
 * beginning, and `*len` of it; NULL when there is none.
 */
const char *interpolate_find_deferred(const char *text, size_t *len);

/*
 * The end (behind the closing brace) of the reference that begins at `text`,
 * "${"; NULL when it does not end.
 */
const char *interpolate_reference_end(const char *text);

#endif
