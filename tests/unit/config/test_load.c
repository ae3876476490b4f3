/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_load.c - which files are read at all.
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

static void
setup(void)
{
	folder_make(folder);
}

static void
teardown(void)
{
	folder_remove(folder);
}

static struct loaded
load(const char *name)
{
	struct loaded l = { .c = NULL };
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	config_errors_init(&l.errors);
	l.rc = config_load(path, NULL, &l.c, &l.errors);
	return l;
}

Test(load, file_is_read_and_its_folder_known, .init = setup, .fini = teardown)
{
	struct loaded l;

	write_file(folder, "a.yaml", "apps: [{script: a.js}]", 0644);
	l = load("a.yaml");
	good_app(&l);
	cr_assert_str_eq(l.c->dir, folder);
	cr_assert_str_eq(good_app(&l)->cwd, folder);
	cr_assert_eq(config_find_app(l.c, "a"), good_app(&l));
	cr_assert_null(config_find_app(l.c, "b"));
	loaded_fini(&l);
}

Test(load, relative_path_is_seen_from_here, .init = setup, .fini = teardown)
{
	struct loaded l = { .c = NULL };

	write_file(folder, "a.json", "[{\"script\": \"a.js\"}]", 0644);
	cr_assert_eq(chdir(folder), 0);
	config_errors_init(&l.errors);
	l.rc = config_load("./a.json", NULL, &l.c, &l.errors);
	good_app(&l);
	cr_assert_str_eq(l.c->dir, folder);
	cr_assert_eq(chdir("/"), 0);
	loaded_fini(&l);
}

Test(load, what_is_no_file_is_refused, .init = setup, .fini = teardown)
{
	char path[PATH_MAX + 16];
	struct loaded l = load("none.yaml");

	expect_error(&l, "none.yaml: cannot be opened: No such file");
	loaded_fini(&l);
	l = load("");
	expect_error(&l, "is a directory");
	loaded_fini(&l);
	snprintf(path, sizeof(path), "%s/fifo.yaml", folder);
	cr_assert_eq(mkfifo(path, 0600), 0);
	l = load("fifo.yaml");
	expect_error(&l, "not a regular file");
	loaded_fini(&l);
}

Test(load, empty_file_is_refused, .init = setup, .fini = teardown)
{
	struct loaded l;

	write_file(folder, "a.yaml", "", 0644);
	l = load("a.yaml");
	expect_error(&l, "the file is empty");
	loaded_fini(&l);
}

Test(load, ten_megabytes_are_refused, .init = setup, .fini = teardown)
{
	char path[PATH_MAX + 16];
	struct loaded l;

	write_file(folder, "a.yaml", "apps: [{script: a.js}]", 0644);
	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	cr_assert_eq(truncate(path, 10 * 1024 * 1024), 0);
	l = load("a.yaml");
	expect_error(&l, "10485760 bytes: an ecosystem file has at most");
	loaded_fini(&l);
}

/* Only root cares, and only root can run it. */
Test(load, root_refuses_what_others_can_write, .init = setup, .fini = teardown)
{
	char path[PATH_MAX + 16];
	struct loaded l;

	if (geteuid() != 0)
		cr_skip_test("not root");
	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	write_file(folder, "a.yaml", "apps: [{script: a.js}]", 0646);
	l = load("a.yaml");
	expect_error(&l, "written by everybody: chmod o-w");
	loaded_fini(&l);
	cr_assert_eq(chmod(path, 0664), 0);
	cr_assert_eq(chown(path, 0, 65534), 0);
	l = load("a.yaml");
	expect_error(&l, "written by its group: chmod g-w");
	loaded_fini(&l);
	cr_assert_eq(chmod(path, 0644), 0);
	cr_assert_eq(chown(path, 65534, 0), 0);
	l = load("a.yaml");
	expect_error(&l, "belongs to another user");
	loaded_fini(&l);
	cr_assert_eq(chown(path, 0, 0), 0);
	l = load("a.yaml");
	good_app(&l);
	loaded_fini(&l);
}
