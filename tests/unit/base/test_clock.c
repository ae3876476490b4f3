/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <time.h>

#include <clusterd/clock.h>

Test(clock, iso_knows_epochs_leap_days_and_the_end)
{
	char out[CLOCK_ISO_LEN];

	clock_iso(0, out);
	cr_assert_str_eq(out, "1970-01-01T00:00:00.000Z");
	clock_iso(951782399999, out);
	cr_assert_str_eq(out, "2000-02-28T23:59:59.999Z");
	clock_iso(951782400000, out);
	cr_assert_str_eq(out, "2000-02-29T00:00:00.000Z");
	clock_iso(4107542400000, out);
	cr_assert_str_eq(out, "2100-03-01T00:00:00.000Z");
	clock_iso(INT64_MAX, out);
	cr_assert_str_eq(out, "9999-12-31T23:59:59.999Z");
	clock_iso(-1, out);
	cr_assert_str_eq(out, "1970-01-01T00:00:00.000Z");
}

Test(clock, iso_agrees_with_the_c_library)
{
	char out[CLOCK_ISO_LEN], expected[64];

	for (int64_t s = 0; s < INT64_C(8000000000); s += 8640061) {
		time_t t = (time_t)s;
		struct tm tm;

		clock_iso(s * 1000 + 7, out);
		gmtime_r(&t, &tm);
		strftime(
		    expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.007Z", &tm);
		cr_assert_str_eq(out, expected);
	}
}

Test(clock, monotonic_goes_forward)
{
	int64_t us = clock_mono_us(), ms = clock_mono_ms();

	cr_assert_leq(us / 1000, ms);
	cr_assert_leq(ms, clock_mono_us() / 1000);
	cr_assert_gt(clock_wall_ms(), INT64_C(1577836800000)); /* 2020 */
}
