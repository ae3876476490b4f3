/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.c - the key tables as JSON Schema (draft 2020-12), for editors.
 *
 * Every scalar may also be a string with ${...} in it, and numbers may be
 * strings; so each type is one of several forms.
 */
#include <stdio.h>
#include <string.h>

#include <clusterd/config.h>

#include "config/keys.h"
#include "config/listen.h"

/* A ${NAME} somewhere: what it becomes is not for an editor to know. */
#define REFERENCE "\\$\\{"

static json_t *
typed(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *
matching(const char *pattern)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

static json_t *
any_of(json_t *a, json_t *b)
{
	return json_pack("{s:[o, o]}", "anyOf", a, b);
}

static json_t *
ref(const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%s", name));
}

static json_t *
scalar(void)
{
	return json_pack(
	    "{s:[s, s, s]}", "type", "string", "number", "boolean");
}

static json_t *
schema_text(const struct config_key *k)
{
	(void)k;
	return json_pack(
	    "{s:[s, s], s:i}", "type", "string", "number", "minLength", 1);
}

static json_t *
schema_label(const struct config_key *k)
{
	(void)k;
	return any_of(
	    typed("integer"), matching("^[A-Za-z0-9._-]{1,63}$|" REFERENCE));
}

static json_t *
schema_variable(const struct config_key *k)
{
	(void)k;
	return matching("^[A-Za-z_][A-Za-z0-9_]*$|" REFERENCE);
}

static json_t *
schema_bool(const struct config_key *k)
{
	(void)k;
	return any_of(typed("boolean"),
	    matching(
		"^([Tt]rue|[Ff]alse|[Yy]es|[Nn]o|[Oo]n|[Oo]ff)$|" REFERENCE));
}

static json_t *
schema_int(const struct config_key *k)
{
	return any_of(json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
			  (json_int_t)k->min, "maximum", (json_int_t)k->max),
	    matching("^[-+]?[0-9]+$|" REFERENCE));
}

static json_t *
schema_msec(const struct config_key *k)
{
	return any_of(json_pack("{s:s, s:I, s:I}", "type", "number", "minimum",
			  (json_int_t)k->min, "maximum", (json_int_t)k->max),
	    matching("^[0-9.]+ *(ms|s|m|h|d)?$|" REFERENCE));
}

static json_t *
schema_mode(const struct config_key *k)
{
	(void)k;
	return any_of(
	    typed("integer"), matching("^(0o)?[0-7]{1,4}$|" REFERENCE));
}

static json_t *
schema_word(const struct config_key *k)
{
	json_t *words = json_array();
	const struct key_word *w;

	for (w = k->words; w->word != NULL; w++)
		json_array_append_new(words, json_string(w->word));
	return any_of(json_pack("{s:o}", "enum", words), matching(REFERENCE));
}

static json_t *
schema_signal(const struct config_key *k)
{
	(void)k;
	return any_of(json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum",
			  1, "maximum", 64),
	    matching("^[A-Za-z0-9+]+$|" REFERENCE));
}

static json_t *
schema_instances(const struct config_key *k)
{
	return any_of(json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
			  (json_int_t)k->min, "maximum", (json_int_t)k->max),
	    matching("^(max|-?[0-9]+|[0-9]+ */ *cpu)$|" REFERENCE));
}

static json_t *
schema_list(const struct config_key *k)
{
	json_t *list =
	    json_pack("{s:s, s:o}", "type", "array", "items", scalar());

	(void)k;
	return any_of(typed("string"), list);
}

static json_t *
schema_log_file(const struct config_key *k)
{
	(void)k;
	return json_pack("{s:[s, s, s]}", "type", "string", "boolean", "null");
}

static json_t *
schema_env(const struct config_key *k)
{
	(void)k;
	return ref("env");
}

static json_t *
schema_listen(const struct config_key *k)
{
	json_t *list, *map;

	(void)k;
	list =
	    json_pack("{s:s, s:o}", "type", "array", "items", ref("listener"));
	map = json_pack("{s:s, s:o}", "type", "object", "additionalProperties",
	    ref("listener"));
	return json_pack("{s:[o, o, o]}", "anyOf", ref("listener"), list, map);
}

static json_t *
schema_apps(const struct config_key *k)
{
	(void)k;
	return any_of(
	    json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", 1,
		"maxItems", APPS_MAX, "items", ref("app")),
	    json_pack("{s:s, s:i, s:i, s:o}", "type", "object", "minProperties",
		1, "maxProperties", APPS_MAX, "additionalProperties",
		ref("app")));
}

static json_t *
schema_defaults(const struct config_key *k)
{
	(void)k;
	return ref("defaults");
}

static json_t *(*const schemas[N_KEY_TYPES])(const struct config_key *k) = {
	[T_STRING] = schema_text,
	[T_LABEL] = schema_label,
	[T_VARIABLE] = schema_variable,
	[T_PATH] = schema_text,
	[T_BOOL] = schema_bool,
	[T_FLAG] = schema_bool,
	[T_INT] = schema_int,
	[T_MSEC] = schema_msec,
	[T_MODE] = schema_mode,
	[T_WORD] = schema_word,
	[T_SIGNAL] = schema_signal,
	[T_INSTANCES] = schema_instances,
	[T_STRINGS] = schema_list,
	[T_COMMAND] = schema_list,
	[T_LOG_FILE] = schema_log_file,
	[T_ENV] = schema_env,
	[T_LISTEN] = schema_listen,
	[T_APPS] = schema_apps,
	[T_DEFAULTS] = schema_defaults,
};

static void
add_spelling(json_t *properties, const char *name, json_t *schema)
{
	char camel[64];

	if (key_camel(name, camel, sizeof(camel)))
		json_object_set(properties, camel, schema);
	json_object_set(properties, name, schema);
}

static void
add_row(json_t *properties, const struct config_key *k)
{
	json_t *schema = schemas[k->type](k), *alias;
	size_t i;

	json_object_set_new(schema, "description", json_string(k->help));
	if (k->dflt != NULL)
		json_object_set_new(schema, "default", json_string(k->dflt));
	add_spelling(properties, k->name, schema);
	for (i = 0; k->aliases[i] != NULL; i++) {
		alias = json_copy(schema);
		json_object_set_new(alias, "description",
		    json_sprintf("The same as %s.", k->name));
		add_spelling(properties, k->aliases[i], alias);
		json_decref(alias);
	}
	json_decref(schema);
}

static json_t *
schema_object(const struct key_table *t, bool in_defaults)
{
	json_t *properties = json_object();
	const struct config_key *k;

	for (k = t->rows; k < t->rows + t->count; k++)
		if (!in_defaults || !k->per_app)
			add_row(properties, k);
	return json_pack("{s:s, s:b, s:o}", "type", "object",
	    "additionalProperties", 0, "properties", properties);
}

static json_t *
schema_app(bool in_defaults)
{
	json_t *app = schema_object(keys_of_app(), in_defaults);

	json_object_set_new(
	    app, "patternProperties", json_pack("{s:o}", "^env_", ref("env")));
	return app;
}

static json_t *
schema_listener(void)
{
	json_t *map = schema_object(keys_of_listen(), false);
	json_t *properties = json_object_get(map, "properties");

	json_object_set_new(properties, "address",
	    json_pack("{s:[s, s], s:s}", "type", "string", "integer",
		"description",
		"tcp://HOST:PORT, udp://HOST:PORT, unix:PATH, systemd:NAME or "
		"a port."));
	json_object_set(
	    properties, "url", json_object_get(properties, "address"));
	json_object_set_new(properties, "name",
	    json_pack("{s:s, s:s}", "type", "string", "description",
		"The listener's name, for ${listen.NAME} and LISTEN_FDNAMES."));
	json_object_set_new(map, "anyOf",
	    json_pack("[{s:[s]}, {s:[s]}]", "required", "address", "required",
		"url"));
	return any_of(
	    json_pack("{s:[s, s]}", "type", "string", "integer"), map);
}

static json_t *
schema_file(void)
{
	json_t *file = schema_object(keys_of_top(), false);

	json_object_set_new(file, "required", json_pack("[s]", "apps"));
	return file;
}

json_t *
config_schema(void)
{
	json_t *defs, *apps;

	defs = json_pack("{s:o, s:o, s:o, s:o, s:o}", "app", schema_app(false),
	    "defaults", schema_app(true), "listener", schema_listener(), "env",
	    json_pack("{s:s, s:o}", "type", "object", "additionalProperties",
		scalar()),
	    "file", schema_file());
	apps = json_pack("{s:s, s:i, s:o}", "type", "array", "minItems", 1,
	    "items", ref("app"));
	return json_pack("{s:s, s:s, s:s, s:[o, o, o], s:o}", "$schema",
	    "https://json-schema.org/draft/2020-12/schema", "title",
	    "clusterd ecosystem file", "description",
	    "See ecosystem.yaml(5). ${NAME} and ${NAME:-default} are filled in "
	    "from the environment.",
	    "anyOf", ref("file"), apps, ref("app"), "$defs", defs);
}
