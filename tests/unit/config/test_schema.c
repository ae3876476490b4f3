/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_schema.c - the JSON Schema made from the tables.
 */
#include "helper.h"

#include <stdlib.h>
#include <string.h>

#include "config/keys.h"

static json_t *
properties_of(json_t *schema, const char *def)
{
	return json_object_get(
	    json_object_get(json_object_get(schema, "$defs"), def),
	    "properties");
}

Test(schema, every_spelling_of_every_key_is_there)
{
	json_t *schema = config_schema();
	json_t *app = properties_of(schema, "app");
	struct config_key_info info;
	char camel[64];
	size_t row, a;

	for (row = 0; config_key_info(row, &info); row++) {
		json_t *in =
		    info.top_level ? properties_of(schema, "file") : app;

		cr_expect_not_null(
		    json_object_get(in, info.name), "%s", info.name);
		if (key_camel(info.name, camel, sizeof(camel)))
			cr_expect_not_null(
			    json_object_get(in, camel), "%s", camel);
		for (a = 0; info.aliases[a] != NULL; a++)
			cr_expect_not_null(json_object_get(in, info.aliases[a]),
			    "%s", info.aliases[a]);
	}
	json_decref(schema);
}

Test(schema, unknown_keys_are_refused_and_env_names_are_not)
{
	json_t *schema = config_schema();
	json_t *defs = json_object_get(schema, "$defs"), *app;

	app = json_object_get(defs, "app");
	cr_assert(json_is_false(json_object_get(app, "additionalProperties")));
	cr_assert_not_null(json_object_get(
	    json_object_get(app, "patternProperties"), "^env_"));
	cr_assert(json_is_false(json_object_get(
	    json_object_get(defs, "file"), "additionalProperties")));
	json_decref(schema);
}

Test(schema, defaults_have_no_name_and_no_program)
{
	json_t *schema = config_schema();
	json_t *in = properties_of(schema, "defaults");

	cr_assert_not_null(json_object_get(in, "instances"));
	cr_assert_null(json_object_get(in, "name"));
	cr_assert_null(json_object_get(in, "script"));
	cr_assert_null(json_object_get(in, "exec"));
	cr_assert_null(json_object_get(in, "command"));
	json_decref(schema);
}

Test(schema, references_lead_somewhere)
{
	json_t *schema = config_schema();
	json_t *defs = json_object_get(schema, "$defs");
	static const char prefix[] = "\"#/$defs/";
	char *text = json_dumps(schema, 0), *at, name[64];

	for (at = text; (at = strstr(at, prefix)) != NULL;) {
		at += strlen(prefix);
		cr_assert_lt(strcspn(at, "\""), sizeof(name));
		memcpy(name, at, strcspn(at, "\""));
		name[strcspn(at, "\"")] = '\0';
		cr_expect_not_null(json_object_get(defs, name), "%s", name);
	}
	free(text);
	json_decref(schema);
}
