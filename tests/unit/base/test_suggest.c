/* SPDX-License-Identifier: Apache-2.0 */
#include <clusterd/compiler.h>
#include <clusterd/suggest.h>
#include <criterion/criterion.h>
#include <string.h>

static const char *const keys[] = { "name", "script", "instances", "listen",
	"kill_timeout", "wait_ready" };

static const char *
closest(const char *word)
{
	return suggest_closest(word, keys, COUNT(keys));
}

Test(suggest, finds_the_nearest)
{
	cr_expect_str_eq(closest("instnces"), "instances");
	cr_expect_str_eq(closest("Instances"), "instances");
	cr_expect_str_eq(closest("kill_timout"), "kill_timeout");
	cr_expect_str_eq(closest("killTimeout"), "kill_timeout");
	cr_expect_str_eq(closest("nmae"), "name");
	cr_expect_str_eq(closest("lisen"), "listen");
}

Test(suggest, says_nothing_when_none_is_near)
{
	char longer[200];

	cr_expect_null(closest("max_memory_restart"));
	cr_expect_null(closest(""));
	cr_expect_null(closest("x"));
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	cr_expect_null(closest(longer));
	cr_expect_null(suggest_closest("name", NULL, 0));
}
