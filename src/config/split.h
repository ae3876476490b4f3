/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.h - one string into words, as a shell would.
 */
#ifndef CLUSTERD_CONFIG_SPLIT_H
#define CLUSTERD_CONFIG_SPLIT_H

#include <stdbool.h>

#include <clusterd/compiler.h>

/*
 * The next word of `*at` into `out` (room for strlen(*at) + 1 bytes); `*at`
 * moves behind it. Blanks part words; '...' and "..." keep them, and in the
 * latter a backslash stands before " and itself; ${...} is one piece whatever
 * is in it. `*quoted`: there were quotes, so that an empty word counts. 1, 0
 * (no more words), or -EINVAL: a quote does not end.
 */
int split_next(const char **at, char *out, bool *quoted) MUST_CHECK;

#endif
