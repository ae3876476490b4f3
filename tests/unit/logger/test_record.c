/* SPDX-License-Identifier: Apache-2.0 */
/* test_record.c - a line as JSON and raw. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "logger/record.h"

static const struct record_source source = {
	.app = "api",
	.type = "out",
	.pid = 812,
	.pm_id = 3,
	.instance = 1,
	.generation = 2,
};

enum { WALL_MS = 0 };

static char *
escaped(const char *text, size_t len)
{
	char *out = malloc(len * RECORD_BYTE_MAX + 1);

	cr_assert_not_null(out);
	out[record_escape(out, text, len)] = '\0';
	return out;
}

static void
expect_escaped(const char *text, size_t len, const char *want)
{
	char *got = escaped(text, len);

	cr_expect_str_eq(got, want);
	free(got);
}

static size_t
write_line(char *out, enum log_format format, const char *line, bool split)
{
	struct record_frame f;
	size_t n;

	record_frame(&f, format, "", &source, WALL_MS);
	n = record_write(out, &f, line, strlen(line), 7, split);
	cr_assert_leq(n, record_bound(strlen(line)));
	out[n] = '\0';
	return n;
}

Test(record, json_has_the_fields_in_their_order)
{
	char out[2048];

	write_line(out, LOG_JSON, "hello \"x\"", false);
	cr_expect_str_eq(out,
	    "{\"timestamp\":\"1970-01-01T00:00:00.000Z\",\"type\":\"out\","
	    "\"app_name\":\"api\",\"process_id\":3,"
	    "\"message\":\"hello \\\"x\\\"\",\"pid\":812,\"instance\":1,"
	    "\"generation\":2,\"seq\":7}\n");
}

Test(record, a_split_line_says_so)
{
	char out[2048];

	write_line(out, LOG_JSON, "part", true);
	cr_expect_not_null(strstr(out, "\"seq\":7,\"split\":true}\n"));
}

Test(record, a_trailing_carriage_return_is_no_part_of_the_message)
{
	char out[2048];

	write_line(out, LOG_JSON, "dos\r", false);
	cr_expect_not_null(strstr(out, "\"message\":\"dos\","));
	write_line(out, LOG_RAW, "dos\r", false);
	cr_expect_str_eq(out, "dos\r\n");
}

Test(record, control_bytes_are_escaped)
{
	expect_escaped(
	    "a\tb\rc\x01\x1f\x7f", 8, "a\\tb\\rc\\u0001\\u001f\\u007f");
	expect_escaped("nul\0nul", 7, "nul\\u0000nul");
	expect_escaped("a long text and then a \\ and \" quote", 36,
	    "a long text and then a \\\\ and \\\" quote");
}

Test(record, utf8_passes_and_what_is_not_is_replaced)
{
	expect_escaped("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", 15,
	    "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80");
	expect_escaped("\xff", 1, "\xef\xbf\xbd");
	expect_escaped("\xe2\x82", 2, "\xef\xbf\xbd"); /* cut off */
	expect_escaped("\xe2\x82x", 3, "\xef\xbf\xbdx");
	expect_escaped("\xc0\x80", 2, "\xef\xbf\xbd\xef\xbf\xbd"); /* long */
	expect_escaped("\xed\xa0\x80", 3, /* a surrogate */
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	expect_escaped("\xf4\x90\x80\x80", 4, /* above U+10FFFF */
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

/* Every byte at every place of a word: the fast path must see it. */
Test(record, the_fast_path_misses_no_byte)
{
	int c;
	size_t at;

	for (c = 0; c < 256; c++) {
		for (at = 0; at < 16; at++) {
			char text[16], *got;

			memset(text, 'a', sizeof(text));
			text[at] = (char)c;
			got = escaped(text, sizeof(text));
			if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
				cr_expect_eq(strlen(got), 16);
			else
				cr_expect_gt(
				    strlen(got), 16, "%d at %zu", c, at);
			cr_expect_eq(
			    strspn(got, "a"), at + (c == 'a' ? 16 - at : 0));
			free(got);
		}
	}
}

Test(record, raw_is_the_line_as_it_is)
{
	static const char line[] = "\x1b[31mred\xff\x01";
	struct record_frame f;
	char out[2048];
	size_t n;

	record_frame(&f, LOG_RAW, "", &source, WALL_MS);
	n = record_write(out, &f, line, sizeof(line) - 1, 1, false);
	cr_expect_eq(n, sizeof(line));
	cr_expect_eq(memcmp(out, line, sizeof(line) - 1), 0);
	cr_expect_eq(out[n - 1], '\n');
}

Test(record, raw_has_a_time_when_asked_for)
{
	struct record_frame f;
	char out[2048];
	size_t n;

	setenv("TZ", "UTC", 1);
	record_frame(&f, LOG_RAW, "%Y-%m-%d", &source, WALL_MS);
	n = record_write(out, &f, "x", 1, 1, false);
	out[n] = '\0';
	cr_expect_str_eq(out, "1970-01-01: x\n");
}

Test(record, the_longest_name_fits)
{
	struct record_source src = source;
	char name[APP_NAME_MAX], out[4096];
	struct record_frame f;

	memset(name, 1, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	src.app = name;
	src.pid = 2147483647;
	src.pm_id = src.instance = UINT32_MAX;
	src.generation = UINT64_MAX;
	record_frame(&f, LOG_JSON, "", &src, INT64_C(253402300799999));
	cr_expect_leq(record_write(out, &f, "\x01", 1, UINT64_MAX, true),
	    record_bound(1));
}

Test(record, lost_lines_are_told)
{
	char out[RECORD_HEAD_MAX + 1];

	out[record_write_lost(out, LOG_JSON, WALL_MS, 12, ENOSPC)] = '\0';
	cr_expect_str_eq(out,
	    "{\"timestamp\":\"1970-01-01T00:00:00.000Z\","
	    "\"type\":\"process_event\",\"message\":\"12 lines were lost: "
	    "no space left on device\",\"lost\":12}\n");
	out[record_write_lost(out, LOG_RAW, WALL_MS, 1, EACCES)] = '\0';
	cr_expect_str_eq(out,
	    "1970-01-01T00:00:00.000Z clusterd: 1 line was lost: "
	    "permission denied\n");
}
