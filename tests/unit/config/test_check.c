/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_check.c - missing programs and folders, with their places in the file.
 */
#include "helper.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

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
load_in_folder(const char *text)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	return parse_as(text, path);
}

Test(check, everything_there_is_no_error, .init = setup, .fini = teardown)
{
	struct loaded l;

	write_file(folder, "run", "#!/bin/sh\n", 0755);
	l = load_in_folder("apps: [{script: ./run}, {command: [sh]}]");
	good_app(&l);
	cr_assert_eq(config_check_programs(l.c, &l.errors), 0);
	cr_assert_eq(l.errors.count, 0);
	loaded_fini(&l);
}

Test(check, owners_of_sockets_exist, .init = setup, .fini = teardown)
{
	struct loaded l;

	l = load_in_folder("apps:\n"
			   "  - command: [sh]\n"
			   "    listen:\n"
			   "      a: unix:a?user=root&group=0\n"
			   "      b: unix:b?user=no-such-user\n"
			   "      c: unix:c?group=99999999999\n"
			   "      d: unix:d?user=4294967295\n"
			   "      e: unix:e?user=-1\n");
	good_app(&l);
	cr_assert_eq(config_check_programs(l.c, &l.errors), -EINVAL);
	cr_expect_eq(l.errors.count, 4);
	cr_expect(has_error(&l.errors,
	    "a.yaml:5:10: sh: listen.b: there is no user no-such-user"));
	cr_expect(has_error(&l.errors, "no group 99999999999"));
	cr_expect(has_error(&l.errors, "no user 4294967295"));
	cr_expect(has_error(&l.errors, "no user -1"));
	loaded_fini(&l);
}

Test(check, every_missing_thing_is_named_with_its_place, .init = setup,
    .fini = teardown)
{
	struct loaded l;

	write_file(folder, "plain", "#!/bin/sh\n", 0644);
	write_file(folder, "a.js", "", 0644);
	l = load_in_folder("apps:\n"
			   "  - name: a\n"
			   "    script: ./gone\n"
			   "  - name: b\n"
			   "    script: ./plain\n"
			   "  - name: c\n"
			   "    script: a.js\n"
			   "    interpreter: nodx\n"
			   "  - name: d\n"
			   "    script: a.js\n"
			   "    cwd: nowhere\n"
			   "  - name: e\n"
			   "    script: a.js\n"
			   "    cwd: plain\n"
			   "  - name: f\n"
			   "    command: [no-such-program]\n");
	good_app(&l);
	cr_assert_eq(config_check_programs(l.c, &l.errors), -EINVAL);
	cr_assert_eq(l.errors.count, 6);
	cr_assert(has_error(&l.errors, "a.yaml:3:13: a: script "));
	cr_assert(has_error(&l.errors, "/./gone does not exist") ||
		  has_error(&l.errors, "/gone does not exist"));
	cr_assert(has_error(&l.errors, "a.yaml:5:13: b: "));
	cr_assert(has_error(&l.errors, "is not executable (chmod +x"));
	cr_assert(has_error(
	    &l.errors, "a.yaml:8:18: c: interpreter nodx is not in PATH"));
	cr_assert(has_error(&l.errors, "a.yaml:11:10: d: cwd "));
	cr_assert(has_error(&l.errors, "a.yaml:14:10: e: cwd "));
	cr_assert(has_error(&l.errors, "is not a directory"));
	cr_assert(has_error(&l.errors,
	    "a.yaml:16:14: f: command no-such-program is not in PATH"));
	loaded_fini(&l);
}
