/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_logs.c - where the log files of an app are.
 */
#include "helper.h"

#include <stdlib.h>

static void
setup(void)
{
	setenv("HOME", "/home/u", 1);
	setenv("LOGS_DIRECTORY", "/logs", 1);
}

Test(logs, defaults_are_named_after_the_app, .init = setup)
{
	struct loaded l = parse_yaml("apps: [{name: api, script: a.js}]");
	const struct app_config *app = good_app(&l);

	cr_assert_str_eq(app->out_file, "/logs/api-out.log");
	cr_assert_str_eq(app->error_file, "/logs/api-error.log");
	cr_assert_null(app->log_file);
	loaded_fini(&l);
}

Test(logs, log_dir_is_seen_from_the_file, .init = setup)
{
	struct loaded l = parse_yaml("log_dir: var/log\n"
				     "apps: [{name: api, script: a.js}]");

	cr_assert_str_eq(good_app(&l)->out_file, "/srv/var/log/api-out.log");
	loaded_fini(&l);
	l = parse_yaml("log_dir: ~/log\napps: [{name: api, script: a.js}]");
	cr_assert_str_eq(good_app(&l)->out_file, "/home/u/log/api-out.log");
	loaded_fini(&l);
}

Test(logs, paths_are_seen_from_cwd, .init = setup)
{
	struct loaded l = parse_yaml("apps:\n"
				     "  - script: a.js\n"
				     "    cwd: app\n"
				     "    out: logs/a.log\n"
				     "    err: ~/err.log\n"
				     "    log: true\n");
	const struct app_config *app = good_app(&l);

	cr_assert_str_eq(app->out_file, "/srv/app/logs/a.log");
	cr_assert_str_eq(app->error_file, "/home/u/err.log");
	cr_assert_str_eq(app->log_file, "/logs/a.log");
	loaded_fini(&l);
}

Test(logs, ways_to_say_none, .init = setup)
{
	static const char *const none[] = { "NULL", "'NULL'", "~", "/dev/null",
		"false", "''" };
	struct loaded l;
	char text[128];
	size_t i;

	for (i = 0; i < COUNT(none); i++) {
		snprintf(text, sizeof(text),
		    "apps:\n  - script: a.js\n    out_file: %s\n", none[i]);
		l = parse_yaml(text);
		cr_assert_null(good_app(&l)->out_file, "%s", none[i]);
		cr_assert_not_null(good_app(&l)->error_file);
		loaded_fini(&l);
	}
}

Test(logs, path_too_long_for_the_logger_is_refused, .init = setup)
{
	char text[2048];
	struct loaded l;

	snprintf(text, sizeof(text),
	    "apps:\n  - script: a.js\n    out_file: /%01010d\n", 0);
	l = parse_yaml(text);
	expect_error(&l, "apps[0].out_file: the path has 1011 bytes");
	loaded_fini(&l);
}
