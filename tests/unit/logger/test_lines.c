/* SPDX-License-Identifier: Apache-2.0 */
/* test_lines.c - bytes become lines, however they are cut. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "logger/lines.h"

struct got {
	struct buf text; /* lines, each with '|' behind, '+' when split */
	size_t n, n_split, longest;
};

static void
keep(void *arg, const char *line, size_t len, bool split)
{
	struct got *g = arg;

	g->n++;
	g->n_split += split;
	if (len > g->longest)
		g->longest = len;
	cr_assert_eq(buf_append(&g->text, line, len), 0);
	cr_assert_eq(buf_append(&g->text, split ? "+" : "|", 1), 0);
}

static bool
is_text(const struct got *g, const char *want)
{
	return g->text.len == strlen(want) &&
	       (g->text.len == 0 ||
		   memcmp(g->text.data, want, g->text.len) == 0);
}

static void
got_init(struct got *g)
{
	memset(g, 0, sizeof(*g));
	buf_init(&g->text, 16 * 1024 * 1024);
}

Test(lines, every_cut_of_the_input_gives_the_same_lines)
{
	static const char input[] = "one\n\ntwo\r\nthree\n";
	size_t size, at;

	for (size = 1; size < sizeof(input); size++) {
		struct lines l;
		struct got g;

		got_init(&g);
		lines_init(&l);
		for (at = 0; at < sizeof(input) - 1; at += size) {
			size_t n = sizeof(input) - 1 - at;

			lines_feed(
			    &l, input + at, n < size ? n : size, keep, &g);
		}
		cr_expect(is_text(&g, "one||two\r|three|"), "size %zu", size);
		cr_expect_null(l.held.data, "nothing is held");
		lines_fini(&l);
		buf_fini(&g.text);
	}
}

Test(lines, the_last_line_comes_out_at_the_end)
{
	struct lines l;
	struct got g;

	got_init(&g);
	lines_init(&l);
	lines_feed(&l, "a\nlast", 6, keep, &g);
	cr_expect(is_text(&g, "a|"));
	lines_flush(&l, keep, &g);
	cr_expect(is_text(&g, "a|last|"));
	lines_flush(&l, keep, &g);
	cr_expect_eq(g.n, 2, "flushed once");
	lines_fini(&l);
	buf_fini(&g.text);
}

/* Feed a line of `len` bytes in pieces of `step`. */
static void
feed_long(struct got *g, size_t len, size_t step, const char *unit)
{
	size_t unit_len = strlen(unit), at;
	char *text = malloc(len + 1);
	struct lines l;

	cr_assert_not_null(text);
	for (at = 0; at < len; at++)
		text[at] = unit[at % unit_len];
	text[len] = '\n';
	got_init(g);
	lines_init(&l);
	for (at = 0; at <= len; at += step) {
		size_t n = len + 1 - at;

		lines_feed(&l, text + at, n < step ? n : step, keep, g);
	}
	lines_fini(&l);
	free(text);
}

Test(lines, a_line_of_the_limit_is_whole_and_one_byte_more_is_split)
{
	static const size_t steps[] = { 1000, 4096, LINE_BYTES_MAX, 70000,
		200000 };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct got g;

		feed_long(&g, LINE_BYTES_MAX, steps[i], "x");
		cr_expect_eq(g.n, 1, "step %zu: %zu", steps[i], g.n);
		cr_expect_eq(g.n_split, 0);
		buf_fini(&g.text);

		feed_long(&g, LINE_BYTES_MAX + 1, steps[i], "x");
		cr_expect_eq(g.n, 2, "step %zu: %zu", steps[i], g.n);
		cr_expect_eq(g.n_split, 1);
		cr_expect_eq(g.text.len, LINE_BYTES_MAX + 1 + 2);
		buf_fini(&g.text);
	}
}

Test(lines, a_giant_line_is_split_within_the_bound_and_loses_nothing)
{
	static const size_t steps[] = { 777, 65536, 65537, 1000001 };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct got g;

		feed_long(&g, 1000000, steps[i], "abc");
		cr_expect_eq(g.n, 16);
		cr_expect_eq(g.n_split, 15, "all but the last go on");
		cr_expect_leq(g.longest, (size_t)LINE_BYTES_MAX);
		cr_expect_eq(g.text.len, 1000000 + g.n);
		buf_fini(&g.text);
	}
}

Test(lines, a_character_is_not_cut_in_two)
{
	static const size_t steps[] = { 777, 65536, 1000001 };
	size_t i, at;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct got g;

		feed_long(&g, 300000, steps[i], "\xe2\x82\xac"); /* euro */
		for (at = 0; at < g.text.len; at++) {
			if (g.text.data[at] != '+')
				continue;
			cr_expect_eq((unsigned char)g.text.data[at - 1], 0xac);
			cr_expect_eq((unsigned char)g.text.data[at + 1], 0xe2);
		}
		cr_expect_gt(g.n_split, 0);
		buf_fini(&g.text);
	}
}
