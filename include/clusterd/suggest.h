/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suggest.h - "did you mean ...?"
 */
#ifndef CLUSTERD_SUGGEST_H
#define CLUSTERD_SUGGEST_H

#include <stddef.h>

/*
 * The one of `count` candidates that is nearest to `word` by edit distance
 * (case does not count), or NULL when none is near (more than a third of its
 * letters differ). Borrowed from `candidates`.
 */
const char *suggest_closest(
    const char *word, const char *const *candidates, size_t count);

#endif
