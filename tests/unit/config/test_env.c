/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_env.c - the layers of env.
 */
#include "helper.h"

#include <stdlib.h>

static const char layered[] = "defaults:\n"
			      "  env: {A: d, B: d, C: d}\n"
			      "  env_prod: {C: dp, D: dp}\n"
			      "apps:\n"
			      "  - name: a\n"
			      "    script: a.js\n"
			      "    env: {B: a, C: a}\n"
			      "    env_prod: {D: ap}\n"
			      "  - name: b\n"
			      "    script: b.js\n";

Test(env, app_wins_over_defaults)
{
	struct loaded l = parse_yaml(layered);
	const struct app_config *app = good_app(&l);

	cr_assert_str_eq(env_value(app, "A"), "d");
	cr_assert_str_eq(env_value(app, "B"), "a");
	cr_assert_str_eq(env_value(app, "C"), "a");
	cr_assert_null(env_value(app, "D"));
	loaded_fini(&l);
}

Test(env, chosen_environment_lies_on_top)
{
	struct loaded l = parse_yaml_env(layered, "prod");
	const struct app_config *app = good_app(&l);

	cr_assert_str_eq(env_value(app, "B"), "a");
	cr_assert_str_eq(env_value(app, "C"), "dp");
	cr_assert_str_eq(env_value(app, "D"), "ap");
	cr_assert_str_eq(env_value(&l.c->apps[1], "D"), "dp");
	cr_assert_str_eq(l.c->env_name, "prod");
	loaded_fini(&l);
}

Test(env, unknown_choice_names_those_that_exist)
{
	struct loaded l = parse_yaml_env(layered, "stage");

	expect_error(
	    &l, "--env stage: no app has env_stage (there is env_prod)");
	loaded_fini(&l);
}

Test(env, what_is_not_chosen_need_not_be_set)
{
	const char *text = "apps:\n"
			   "  - script: a.js\n"
			   "    env: {A: 1}\n"
			   "    env_prod: {KEY: \"${CLUSTERD_TEST_UNSET}\"}\n";
	struct loaded l = parse_yaml(text);

	good_app(&l);
	loaded_fini(&l);
	l = parse_yaml_env(text, "prod");
	expect_error(&l, "apps[0].env_prod.KEY: ${CLUSTERD_TEST_UNSET}");
	loaded_fini(&l);
}

Test(env, values_are_as_written)
{
	struct loaded l = parse_yaml("apps:\n"
				     "  - script: a.js\n"
				     "    env:\n"
				     "      BOOL: yes\n"
				     "      OFF: false\n"
				     "      ZERO: 0\n"
				     "      EMPTY: ''\n"
				     "      OCTAL: 0660\n"
				     "      FLOAT: 1.50\n"
				     "      KEPT: a=${instance}\n");
	const struct app_config *app = good_app(&l);

	cr_assert_str_eq(env_value(app, "BOOL"), "yes");
	cr_assert_str_eq(env_value(app, "OFF"), "false");
	cr_assert_str_eq(env_value(app, "ZERO"), "0");
	cr_assert_str_eq(env_value(app, "EMPTY"), "");
	cr_assert_str_eq(env_value(app, "OCTAL"), "0660");
	cr_assert_str_eq(env_value(app, "FLOAT"), "1.50");
	cr_assert_str_eq(env_value(app, "KEPT"), "a=${instance}");
	cr_assert_str_eq(app->env.vars[0].name, "BOOL");
	cr_assert_str_eq(app->env.vars[6].name, "KEPT");
	loaded_fini(&l);
}
