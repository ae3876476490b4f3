/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <clusterd/buf.h>

Test(buf, keeps_the_order_of_bytes)
{
	struct buf b;
	char expected[5000];
	size_t put = 0, got = 0;

	for (size_t i = 0; i < sizeof(expected); i++)
		expected[i] = (char)(i * 7);
	buf_init(&b, 1024);
	while (got < sizeof(expected)) {
		size_t n = 1 + put % 131;

		if (n > sizeof(expected) - put)
			n = sizeof(expected) - put;
		if (n > 0 && buf_append(&b, expected + put, n) == 0)
			put += n;
		n = 1 + got % 97;
		if (n > b.len)
			n = b.len;
		cr_assert_eq(memcmp(b.data, expected + got, n), 0);
		buf_consume(&b, n);
		got += n;
	}
	cr_assert_eq(b.len, 0);
	buf_fini(&b);
}

Test(buf, refuses_more_than_its_bound_and_stays_as_it_was)
{
	struct buf b;

	buf_init(&b, 8);
	cr_assert_eq(buf_append(&b, "12345", 5), 0);
	cr_assert_eq(buf_append(&b, "6789", 4), -ENOBUFS);
	cr_assert_eq(buf_printf(&b, "%d", 6789), -ENOBUFS);
	cr_assert_eq(buf_reserve(&b, (size_t)-1), -ENOBUFS);
	cr_assert_eq(b.len, 5);
	cr_assert_eq(buf_printf(&b, "%d", 678), 0);
	cr_assert_eq(b.len, 8);
	cr_assert_eq(memcmp(b.data, "12345678", 8), 0);
	buf_fini(&b);
}

Test(buf, holds_no_memory_while_empty)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	cr_assert_null(b.data);
	cr_assert_eq(buf_append(&b, "", 0), 0);
	cr_assert_null(b.data);
	cr_assert_eq(buf_append(&b, "abc", 3), 0);
	buf_consume(&b, 2);
	cr_assert_eq(b.data[0], 'c');
	buf_consume(&b, 1);
	cr_assert_null(b.data);
	cr_assert_eq(b.cap, 0);
	cr_assert_eq(b.max, 1 << 20);
}

Test(buf, moves_instead_of_growing_when_the_front_is_free)
{
	struct buf b;
	size_t cap;

	buf_init(&b, 1 << 20);
	cr_assert_eq(buf_reserve(&b, 4096), 0);
	memset(b.data, 'x', 4096);
	b.len = 4096;
	buf_consume(&b, 4000);
	cap = b.cap + b.head;
	cr_assert_eq(buf_reserve(&b, 2000), 0);
	cr_assert_eq(b.cap + b.head, cap);
	cr_assert_eq(b.head, 0);
	cr_assert_eq(b.len, 96);
	cr_assert_eq(b.data[95], 'x');
	buf_fini(&b);
}

Test(buf, formats_at_its_end)
{
	struct buf b;

	buf_init(&b, 1000);
	cr_assert_eq(buf_printf(&b, "%s=%d;", "a", 1), 0);
	cr_assert_eq(buf_printf(&b, "%s=%d;", "b", 2), 0);
	cr_assert_eq(b.len, 8);
	cr_assert_eq(memcmp(b.data, "a=1;b=2;", 8), 0);
	buf_fini(&b);
}
