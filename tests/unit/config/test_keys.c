/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_keys.c - the key tables hold together.
 */
#include "helper.h"

#include <stdio.h>
#include <string.h>

#include "config/keys.h"
#include "config/listen.h"

static const struct key_table *
table(int i)
{
	return i == 0	? keys_of_app()
	       : i == 1 ? keys_of_top()
			: keys_of_listen();
}

Test(keys, rows_are_sorted)
{
	const struct config_key *rows;
	size_t i;
	int t;

	for (t = 0; t < 3; t++)
		for (i = 1, rows = table(t)->rows; i < table(t)->count; i++)
			cr_expect_lt(strcmp(rows[i - 1].name, rows[i].name), 0,
			    "%s stands before %s", rows[i - 1].name,
			    rows[i].name);
}

Test(keys, rows_are_complete)
{
	const struct config_key *k;
	int t;

	for (t = 0; t < 3; t++)
		for (k = table(t)->rows; k < table(t)->rows + table(t)->count;
		     k++) {
			cr_expect_not_null(k->help, "%s", k->name);
			cr_expect((k->dflt == NULL) != (k->dflt_help == NULL),
			    "%s: one default", k->name);
			cr_expect_eq(
			    k->words != NULL, k->type == T_WORD, "%s", k->name);
			cr_expect(t != 2 || k->kinds != 0, "%s", k->name);
		}
}

Test(keys, no_name_means_two_keys)
{
	const struct key_table *t = keys_of_app();
	const struct config_key *k;
	size_t a;

	for (k = t->rows; k < t->rows + t->count; k++) {
		cr_expect_eq(key_find(t, k->name), k, "%s", k->name);
		for (a = 0; k->aliases[a] != NULL; a++)
			cr_expect_eq(
			    key_find(t, k->aliases[a]), k, "%s", k->aliases[a]);
	}
}

Test(keys, camel_case_comes_by_itself)
{
	const struct key_table *t = keys_of_app();

	cr_assert_str_eq(key_find(t, "killTimeout")->name, "kill_timeout");
	cr_assert_str_eq(key_find(t, "execInterpreter")->name, "interpreter");
	cr_assert_str_eq(key_find(t, "nodeArgs")->name, "interpreter_args");
	cr_assert_str_eq(key_find(t, "combineLogs")->name, "merge_logs");
	cr_assert_null(key_find(t, "KillTimeout"));
	cr_assert_null(key_find(t, "kill_Timeout"));
}

Test(keys, unknown_key_is_explained)
{
	char why[256];

	key_explain_unknown(keys_of_app(), "instnaces", why, sizeof(why));
	cr_assert_str_eq(
	    why, "unknown key \"instnaces\"; did you mean \"instances\"?");
	key_explain_unknown(keys_of_app(), "restartDelay", why, sizeof(why));
	cr_assert_str_eq(
	    why, "unknown key \"restartDelay\": not supported by this version");
	key_explain_unknown(keys_of_app(), "qqqq", why, sizeof(why));
	cr_assert_str_eq(why, "unknown key \"qqqq\"");
}

/* A default goes through the reader, so it must be one the reader takes. */
Test(keys, defaults_are_those_of_the_table)
{
	struct loaded l = parse_yaml("apps: [{script: a.js}]");
	const struct app_config *app = good_app(&l);

	cr_assert_eq(app->instances.kind, INSTANCES_NUMBER);
	cr_assert_eq(app->instances.n, 1);
	cr_assert_eq(app->listen_timeout_ms, 30000);
	cr_assert_eq(app->min_uptime_ms, 1000);
	cr_assert_eq(app->kill_timeout_ms, 10000);
	cr_assert_eq(app->drain_linger_ms, 1000);
	cr_assert_eq(app->max_surge, 1);
	cr_assert(app->drain_preload);
	cr_assert(app->merge_logs);
	cr_assert_not(app->wait_ready);
	cr_assert_not(app->clear_env);
	cr_assert_str_eq(app->namespace, "default");
	cr_assert_str_eq(app->instance_var, "NODE_APP_INSTANCE");
	loaded_fini(&l);
}
