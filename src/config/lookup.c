/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup.c - finding a row of a key table by what a file says.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <clusterd/suggest.h>

#include "config/keys.h"

/* Keys that users of PM2 may bring and that mean nothing here so far. */
static const char *const unsupported[] = {
	"append_env_to_name",
	"automation",
	"autorestart",
	"autostart",
	"cron",
	"cron_restart",
	"deep_monitoring",
	"depends_on",
	"deploy",
	"disable_logs",
	"disable_source_map_support",
	"disable_trace",
	"env_file",
	"event_loop_inspector",
	"execute_command",
	"exp_backoff_restart_delay",
	"filter_env",
	"force",
	"gid",
	"ignore_watch",
	"install_url",
	"io",
	"kill_retry_time",
	"log_date_format",
	"max_memory_restart",
	"max_restarts",
	"name_prefix",
	"pid",
	"pid_file",
	"pmx",
	"port",
	"post_update",
	"restart_delay",
	"services",
	"shutdown_with_message",
	"source_map_support",
	"static",
	"stop_exit_codes",
	"time",
	"trace",
	"treekill",
	"uid",
	"user",
	"username",
	"v8",
	"vizion",
	"watch",
	"watch_delay",
	"watch_options",
	"windows_hide",
	"write",
};

/* clang-format off */
static const struct {
	const char *name, *wants;
} types[] = {
	[T_STRING]    = { "string", "a string" },
	[T_LABEL]     = { "name",
			  "a name (letters, digits and . _ -, at most 63)" },
	[T_VARIABLE]  = { "variable",
			  "a variable's name (letters, digits and _)" },
	[T_PATH]      = { "path", "a path" },
	[T_BOOL]      = { "boolean", "true or false" },
	[T_FLAG]      = { "boolean", "true or false" },
	[T_INT]       = { "number", "a whole number" },
	[T_MSEC]      = { "duration",
			  "a duration (500 for ms, 1.5s, 10m, 2h)" },
	[T_MODE]      = { "permissions", "permission bits (0660)" },
	[T_WORD]      = { "word", "a word" },
	[T_SIGNAL]    = { "signal", "a signal (SIGINT, TERM, 15)" },
	[T_INSTANCES] = { "instances", "a number, max, -1 or 2/cpu" },
	[T_STRINGS]   = { "list or string", "a list or a string" },
	[T_COMMAND]   = { "list", "a list: the program, then arguments" },
	[T_LOG_FILE]  = { "path or boolean", "a path, true, false or NULL" },
	[T_ENV]       = { "map", "a map from names to values" },
	[T_LISTEN]    = { "address, list or map",
			  "an address, a list of them, or a map from names" },
	[T_APPS]      = { "list or map",
			  "a list of apps, or a map from names" },
	[T_DEFAULTS]  = { "map", "a map of app keys" },
};
/* clang-format on */

_Static_assert(COUNT(types) == N_KEY_TYPES, "say what every type wants");

const char *
key_type_wants(enum key_type type)
{
	return types[type].wants;
}

const char *
key_type_name(enum key_type type)
{
	return types[type].name;
}

bool
key_camel(const char *name, char *out, size_t size)
{
	bool changed = false;
	size_t used = 0;

	for (; *name != '\0' && used + 1 < size; name++) {
		if (*name == '_' && name[1] != '\0') {
			name++;
			out[used++] = (char)toupper((unsigned char)*name);
			changed = true;
		} else {
			out[used++] = *name;
		}
	}
	out[used] = '\0';
	return changed;
}

bool
key_is_spelled(const char *name, const char *text)
{
	char camel[64];

	return strcmp(name, text) == 0 ||
	       (key_camel(name, camel, sizeof(camel)) &&
		   strcmp(camel, text) == 0);
}

static bool
row_has_name(const struct config_key *k, const char *name)
{
	size_t i;

	if (key_is_spelled(k->name, name))
		return true;
	for (i = 0; k->aliases[i] != NULL; i++)
		if (key_is_spelled(k->aliases[i], name))
			return true;
	return false;
}

const struct config_key *
key_find(const struct key_table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (row_has_name(&t->rows[i], name))
			return &t->rows[i];
	return NULL;
}

static const char *
find_closest(const struct key_table *t, const char *name)
{
	const char *names[2 * APP_KEYS_MAX + 1];
	size_t i, a, n = 0;

	for (i = 0; i < t->count; i++) {
		if (n < COUNT(names))
			names[n++] = t->rows[i].name;
		for (a = 0; t->rows[i].aliases[a] != NULL; a++)
			if (n < COUNT(names))
				names[n++] = t->rows[i].aliases[a];
	}
	return suggest_closest(name, names, n);
}

void
key_explain_unknown(
    const struct key_table *t, const char *name, char *out, size_t size)
{
	const char *closest;
	size_t i;

	for (i = 0; i < COUNT(unsupported); i++)
		if (key_is_spelled(unsupported[i], name)) {
			snprintf(out, size,
			    "unknown key \"%.64s\": not supported by this "
			    "version",
			    name);
			return;
		}
	closest = strlen(name) <= 64 ? find_closest(t, name) : NULL;
	if (closest != NULL)
		snprintf(out, size,
		    "unknown key \"%.64s\"; did you mean \"%s\"?", name,
		    closest);
	else
		snprintf(out, size, "unknown key \"%.64s\"", name);
}

const struct key_word *
key_find_word(const struct config_key *k, const char *text)
{
	const struct key_word *w;

	for (w = k->words; w->word != NULL; w++)
		if (strcasecmp(w->word, text) == 0)
			return w;
	return NULL;
}

const char *
key_word_of(const struct config_key *k, int value)
{
	const struct key_word *w;

	for (w = k->words; w->word != NULL; w++)
		if (w->value == value)
			return w->word;
	return NULL;
}
