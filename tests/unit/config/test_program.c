/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_program.c - the program of an app, looked up in the file system.
 */
#include "helper.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[PATH_MAX];
static struct program program;
static char why[1024];

static void
setup(void)
{
	char path[PATH_MAX + 32];

	folder_make(folder);
	snprintf(path, sizeof(path), "%s/bin", folder);
	cr_assert_eq(mkdir(path, 0755), 0);
	write_file(path, "node", "#!/bin/sh\n", 0755);
	write_file(path, "tool", "#!/usr/bin/env node\n", 0755);
	write_file(folder, "a.js", "", 0644);
	write_file(folder, "run", "#!/bin/sh\n", 0755);
	write_file(folder, "plain", "", 0644);
	setenv("PATH", path, 1);
}

static void
teardown(void)
{
	folder_remove(folder);
}

/* The keys of one app, resolved as a start would. */
static int
resolve(const char *keys, struct loaded *l)
{
	char text[512], path[PATH_MAX + 16];

	snprintf(text, sizeof(text), "apps: [{%s}]", keys);
	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	*l = parse_as(text, path);
	why[0] = '\0';
	return config_resolve_program(good_app(l), &program, why, sizeof(why));
}

static void
expect_path(const char *path, const char *name)
{
	char full[PATH_MAX + 64];

	snprintf(full, sizeof(full), "%s/%s", folder, name);
	cr_assert_str_eq(path, full);
}

Test(program, interpreter_by_extension, .init = setup, .fini = teardown)
{
	struct loaded l;

	cr_assert_eq(resolve("script: ./a.js", &l), 0, "%s", why);
	expect_path(program.path, "bin/node");
	expect_path(program.script, "a.js");
	cr_assert_str_eq(program.argv0, "node");
	cr_assert(program.with_interpreter);
	cr_assert(program.is_node);
	loaded_fini(&l);
}

Test(program, script_that_runs_itself, .init = setup, .fini = teardown)
{
	struct loaded l;

	cr_assert_eq(resolve("script: run", &l), 0, "%s", why);
	expect_path(program.path, "run");
	cr_assert_eq(program.argv0, program.path);
	cr_assert_not(program.with_interpreter);
	cr_assert_not(program.is_node);
	loaded_fini(&l);
}

Test(program, name_is_searched_in_path, .init = setup, .fini = teardown)
{
	struct loaded l;

	cr_assert_eq(resolve("script: tool", &l), 0, "%s", why);
	expect_path(program.path, "bin/tool");
	cr_assert(program.is_node);
	loaded_fini(&l);
	cr_assert_eq(resolve("command: [tool, x]", &l), 0, "%s", why);
	expect_path(program.path, "bin/tool");
	cr_assert_str_eq(program.argv0, "tool");
	cr_assert_str_eq(program.script, "");
	loaded_fini(&l);
}

Test(program, path_of_the_env_counts, .init = setup, .fini = teardown)
{
	struct loaded l;

	cr_assert_eq(
	    resolve("command: [tool], env: {PATH: /none}", &l), -ENOENT);
	cr_assert_not_null(strstr(why, "command tool is not in PATH"));
	loaded_fini(&l);
	cr_assert_eq(resolve("command: [tool], clear_env: true", &l), 0);
	loaded_fini(&l);
}

Test(program, what_is_missing_is_named, .init = setup, .fini = teardown)
{
	struct loaded l;

	cr_assert_eq(resolve("script: ./b.js", &l), -ENOENT);
	cr_assert_not_null(strstr(why, "b.js does not exist"));
	loaded_fini(&l);
	cr_assert_eq(resolve("script: b", &l), -ENOENT);
	cr_assert_not_null(strstr(why, "script b is neither in /"));
	loaded_fini(&l);
	cr_assert_eq(resolve("script: ./bin", &l), -EISDIR);
	cr_assert_not_null(strstr(why, "is a directory"));
	loaded_fini(&l);
	cr_assert_eq(resolve("script: ./plain", &l), -EACCES);
	cr_assert_not_null(strstr(why, "chmod +x, or set interpreter"));
	loaded_fini(&l);
	cr_assert_eq(
	    resolve("script: a.js, interpreter: python4", &l), -ENOENT);
	cr_assert_not_null(strstr(why, "interpreter python4 is not in PATH"));
	loaded_fini(&l);
	cr_assert_eq(
	    resolve("script: a.js, interpreter: ./plain", &l), -EACCES);
	cr_assert_not_null(strstr(why, "plain is not executable"));
	loaded_fini(&l);
}

Test(program, symlink_is_followed_anew_each_time, .init = setup,
    .fini = teardown)
{
	char old[PATH_MAX + 16], fresh[PATH_MAX + 16], link[PATH_MAX + 16];
	struct loaded l;

	snprintf(old, sizeof(old), "%s/1", folder);
	snprintf(fresh, sizeof(fresh), "%s/2", folder);
	snprintf(link, sizeof(link), "%s/current", folder);
	cr_assert_eq(mkdir(old, 0755) | mkdir(fresh, 0755), 0);
	write_file(fresh, "go", "#!/bin/sh\n", 0755);
	cr_assert_eq(symlink("1", link), 0);
	cr_assert_eq(resolve("script: ./go, cwd: current", &l), -ENOENT);
	cr_assert_eq(unlink(link) | symlink("2", link), 0);
	cr_assert_eq(
	    config_resolve_program(good_app(&l), &program, why, sizeof(why)),
	    0);
	expect_path(program.path, "current/go");
	loaded_fini(&l);
}
