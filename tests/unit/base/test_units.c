/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>

#include <clusterd/units.h>

struct row {
	const char *text;
	int rc;
	int64_t value;
};

static void
check(const struct row *rows, size_t n, int (*parse)(const char *, int64_t *))
{
	for (size_t i = 0; i < n; i++) {
		int64_t value = -7;

		cr_expect_eq(parse(rows[i].text, &value), rows[i].rc, "\"%s\"",
		    rows[i].text);
		cr_expect_eq(value, rows[i].rc < 0 ? -7 : rows[i].value,
		    "\"%s\" is %" PRId64, rows[i].text, value);
	}
}

Test(units, durations)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ "100", 0, 100 }, { "0", 0, 0 }, { "250ms", 0, 250 },
		{ "1.2s", 0, 1200 }, { "10m", 0, 600000 }, { "2h", 0, 7200000 },
		{ "1d", 0, 86400000 }, { " 5 s", 0, 5000 }, { "5\ts", 0, 5000 },
		{ ".5s", 0, 500 }, { "1.0005s", 0, 1001 }, { "1.4", 0, 1 },
		{ "+3s", 0, 3000 }, { "-0", 0, 0 },
		{ "0.333333333333333333m", 0, 20000 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "", -EINVAL, 0 }, { "s", -EINVAL, 0 }, { "1x", -EINVAL, 0 },
		{ "1.", -EINVAL, 0 }, { ".", -EINVAL, 0 }, { "1.2.3s", -EINVAL, 0 },
		{ "1s ", -EINVAL, 0 }, { "1 s s", -EINVAL, 0 }, { "1S", -EINVAL, 0 },
		{ "1e3", -EINVAL, 0 }, { "0x10", -EINVAL, 0 }, { "--1", -EINVAL, 0 },
		{ "-1", -ERANGE, 0 }, { "-1.5s", -ERANGE, 0 },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "99999999999999999999999999", -ERANGE, 0 },
		{ "106751991168d", -ERANGE, 0 },
	};
	/* clang-format on */

	check(rows, COUNT(rows), units_parse_ms);
}

Test(units, sizes)
{
	/* clang-format off */
	static const struct row rows[] = {
		{ "1048576", 0, 1048576 }, { "200M", 0, 209715200 },
		{ "1.5G", 0, 1610612736 }, { "2GiB", 0, INT64_C(2147483648) },
		{ "512k", 0, 524288 }, { "64kB", 0, 65536 }, { "64KB", 0, 65536 },
		{ "3 mb", 0, 3145728 }, { "7B", 0, 7 }, { "1T", 0, INT64_C(1) << 40 },
		{ "", -EINVAL, 0 }, { "M", -EINVAL, 0 }, { "5X", -EINVAL, 0 },
		{ "5Mi", -EINVAL, 0 }, { "5MBB", -EINVAL, 0 }, { "5iB", -EINVAL, 0 },
		{ "-5M", -ERANGE, 0 }, { "8388608T", -ERANGE, 0 },
	};
	/* clang-format on */

	check(rows, COUNT(rows), units_parse_bytes);
}

static const char *
format_ms(int64_t ms)
{
	static char out[32];

	units_format_ms(ms, out, sizeof(out));
	return out;
}

Test(units, durations_for_people)
{
	cr_expect_str_eq(format_ms(0), "0 ms");
	cr_expect_str_eq(format_ms(850), "850 ms");
	cr_expect_str_eq(format_ms(999), "999 ms");
	cr_expect_str_eq(format_ms(12400), "12.4 s");
	cr_expect_str_eq(format_ms(59999), "59.9 s");
	cr_expect_str_eq(format_ms(200000), "3 m 20 s");
	cr_expect_str_eq(format_ms(18180000), "5 h 3 m");
	cr_expect_str_eq(format_ms(1051200000), "12 d 4 h");
	cr_expect_str_eq(format_ms(-850), "-850 ms");
	format_ms(INT64_MIN);
}

static const char *
format_bytes(int64_t bytes)
{
	static char out[32];

	units_format_bytes(bytes, out, sizeof(out));
	return out;
}

Test(units, sizes_for_people)
{
	cr_expect_str_eq(format_bytes(0), "0 B");
	cr_expect_str_eq(format_bytes(512), "512 B");
	cr_expect_str_eq(format_bytes(12595), "12.3 kB");
	cr_expect_str_eq(format_bytes(1048575), "1.0 MB");
	cr_expect_str_eq(format_bytes(50436506), "48.1 MB");
	cr_expect_str_eq(format_bytes(1288490189), "1.2 GB");
}

Test(units, what_is_written_parses_to_the_same)
{
	static const int64_t values[] = { 0, 1, 5, 850, 1000, 1234, 1500, 30000,
		90000, 60000, 3600000, 86400000, 86400001, INT64_MAX };
	char out[32];
	int64_t back;

	for (size_t i = 0; i < COUNT(values); i++) {
		units_write_ms(values[i], out, sizeof(out));
		cr_expect_eq(units_parse_ms(out, &back), 0, "%s", out);
		cr_expect_eq(back, values[i], "%s", out);
		units_write_bytes(values[i], out, sizeof(out));
		cr_expect_eq(units_parse_bytes(out, &back), 0, "%s", out);
		cr_expect_eq(back, values[i], "%s", out);
	}
	units_write_ms(1500, out, sizeof(out));
	cr_expect_str_eq(out, "1.5s");
	units_write_ms(30000, out, sizeof(out));
	cr_expect_str_eq(out, "30s");
	units_write_ms(850, out, sizeof(out));
	cr_expect_str_eq(out, "850ms");
	units_write_bytes(209715200, out, sizeof(out));
	cr_expect_str_eq(out, "200M");
}
