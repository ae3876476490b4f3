/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_native.c - clusterd's own words: written, read back, refused.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <clusterd/native.h>

static int
parse(const char *text, struct native_message *m)
{
	static char line[1024];

	snprintf(line, sizeof(line), "%s", text);
	return native_parse(line, m);
}

Test(native, every_verb_is_read_as_it_is_written)
{
	static const struct {
		struct native_message m;
		const char *line;
	} rows[] = {
		{ { .verb = NATIVE_HELLO }, "clusterd/1 hello" },
		{ { .verb = NATIVE_READY }, "clusterd/1 ready" },
		{ { .verb = NATIVE_ALIVE }, "clusterd/1 alive" },
		{ { .verb = NATIVE_DRAINED }, "clusterd/1 drained" },
		{ { .verb = NATIVE_STATUS, .address = "warming up 3/5" },
		    "clusterd/1 status warming up 3/5" },
		{ { .verb = NATIVE_LISTENER,
		      .name = "http",
		      .address = "unix:/run/a b.sock" },
		    "clusterd/1 listener http unix:/run/a b.sock" },
		{ { .verb = NATIVE_LISTENERS, .number = 2 },
		    "clusterd/1 listeners 2" },
		{ { .verb = NATIVE_DRAIN, .number = 30000 },
		    "clusterd/1 drain 30000" },
	};
	struct native_message got;
	struct buf out;
	size_t i;

	cr_assert_eq(COUNT(rows), (size_t)NATIVE_NVERBS);
	for (i = 0; i < COUNT(rows); i++) {
		buf_init(&out, 1024);
		cr_assert_eq(native_write(&out, &rows[i].m), 0);
		cr_assert_eq(out.len, strlen(rows[i].line));
		cr_assert(memcmp(out.data, rows[i].line, out.len) == 0);
		buf_fini(&out);

		cr_assert_eq(parse(rows[i].line, &got), 0);
		cr_assert_eq(got.verb, rows[i].m.verb);
		cr_assert_eq(got.number, rows[i].m.number);
		if (rows[i].m.name != NULL)
			cr_assert_str_eq(got.name, rows[i].m.name);
		if (rows[i].m.address != NULL)
			cr_assert_str_eq(got.address, rows[i].m.address);
	}
}

Test(native, what_is_not_a_word_of_ours_is_refused)
{
	static const char *const rows[] = {
		"",
		"clusterd/1 ",
		"clusterd/2 ready",
		"clusterd/1 readyy",
		"clusterd/1 ready now",
		"clusterd/1  ready",
		"clusterd/1 drain",
		"clusterd/1 drain -1",
		"clusterd/1 drain 1s",
		"clusterd/1 drain 99999999999",
		"clusterd/1 listener",
		"clusterd/1 listener http",
		"clusterd/1 listener http ",
		"clusterd/1 listener  tcp://0.0.0.0:1",
		"clusterd/1 listener a2345678901234567890123456789012 x",
		"clusterd/1 listener a\tb tcp://0.0.0.0:1",
		"{\"cmd\":\"NODE_CLUSTER\"}",
	};
	struct native_message m;
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		cr_assert_eq(parse(rows[i], &m), -EBADMSG, "%s", rows[i]);
}

Test(native, a_status_is_printable)
{
	struct native_message m;

	cr_assert_eq(parse("clusterd/1 status a\x1b[31mb\tc", &m), 0);
	cr_assert_str_eq(m.address, "a?[31mb?c");
	cr_assert_eq(parse("clusterd/1 status na\xc3\xafve \xe2\x82\xac "
			   "\xff\xc0\x80\xed\xa0\x80\xc3",
			 &m),
	    0);
	cr_assert_str_eq(m.address, "na\xc3\xafve \xe2\x82\xac ???????");
	cr_assert_eq(parse("clusterd/1 status", &m), 0);
	cr_assert_str_eq(m.address, "");
}

Test(native, a_line_cannot_be_smuggled_into_a_line)
{
	struct native_message m = { .verb = NATIVE_STATUS,
		.address = "x\nclusterd/1 ready" };
	struct buf out;

	buf_init(&out, 1024);
	cr_assert_eq(native_write(&out, &m), -EINVAL);
	m = (struct native_message){
		.verb = NATIVE_LISTENER, .name = "a b", .address = "x"
	};
	cr_assert_eq(native_write(&out, &m), -EINVAL);
	m.name = NULL;
	cr_assert_eq(native_write(&out, &m), -EINVAL);
	cr_assert_eq(out.len, 0);
	buf_fini(&out);
}

Test(native, the_bound_of_the_buffer_is_kept)
{
	struct native_message m = { .verb = NATIVE_READY };
	struct buf out;

	buf_init(&out, 4);
	cr_assert_eq(native_write(&out, &m), -ENOBUFS);
	cr_assert_eq(out.len, 0);
	buf_fini(&out);
}
