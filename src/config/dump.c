/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dump.c - an app as JSON, every key in the words of the file.
 */
#include <stdio.h>
#include <string.h>

#include <clusterd/config.h>
#include <clusterd/units.h>

#include "config/address.h"
#include "config/keys.h"
#include "config/listen.h"
#include "config/scalars.h"

typedef json_t *(*dump_fn)(const struct config_key *k, const void *field);

static json_t *dump_rows(
    const struct key_table *t, const void *base, unsigned kind_bit);

static json_t *
dump_string(const struct config_key *k, const void *field)
{
	const char *text = *(const char *const *)field;

	(void)k;
	return text != NULL ? json_string(text) : json_null();
}

static json_t *
dump_bool(const struct config_key *k, const void *field)
{
	(void)k;
	return json_boolean(*(const bool *)field);
}

static json_t *
dump_flag(const struct config_key *k, const void *field)
{
	int flag = *(const int *)field;

	(void)k;
	return flag < 0 ? json_null() : json_boolean(flag);
}

static json_t *
dump_int(const struct config_key *k, const void *field)
{
	(void)k;
	return json_integer(*(const int *)field);
}

static json_t *
dump_msec(const struct config_key *k, const void *field)
{
	char text[32];

	(void)k;
	units_write_ms(*(const int64_t *)field, text, sizeof(text));
	return json_string(text);
}

static json_t *
dump_mode(const struct config_key *k, const void *field)
{
	int mode = *(const int *)field;

	(void)k;
	return mode < 0 ? json_null() : json_sprintf("%04o", (unsigned)mode);
}

static json_t *
dump_word(const struct config_key *k, const void *field)
{
	return json_string(key_word_of(k, *(const int *)field));
}

static json_t *
dump_signal(const struct config_key *k, const void *field)
{
	char text[32];

	(void)k;
	return json_string(
	    scalar_write_signal(*(const int *)field, text, sizeof(text)));
}

static json_t *
dump_instances(const struct config_key *k, const void *field)
{
	const struct config_instances *i = field;
	char text[32];

	(void)k;
	if (i->kind == INSTANCES_NUMBER)
		return json_integer(i->n);
	return json_string(scalar_write_instances(i, text, sizeof(text)));
}

static json_t *
dump_strings(const struct config_key *k, const void *field)
{
	const struct config_strings *s = field;
	json_t *list;
	size_t i;

	if (k->type == T_COMMAND && s->count == 0)
		return json_null();
	list = json_array();
	for (i = 0; i < s->count; i++)
		json_array_append_new(list, json_string(s->items[i]));
	return list;
}

static json_t *
dump_env(const struct config_key *k, const void *field)
{
	const struct config_env *env = field;
	json_t *map = json_object();
	size_t i;

	(void)k;
	for (i = 0; i < env->count; i++)
		json_object_set_new(
		    map, env->vars[i].name, json_string(env->vars[i].value));
	return map;
}

static json_t *
dump_listener(const struct listener_spec *spec)
{
	json_t *map = json_object(), *options;
	char address[256];

	address_write(spec, address, sizeof(address));
	json_object_set_new(map, "name", json_string(spec->name));
	json_object_set_new(map, "address", json_string(address));
	options = dump_rows(keys_of_listen(), spec, 1U << spec->kind);
	json_object_update(map, options);
	json_decref(options);
	return map;
}

static json_t *
dump_listeners(const struct app_config *app)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < app->n_listeners; i++)
		json_array_append_new(list, dump_listener(&app->listeners[i]));
	return list;
}

static const dump_fn dumps[N_KEY_TYPES] = {
	[T_STRING] = dump_string,
	[T_LABEL] = dump_string,
	[T_VARIABLE] = dump_string,
	[T_PATH] = dump_string,
	[T_BOOL] = dump_bool,
	[T_FLAG] = dump_flag,
	[T_INT] = dump_int,
	[T_MSEC] = dump_msec,
	[T_MODE] = dump_mode,
	[T_WORD] = dump_word,
	[T_SIGNAL] = dump_signal,
	[T_INSTANCES] = dump_instances,
	[T_STRINGS] = dump_strings,
	[T_COMMAND] = dump_strings,
	[T_LOG_FILE] = dump_string,
	[T_ENV] = dump_env,
};

/* `kind_bit`: rows for that kind of listener only; 0: all. */
static json_t *
dump_rows(const struct key_table *t, const void *base, unsigned kind_bit)
{
	json_t *map = json_object();
	const struct config_key *k;

	for (k = t->rows; k < t->rows + t->count; k++)
		if (dumps[k->type] != NULL &&
		    (kind_bit == 0 || (k->kinds & kind_bit) != 0))
			json_object_set_new(map, k->name,
			    dumps[k->type](k, (const char *)base + k->offset));
	return map;
}

json_t *
config_app_to_json(const struct app_config *app)
{
	json_t *map = dump_rows(keys_of_app(), app, 0);

	json_object_set_new(map, "listen", dump_listeners(app));
	return map;
}
