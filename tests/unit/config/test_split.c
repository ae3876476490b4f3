/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_split.c - one string into words.
 */
#include "helper.h"

#include <errno.h>
#include <string.h>

#include "config/split.h"

/* The words of `text`, each ended by '|'. */
static int
split(const char *text, char *out)
{
	bool quoted;
	int rc;

	out[0] = '\0';
	while ((rc = split_next(&text, out + strlen(out), &quoted)) > 0)
		strcat(out, "|");
	return rc;
}

Test(split, words)
{
	char out[256];

	cr_assert_eq(split("  a\tb\n c ", out), 0);
	cr_assert_str_eq(out, "a|b|c|");
	cr_assert_eq(split("", out), 0);
	cr_assert_str_eq(out, "");
}

Test(split, quotes)
{
	char out[256];

	cr_assert_eq(split("'a b' \"c 'd'\" e'f g'h \"\"", out), 0);
	cr_assert_str_eq(out, "a b|c 'd'|ef gh||");
	cr_assert_eq(split("\"a\\\"b\\\\c\\d\" 'e\\'", out), 0);
	cr_assert_str_eq(out, "a\"b\\c\\d|e\\|");
}

Test(split, reference_is_one_piece)
{
	char out[256];

	cr_assert_eq(split("a${B:-c d 'e}f g", out), 0);
	cr_assert_str_eq(out, "a${B:-c d 'e}f|g|");
	cr_assert_eq(split("${open a", out), 0);
	cr_assert_str_eq(out, "${open|a|");
}

Test(split, quote_without_end_is_refused)
{
	char out[256];

	cr_assert_eq(split("a 'b", out), -EINVAL);
	cr_assert_eq(split("\"", out), -EINVAL);
	cr_assert_eq(split("\"a\\\"", out), -EINVAL);
}
