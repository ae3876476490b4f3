/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_scalars.c - texts that mean a number, a switch, a signal, or a count.
 */
#include "helper.h"

#include <errno.h>
#include <signal.h>

#include "config/scalars.h"

Test(scalars, labels_and_variables)
{
	cr_assert(scalar_is_label("a.B_9-"));
	cr_assert_not(scalar_is_label(""));
	cr_assert_not(scalar_is_label("a/b"));
	cr_assert_not(scalar_is_label("\xc3\xa4"));
	cr_assert(scalar_is_label("012345678901234567890123456789"
				  "012345678901234567890123456789012"));
	cr_assert_not(scalar_is_label("012345678901234567890123456789"
				      "0123456789012345678901234567890123"));
	cr_assert(scalar_is_variable("_A9"));
	cr_assert_not(scalar_is_variable("9A"));
	cr_assert_not(scalar_is_variable("A-B"));
	cr_assert_not(scalar_is_variable(""));
}

Test(scalars, booleans)
{
	cr_assert_eq(scalar_parse_bool("true"), 1);
	cr_assert_eq(scalar_parse_bool("Yes"), 1);
	cr_assert_eq(scalar_parse_bool("OFF"), 0);
	cr_assert_eq(scalar_parse_bool("1"), -1);
	cr_assert_eq(scalar_parse_bool(""), -1);
}

Test(scalars, integers)
{
	int64_t n;

	cr_assert_eq(scalar_parse_int("-12", &n), 0);
	cr_assert_eq(n, -12);
	cr_assert_eq(scalar_parse_int("99999999999999999999", &n), 0);
	cr_assert_eq(n, INT64_MAX);
	cr_assert_eq(scalar_parse_int("1.0", &n), -EINVAL);
	cr_assert_eq(scalar_parse_int("0x1", &n), -EINVAL);
	cr_assert_eq(scalar_parse_int("", &n), -EINVAL);
	cr_assert_eq(scalar_parse_int("-", &n), -EINVAL);
	cr_assert_eq(scalar_parse_int(" 1", &n), -EINVAL);
}

Test(scalars, modes)
{
	int mode = -1;

	cr_assert_eq(scalar_parse_mode("0660", &mode), 0);
	cr_assert_eq(mode, 0660);
	cr_assert_eq(scalar_parse_mode("0o777", &mode), 0);
	cr_assert_eq(mode, 0777);
	cr_assert_eq(scalar_parse_mode("1777", &mode), -EINVAL);
	cr_assert_eq(scalar_parse_mode("888", &mode), -EINVAL);
	cr_assert_eq(scalar_parse_mode("", &mode), -EINVAL);
	cr_assert_eq(mode, 0777);
}

Test(scalars, signals)
{
	char out[32];
	int n = 0;

	cr_assert_eq(scalar_parse_signal("SIGUSR2", &n), 0);
	cr_assert_eq(n, SIGUSR2);
	cr_assert_eq(scalar_parse_signal("quit", &n), 0);
	cr_assert_eq(n, SIGQUIT);
	cr_assert_eq(scalar_parse_signal("15", &n), 0);
	cr_assert_eq(n, SIGTERM);
	cr_assert_eq(scalar_parse_signal("0", &n), -EINVAL);
	cr_assert_eq(scalar_parse_signal("65", &n), -EINVAL);
	cr_assert_eq(scalar_parse_signal("SIG", &n), -EINVAL);
	cr_assert_eq(scalar_parse_signal("NOPE", &n), -EINVAL);
	cr_assert_str_eq(
	    scalar_write_signal(SIGINT, out, sizeof(out)), "SIGINT");
	cr_assert_str_eq(scalar_write_signal(40, out, sizeof(out)), "40");
}

static void
expect_count(const char *text, int cpus, int count, const char *written)
{
	struct config_instances i;
	char out[32];

	cr_assert_eq(scalar_parse_instances(text, &i), 0, "%s", text);
	cr_assert_eq(config_instances_count(&i, cpus), count, "%s on %d: %d",
	    text, cpus, config_instances_count(&i, cpus));
	cr_assert_str_eq(scalar_write_instances(&i, out, sizeof(out)), written);
}

Test(scalars, instances)
{
	struct config_instances i = { INSTANCES_NUMBER, 7 };

	expect_count("4", 2, 4, "4");
	expect_count("max", 8, 8, "max");
	expect_count("0", 8, 8, "max");
	expect_count("-1", 8, 7, "-1");
	expect_count("-8", 8, 1, "-8");
	expect_count("-9", 2, 1, "-9");
	expect_count("2/cpu", 3, 6, "2/cpu");
	expect_count("3 / CPU", 1, 3, "3/cpu");
	expect_count("2048/cpu", 4096, INSTANCES_MAX, "2048/cpu");
	expect_count("max", 5000, INSTANCES_MAX, "max");
	cr_assert_eq(scalar_parse_instances("2049", &i), -ERANGE);
	cr_assert_eq(
	    scalar_parse_instances("99999999999999999999", &i), -ERANGE);
	cr_assert_eq(scalar_parse_instances("0/cpu", &i), -EINVAL);
	cr_assert_eq(scalar_parse_instances("/cpu", &i), -EINVAL);
	cr_assert_eq(scalar_parse_instances("2/gpu", &i), -EINVAL);
	cr_assert_eq(scalar_parse_instances("many", &i), -EINVAL);
	cr_assert_eq(i.n, 7);
}
