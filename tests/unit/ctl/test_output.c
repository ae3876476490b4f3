/* SPDX-License-Identifier: Apache-2.0 */
/* test_output.c - tables, and text of others in them. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/cmd_status.h"
#include "ctl/output.h"
#include "ctl/text.h"

static const struct column columns[] = {
	{ .title = "id", .right = true },
	{ .title = "name", .shrinks = true },
	{ .title = "wide", .needs = 100 },
	{ .title = "last" },
};

static char *
printed(const struct table *t, struct view view)
{
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	table_print(t, f, &view);
	fclose(f);
	return text;
}

static void
fill(struct table *t, const char *name)
{
	table_init(t, columns, COUNT(columns));
	table_add(t, COLOR_NONE, "%d", 7);
	table_add(t, COLOR_GREEN, "%s", name);
	table_add(t, COLOR_NONE, "%s", "w");
	table_add(t, COLOR_NONE, "%s", "");
}

static void
expect_table(const char *name, struct view view, const char *want)
{
	struct table t;
	char *text;

	fill(&t, name);
	text = printed(&t, view);
	cr_expect_str_eq(text, want);
	free(text);
	table_fini(&t);
}

Test(table, columns_are_aligned)
{
	expect_table("api", (struct view){ 0 },
	    "id  name  wide  last\n"
	    " 7  api   w     -\n");
}

Test(table, width_counts_characters_not_bytes)
{
	expect_table("gr\xc3\xbc\xc3\x9f"
		     "e",
	    (struct view){ 0 },
	    "id  name   wide  last\n"
	    " 7  gr\xc3\xbc\xc3\x9f"
	    "e  w     -\n");
	expect_table("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", (struct view){ 0 },
	    "id  name    wide  last\n"
	    " 7  \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e  w     -\n");
}

Test(table, a_narrow_terminal_gets_fewer_columns)
{
	expect_table("api", (struct view){ .width = 80 },
	    "id  name  last\n"
	    " 7  api   -\n");
}

Test(table, a_pipe_gets_all_of_it)
{
	expect_table("a-very-long-name-of-an-app-that-goes-on-and-on",
	    (struct view){ 0 },
	    "id  name                                            wide  last\n"
	    " 7  a-very-long-name-of-an-app-that-goes-on-and-on  w     -\n");
}

Test(table, what_does_not_fit_is_cut_where_it_may)
{
	expect_table("a-very-long-name-of-an-app", (struct view){ .width = 20 },
	    "id  name        last\n"
	    " 7  a-very-lo~  -\n");
}

Test(table, colours_do_not_count_as_width)
{
	expect_table("api", (struct view){ .color = true, .width = 200 },
	    "\033[1mid\033[0m  \033[1mname\033[0m  \033[1mwide\033[0m  "
	    "\033[1mlast\033[0m\n"
	    " 7  \033[32mapi\033[0m   w     -\n");
}

Test(table, control_characters_do_not_get_through)
{
	expect_table("a\033[2Jb", (struct view){ 0 },
	    "id  name    wide  last\n"
	    " 7  a?[2Jb  w     -\n");
}

static void
expect_clean(const char *text, const char *want, const char *want_log)
{
	char copy[64];

	strcpy(copy, text);
	text_clean(copy);
	cr_expect_str_eq(copy, want);
	strcpy(copy, text);
	text_clean_log(copy);
	cr_expect_str_eq(copy, want_log);
}

Test(text, what_could_harm_a_terminal_is_replaced)
{
	expect_clean("plain", "plain", "plain");
	expect_clean("a\nb\rc\ad", "a?b?c?d", "a?b?c?d");
	expect_clean(
	    "\033[31mred\033[0m", "?[31mred?[0m", "\033[31mred\033[0m");
	expect_clean("\033[2J\033]0;x\a", "?[2J?]0;x?", "?[2J?]0;x?");
	expect_clean("tab\t", "tab?", "tab\t");
	expect_clean("\xc2\x9b"
		     "31m",
	    "?31m", "?31m"); /* C1: CSI */
	expect_clean("\xe2\x80\xae"
		     "x",
	    "?x", "?x"); /* right to left */
	expect_clean("\xff\xc3", "??", "??");
	expect_clean("\xc3\xa9", "\xc3\xa9", "\xc3\xa9");
	expect_clean("\xe2\x82", "??", "??");
}

Test(text, it_is_cut_to_columns)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *want;
	} cuts[] = {
		{ "abc", 3, "abc" },
		{ "abcd", 3, "ab~" },
		{ "abcd", 1, "~" },
		{ "abcd", 0, "" },
		{ "", 5, "" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4, "\xe6\x97\xa5\xe6\x9c\xac" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5~" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 2, "~" },
	};
	char copy[64];
	size_t i;

	for (i = 0; i < COUNT(cuts); i++) {
		strcpy(copy, cuts[i].text);
		text_cut(copy, cuts[i].columns);
		cr_expect_str_eq(copy, cuts[i].want, "cut %zu", i);
		cr_expect_leq(text_width(copy), cuts[i].columns);
	}
}

Test(text, units_have_no_blanks)
{
	char text[32];

	format_ms(200 * 1000, text, sizeof(text));
	cr_expect_str_eq(text, "3m20s");
	format_bytes(512, text, sizeof(text));
	cr_expect_str_eq(text, "512B");
}

static const char status_json[] =
    "{\"clusterd\":{\"state\":\"running\"},\"workers\":["
    "{\"id\":0,\"name\":\"api\",\"namespace\":\"default\",\"instance\":0,"
    "\"mode\":\"cluster\",\"pid\":812,\"status\":\"ready\","
    "\"uptime_ms\":200000,\"restarts\":1,\"cpu_percent\":0.44,"
    "\"memory_bytes\":512,\"generation\":3,"
    "\"listen\":[\"tcp://127.0.0.1:80\",\"unix:/x\"],\"reason\":\"\"},"
    "{\"id\":1,\"name\":\"api\",\"namespace\":\"default\",\"instance\":1,"
    "\"mode\":\"cluster\",\"pid\":0,\"status\":\"waiting\",\"uptime_ms\":0,"
    "\"restarts\":2,\"cpu_percent\":0,\"memory_bytes\":0,\"listen\":[],"
    "\"reason\":\"exited with status 1\\u001b[2J\"}]}";

Test(status, one_row_a_worker_and_the_reasons_below)
{
	json_t *result = json_loads(status_json, 0, NULL);
	struct view view = { 0 };
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	cr_assert_not_null(result);
	cr_expect_eq(status_print(f, result, &view), 0);
	fclose(f);
	cr_expect_str_eq(text,
	    "id  name  namespace  mode     pid  uptime  restarts  status    "
	    "cpu  memory  listen\n"
	    " 0  api   default    cluster  812   3m20s         1  ready    "
	    "0.4%    512B  tcp://127.0.0.1:80,unix:/x\n"
	    " 1  api   default    cluster    -       -         2  waiting     "
	    "-       -  -\n"
	    "\n"
	    "api[1] waiting: exited with status 1?[2J\n");
	free(text);
	json_decref(result);
}
