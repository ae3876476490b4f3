/* SPDX-License-Identifier: Apache-2.0 */
/*
 * suggest.c - "did you mean ...?"
 */
#include <clusterd/suggest.h>

#include <ctype.h>
#include <string.h>

enum { WORD_MAX = 64 };

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static int
fold(char c)
{
	return tolower((unsigned char)c);
}

/*
 * Edit distance: insert, delete, replace, and swap of two neighbours each count
 * one. Three rows of the matrix are enough.
 */
static size_t
distance(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= blen; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= alen; i++) {
		size_t *row = rows[i % 3], *up = rows[(i + 2) % 3];
		size_t *up2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= blen; j++) {
			size_t same = fold(a[i - 1]) == fold(b[j - 1]);

			row[j] =
			    min3(up[j] + 1, row[j - 1] + 1, up[j - 1] + !same);
			if (i > 1 && j > 1 &&
			    fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]) &&
			    up2[j - 2] + 1 < row[j])
				row[j] = up2[j - 2] + 1;
		}
	}
	return rows[alen % 3][blen];
}

const char *
suggest_closest(const char *word, const char *const *candidates, size_t count)
{
	size_t len = strlen(word), best = WORD_MAX + 1;
	const char *found = NULL;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t clen = strlen(candidates[i]);
		size_t longer = clen > len ? clen : len, d;

		if (clen > WORD_MAX)
			continue;
		d = distance(word, len, candidates[i], clen);
		if (d < best && d * 3 <= longer) {
			best = d;
			found = candidates[i];
		}
	}
	return found;
}
