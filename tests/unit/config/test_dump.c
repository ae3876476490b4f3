/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_dump.c - an app as JSON.
 */
#include "helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
text_of(json_t *map, const char *key)
{
	const char *text = json_string_value(json_object_get(map, key));

	return text != NULL ? text : "(not a string)";
}

Test(dump, every_key_of_the_table_is_there)
{
	struct loaded l = parse_yaml("apps: [{script: a.js}]");
	json_t *map = config_app_to_json(good_app(&l));
	struct config_key_info info;
	size_t row;

	for (row = 0; config_key_info(row, &info); row++)
		cr_expect_eq(json_object_get(map, info.name) == NULL,
		    info.top_level, "%s", info.name);
	json_decref(map);
	loaded_fini(&l);
}

Test(dump, values_are_in_the_words_of_the_file)
{
	struct loaded l = parse_yaml("apps:\n"
				     "  - script: a.py\n"
				     "    instances: -1\n"
				     "    kill_timeout: 1500\n"
				     "    log_type: raw\n"
				     "    listen: unix:a.sock?mode=0600\n");
	json_t *map = config_app_to_json(good_app(&l));
	json_t *listener = json_array_get(json_object_get(map, "listen"), 0);

	cr_expect_str_eq(text_of(map, "instances"), "-1");
	cr_expect_str_eq(text_of(map, "kill_timeout"), "1.5s");
	cr_expect_str_eq(text_of(map, "log_type"), "raw");
	cr_expect_str_eq(text_of(map, "kill_signal"), "SIGTERM");
	cr_expect_str_eq(text_of(map, "exec_mode"), "cluster");
	cr_expect_str_eq(text_of(listener, "address"), "unix:/srv/a.sock");
	cr_expect_str_eq(text_of(listener, "mode"), "0600");
	json_decref(map);
	loaded_fini(&l);
}

static void
drop_nulls(json_t *map)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(map, next, key, value) if (json_is_null(value))
	    json_object_del(map, key);
}

/* What the dump says, read again, is the same app. */
Test(dump, dump_can_be_read_again)
{
	struct loaded l =
	    parse_yaml("apps:\n"
		       "  - script: a.js\n"
		       "    instances: 2/cpu\n"
		       "    args: [a b, '']\n"
		       "    env: {A: 1, B: ''}\n"
		       "    listen:\n"
		       "      web: tcp://[::1]:80?backlog=3&defer_accept=2s\n"
		       "      own: unix:@x\n"
		       "      old: systemd:s\n"
		       "    wait_ready: true\n"
		       "    error_file: false\n");
	json_t *map = config_app_to_json(good_app(&l)), *listener;
	struct loaded again;
	char *text;
	size_t i;

	json_array_foreach (json_object_get(map, "listen"), i, listener)
		drop_nulls(listener);
	drop_nulls(map);
	json_object_set_new(map, "error_file", json_false());
	text = json_dumps(map, JSON_INDENT(2));
	again = parse_as(text, "/srv/again.json");
	cr_assert(config_app_same(good_app(&l), good_app(&again)));
	cr_assert_eq(good_app(&again)->instances.kind, INSTANCES_PER_CPU);
	free(text);
	json_decref(map);
	loaded_fini(&again);
	loaded_fini(&l);
}
