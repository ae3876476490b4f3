/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_parse.c - the shapes of a file, and values as they are meant.
 */
#include "helper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(parse, shapes_of_a_file)
{
	static const char *const texts[] = {
		"apps: [{name: x, script: a.js}]",
		"apps: {x: {script: a.js}}",
		"[{name: x, script: a.js}]",
		"{name: x, script: a.js}",
		"{name: x, exec: a.js}",
		"{name: x, command: [node, a.js]}",
	};
	struct loaded l;
	size_t i;

	for (i = 0; i < COUNT(texts); i++) {
		l = parse_yaml(texts[i]);
		cr_assert_str_eq(good_app(&l)->name, "x", "%s", texts[i]);
		cr_assert_eq(l.c->n_apps, 1);
		loaded_fini(&l);
	}
}

Test(parse, falsy_values_mean_what_they_say)
{
	struct loaded l = parse_yaml("defaults:\n"
				     "  wait_ready: true\n"
				     "  drain_preload: true\n"
				     "  merge_logs: true\n"
				     "apps:\n"
				     "  - script: a.js\n"
				     "    wait_ready: false\n"
				     "    drain_preload: false\n"
				     "    merge_logs: no\n"
				     "    kill_timeout: 0\n"
				     "    min_uptime: 0\n");
	const struct app_config *app = good_app(&l);

	cr_assert_not(app->wait_ready);
	cr_assert_not(app->drain_preload);
	cr_assert_not(app->merge_logs);
	cr_assert_eq(app->kill_timeout_ms, 0);
	cr_assert_eq(app->min_uptime_ms, 0);
	loaded_fini(&l);
}

Test(parse, numeric_strings_are_numbers)
{
	struct loaded l = parse_as("[{\"script\": \"a.js\","
				   " \"instances\": \"3\","
				   " \"max_surge\": \"2\","
				   " \"kill_timeout\": \"3000\"}]",
	    "/srv/a.json");
	const struct app_config *app = good_app(&l);

	cr_assert_eq(app->instances.n, 3);
	cr_assert_eq(app->max_surge, 2);
	cr_assert_eq(app->kill_timeout_ms, 3000);
	loaded_fini(&l);
}

Test(parse, arguments_are_split_as_a_shell_would)
{
	struct loaded l;
	const struct config_strings *a;

	setenv("TWO", "a b", 1);
	setenv("NIL", "", 1);
	l = parse_yaml("apps:\n"
		       "  - script: a.js\n"
		       "    args: --x 'a  b' \"c\\\"d\" ${TWO} ${NIL} '' "
		       "${NO:-e f}\n");
	a = &good_app(&l)->args;
	cr_assert_eq(a->count, 6);
	cr_assert_str_eq(a->items[1], "a  b");
	cr_assert_str_eq(a->items[2], "c\"d");
	cr_assert_str_eq(a->items[3], "a b");
	cr_assert_str_eq(a->items[4], "");
	cr_assert_str_eq(a->items[5], "e f");
	cr_assert_null(a->items[6]);
	loaded_fini(&l);
}

Test(parse, merge_keys_and_anchors)
{
	struct loaded l = parse_yaml("apps:\n"
				     "  - &a {name: a, script: a.js, "
				     "max_surge: 4}\n"
				     "  - {<<: *a, name: b}\n");

	good_app(&l);
	cr_assert_eq(l.c->n_apps, 2);
	cr_assert_str_eq(l.c->apps[1].name, "b");
	cr_assert_eq(l.c->apps[1].max_surge, 4);
	loaded_fini(&l);
}

Test(parse, all_errors_are_counted)
{
	char text[4096] = "apps:\n";
	struct loaded l;
	int i;

	for (i = 0; i < 30; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "  - {name: a%d, script: a.js, instances: x%d}\n", i, i);
	l = parse_yaml(text);
	cr_assert_eq(l.rc, -EINVAL);
	cr_assert_eq(l.errors.count, 30);
	expect_error(&l, "test.yaml:21:42: apps[19].instances: ");
	loaded_fini(&l);
}

Test(parse, too_many_apps_are_refused)
{
	size_t size = 64 * (APPS_MAX + 2), used = 0;
	char *text = malloc(size);
	struct loaded l;
	int i;

	used += (size_t)snprintf(text, size, "apps:\n");
	for (i = 0; i <= APPS_MAX; i++)
		used += (size_t)snprintf(text + used, size - used,
		    "  - {name: a%d, script: a.js}\n", i);
	l = parse_yaml(text);
	expect_error(&l, "257 apps: at most 256");
	loaded_fini(&l);
	free(text);
}

Test(parse, text_beyond_the_limit_is_refused)
{
	size_t len = CONFIG_BYTES_MAX + 1;
	char *text = malloc(len + 1);
	struct loaded l;

	memset(text, ' ', len);
	text[len] = '\0';
	l = parse_yaml(text);
	expect_error(&l, "an ecosystem file has at most");
	loaded_fini(&l);
	free(text);
}

/* 256 apps, each with a large variable of defaults: 64 MB is the end. */
Test(parse, memory_is_bounded)
{
	char *big = malloc(100001), text[16384] = "defaults:\n  env:\n";
	struct loaded l;
	int i;

	memset(big, 'x', 100000);
	big[100000] = '\0';
	setenv("BIG", big, 1);
	for (i = 0; i < 16; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "    V%d: ${BIG}\n", i);
	strcat(text, "apps:\n");
	for (i = 0; i < 250; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "  - {name: a%d, script: a.js}\n", i);
	l = parse_yaml(text);
	cr_assert_eq(l.rc, -ENOMEM);
	cr_assert_null(l.c);
	loaded_fini(&l);
	free(big);
}
