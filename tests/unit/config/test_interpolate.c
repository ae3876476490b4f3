/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_interpolate.c - ${NAME} in values.
 */
#include "helper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/interpolate.h"

static void
expect(const char *text, bool deferred, const char *filled)
{
	char why[256] = "";
	struct buf out;

	buf_init(&out, INTERPOLATED_MAX);
	cr_assert_eq(interpolate(text, deferred, &out, why, sizeof(why)), 0,
	    "%s: %s", text, why);
	cr_assert_eq(buf_append(&out, "", 1), 0);
	cr_assert_str_eq(out.data, filled, "%s is %s", text, out.data);
	buf_fini(&out);
}

static void
expect_refused(const char *text, const char *part)
{
	char why[256] = "";
	struct buf out;

	buf_init(&out, INTERPOLATED_MAX);
	cr_assert_eq(interpolate(text, false, &out, why, sizeof(why)), -EINVAL,
	    "%s is accepted", text);
	cr_assert_not_null(strstr(why, part), "%s: %s", text, why);
	buf_fini(&out);
}

static void
setup(void)
{
	setenv("SET", "value", 1);
	setenv("EMPTY", "", 1);
	setenv("TRICKY", "${SET}", 1);
	unsetenv("UNSET");
}

Test(interpolate, variables_and_defaults, .init = setup)
{
	expect("a ${SET} b", false, "a value b");
	expect("${SET}${SET}", false, "valuevalue");
	expect("${EMPTY}", false, "");
	expect("${UNSET:-x y}", false, "x y");
	expect("${EMPTY:-x}", false, "x");
	expect("${SET:-x}", false, "value");
	expect("${UNSET:-}", false, "");
	expect("${UNSET:-${SET}!}", false, "value!");
	expect("${UNSET:-a:-b}", false, "a:-b");
}

Test(interpolate, value_of_a_variable_is_not_read_again, .init = setup)
{
	expect("${TRICKY}", false, "${SET}");
}

Test(interpolate, dollars, .init = setup)
{
	expect("$$", false, "$");
	expect("$$SET $SET $ 5$", false, "$SET $SET $ 5$");
	expect("$${SET}", false, "${SET}");
	expect("$$$$", false, "$$");
	expect("$$${SET}", false, "$value");
}

Test(interpolate, what_a_start_knows_stays, .init = setup)
{
	expect("${instance} ${listen.http} ${pm_id} ${app}", true,
	    "${instance} ${listen.http} ${pm_id} ${app}");
	expect("$${instance}", true, "$${instance}");
	expect("$${instance}", false, "${instance}");
	expect_refused("${instance}", "only when a worker starts");
	expect_refused("${listen.http}", "only when a worker starts");
}

Test(interpolate, what_is_wrong_is_named, .init = setup)
{
	expect_refused("${UNSET}", "UNSET is not set");
	expect_refused("x ${SET", "no closing brace");
	expect_refused("${UNSET:-${SET}", "no closing brace");
	expect_refused("${}", "write ${NAME}");
	expect_refused("${1}", "write ${NAME}");
	expect_refused("${SET-x}", "write ${NAME}");
	expect_refused("${SET:x}", "write ${NAME}");
	expect_refused(
	    "${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-${A:-x}}}}}}}}}",
	    "nested deeper");
}

Test(interpolate, result_is_bounded, .init = setup)
{
	char *big = malloc(100001);

	memset(big, 'x', 100000);
	big[100000] = '\0';
	setenv("BIG", big, 1);
	expect_refused("${BIG}${BIG}", "longer than");
	free(big);
}

static const char *
value_of(const char *name, void *arg)
{
	const char *unknown = arg;

	if (unknown != NULL && strcmp(name, unknown) == 0)
		return NULL;
	if (strcmp(name, "instance") == 0)
		return "3";
	return strcmp(name, "listen.http") == 0 ? "7" : "app";
}

Test(interpolate, start_of_a_worker_fills_the_rest)
{
	char out[64];

	cr_assert_eq(config_expand("--fd=${listen.http} ${instance}${app} $$ $",
			 value_of, NULL, out, sizeof(out)),
	    0);
	cr_assert_str_eq(out, "--fd=7 3app $$ $");
	cr_assert_eq(config_expand("$${instance} ${HOME}", value_of, NULL, out,
			 sizeof(out)),
	    0);
	cr_assert_str_eq(out, "${instance} ${HOME}");
	cr_assert_eq(config_expand("${instance} ${app}", value_of,
			 (void *)(uintptr_t) "instance", out, sizeof(out)),
	    0);
	cr_assert_str_eq(out, "${instance} app");
}

Test(interpolate, expansion_that_does_not_fit_is_refused)
{
	char out[4];

	cr_assert_eq(config_expand("abc", value_of, NULL, out, 4), 0);
	cr_assert_eq(config_expand("abcd", value_of, NULL, out, 4), -E2BIG);
	cr_assert_eq(config_expand("", value_of, NULL, out, 0), -E2BIG);
}

Test(interpolate, deferred_references_are_found)
{
	const char *name;
	size_t len = 0;

	name = interpolate_find_deferred("x $${app} ${listen.a}", &len);
	cr_assert_not_null(name);
	cr_assert_eq(len, strlen("listen.a"));
	cr_assert_eq(strncmp(name, "listen.a", len), 0);
	cr_assert_null(interpolate_find_deferred("${listen.} ${HOME}", &len));
}
