/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_resolve.c - what follows from an app's keys together.
 */
#include "helper.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
expect_name(const char *keys, const char *name)
{
	struct loaded l;
	char text[512];

	snprintf(text, sizeof(text), "apps: [{%s}]", keys);
	l = parse_yaml(text);
	cr_assert_str_eq(
	    good_app(&l)->name, name, "%s is %s", keys, good_app(&l)->name);
	loaded_fini(&l);
}

Test(resolve, name_comes_from_the_program)
{
	expect_name("script: ./lib/server.js", "server");
	expect_name("script: my.server.js", "my.server");
	expect_name("script: ./a+b", "a-b");
	expect_name("script: ./.hidden", ".hidden");
	expect_name("command: [/usr/bin/gunicorn, app]", "gunicorn");
	expect_name("script: npm run dev", "npm-run-dev");
	expect_name("script: a.js, name: other", "other");
}

Test(resolve, long_program_gives_a_name_that_fits)
{
	struct loaded l = parse_yaml(
	    "script: echo 012345678901234567890123456789012345678901234567890"
	    "12345678901234567890123456789");

	cr_assert_eq(strlen(good_app(&l)->name), APP_NAME_MAX - 1);
	loaded_fini(&l);
}

Test(resolve, cwd_is_seen_from_the_file)
{
	struct loaded l;

	setenv("HOME", "/home/u", 1);
	l = parse_yaml("apps: [{name: a, script: a.js, cwd: app},"
		       "{name: b, script: a.js, cwd: /x},"
		       "{name: c, script: a.js, cwd: ~/y},"
		       "{name: d, script: a.js, cwd: .},"
		       "{name: e, script: a.js}]");
	good_app(&l);
	cr_assert_str_eq(l.c->apps[0].cwd, "/srv/app");
	cr_assert_str_eq(l.c->apps[1].cwd, "/x");
	cr_assert_str_eq(l.c->apps[2].cwd, "/home/u/y");
	cr_assert_str_eq(l.c->apps[3].cwd, "/srv");
	cr_assert_str_eq(l.c->apps[4].cwd, "/srv");
	loaded_fini(&l);
}

Test(resolve, line_with_blanks_is_for_the_shell)
{
	struct loaded l = parse_yaml("apps: [{script: npm run dev}]");
	const struct app_config *app = good_app(&l);

	cr_assert_null(app->script);
	cr_assert_eq(app->command.count, 3);
	cr_assert_str_eq(app->command.items[0], "sh");
	cr_assert_str_eq(app->command.items[1], "-c");
	cr_assert_str_eq(app->command.items[2], "npm run dev");
	cr_assert_null(app->command.items[3]);
	loaded_fini(&l);
}

Test(resolve, file_with_a_blank_in_its_name_is_a_file)
{
	char folder[PATH_MAX], path[PATH_MAX + 16];
	struct loaded l;

	folder_make(folder);
	write_file(folder, "my app.js", "", 0644);
	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	l = parse_as("apps: [{script: my app.js}]", path);
	cr_assert_str_eq(good_app(&l)->script, "my app.js");
	cr_assert_str_eq(good_app(&l)->name, "my-app");
	loaded_fini(&l);
	folder_remove(folder);
}

Test(resolve, positions_are_kept_for_later_messages)
{
	struct loaded l = parse_yaml("apps:\n"
				     "  - name: a\n"
				     "    script: a.js\n"
				     "    interpreter: node\n"
				     "    cwd: app\n");
	const struct app_config *app = good_app(&l);

	cr_assert_eq(app->pos.line, 2);
	cr_assert_eq(app->script_pos.line, 3);
	cr_assert_eq(app->script_pos.column, 13);
	cr_assert_eq(app->interpreter_pos.line, 4);
	cr_assert_eq(app->cwd_pos.line, 5);
	loaded_fini(&l);
}
