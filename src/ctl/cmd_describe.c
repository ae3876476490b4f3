/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_describe.c - all that is known of workers, a block each.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/clock.h>
#include <clusterd/units.h>

#include "ctl/row.h"
#include "ctl/text.h"

enum { TITLE_WIDTH = 18 };

static void
print_line(const char *title, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return;
	text_clean(copy);
	printf("  %-*s %s\n", TITLE_WIDTH, title, *copy ? copy : "-");
	free(copy);
}

static void
print_any(const char *title, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		print_line(title, json_string_value(value));
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	print_line(title, text ? text : "");
	free(text);
}

static void
print_text(const char *title, const json_t *value)
{
	if (json_is_string(value) && *json_string_value(value))
		print_any(title, value);
}

static void
print_value(const char *title, const json_t *value)
{
	if (value && !json_is_null(value))
		print_any(title, value);
}

static void
print_ms(const char *title, const json_t *value)
{
	char text[64];

	if (!json_is_number(value))
		return;
	units_format_ms((int64_t)json_number_value(value), text, sizeof(text));
	print_line(title, text);
}

static void
print_bytes(const char *title, const json_t *value)
{
	char text[64];

	if (!json_is_number(value))
		return;
	units_format_bytes(
	    (int64_t)json_number_value(value), text, sizeof(text));
	print_line(title, text);
}

static void
print_percent(const char *title, const json_t *value)
{
	char text[64];

	if (!json_is_number(value))
		return;
	snprintf(text, sizeof(text), "%.1f %%", json_number_value(value));
	print_line(title, text);
}

static void
print_wall(const char *title, const json_t *value)
{
	char text[CLOCK_ISO_LEN];

	if (!json_is_number(value) || json_number_value(value) <= 0)
		return;
	clock_iso((int64_t)json_number_value(value), text);
	print_line(title, text);
}

static void
print_exit(const char *title, const json_t *value)
{
	const char *signal = row_text(value, "signal");
	char text[64];

	if (!json_is_object(value))
		return;
	if (*signal)
		snprintf(text, sizeof(text), "killed by %s", signal);
	else
		snprintf(text, sizeof(text), "status %lld",
		    (long long)row_int(value, "code"));
	print_line(title, text);
}

static void
print_words(const char *title, const json_t *list)
{
	const json_t *item;
	char text[2048];
	size_t i, len = 0;

	text[0] = '\0';
	json_array_foreach (list, i, item) {
		const char *s = json_string_value(item);

		if (!s || len + strlen(s) + 2 > sizeof(text))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
		    len > 0 ? " " : "", s);
	}
	if (len > 0)
		print_line(title, text);
}

static void
print_draining(const char *title, const json_t *list)
{
	const json_t *item;
	char text[96], since[48];
	size_t i;

	json_array_foreach (list, i, item) {
		units_format_ms(
		    row_int(item, "since_ms"), since, sizeof(since));
		snprintf(text, sizeof(text), "pid %lld, for %s",
		    (long long)row_int(item, "pid"), since);
		print_line(title, text);
	}
}

static void
print_files(const char *title, const json_t *list)
{
	const json_t *item;
	char text[1200], name[32];
	size_t i;

	json_array_foreach (list, i, item) {
		snprintf(
		    name, sizeof(name), "%s %s", title, row_text(item, "type"));
		snprintf(text, sizeof(text), "%s (%s)", row_text(item, "path"),
		    row_text(item, "format"));
		print_line(name, text);
	}
}

static void
print_listeners(const char *title, const json_t *list)
{
	const json_t *item;
	char text[512];
	size_t i;

	json_array_foreach (list, i, item) {
		snprintf(text, sizeof(text), "%s: %s, %lld queued",
		    row_text(item, "name"), row_text(item, "address"),
		    (long long)row_int(item, "queued"));
		print_line(title, text);
	}
}

static void
print_config(const char *title, const json_t *config)
{
	const json_t *value;
	const char *key;

	if (json_object_size(config) > 0)
		printf("  %s\n", title);
	json_object_foreach ((json_t *)(uintptr_t)config, key, value) {
		char name[64];

		snprintf(name, sizeof(name), "  %s", key);
		print_any(name, value);
	}
}

/* clang-format off */
static const struct {
	const char *title, *key;
	void (*print)(const char *title, const json_t *value);
} details[] = {
	{ "status",        "status",           print_text },
	{ "reason",        "reason",           print_text },
	{ "worker says",   "worker_status",    print_text },
	{ "id",            "id",               print_value },
	{ "namespace",     "namespace",        print_text },
	{ "mode",          "mode",             print_text },
	{ "pid",           "pid",              print_value },
	{ "uptime",        "uptime_ms",        print_ms },
	{ "cpu",           "cpu_percent",      print_percent },
	{ "memory",        "memory_bytes",     print_bytes },
	{ "generation",    "generation",       print_value },
	{ "created",       "created_wall_ms",  print_wall },
	{ "started",       "started_wall_ms",  print_wall },
	{ "boot time",     "boot_ms",          print_ms },
	{ "ready by",      "ready_by",         print_text },
	{ "restarts",      "restarts",         print_value },
	{ "crashes",       "crashes",          print_value },
	{ "last exit",     "last_exit",        print_exit },
	{ "last exit at",  "last_exit_wall_ms", print_wall },
	{ "next start in", "next_start_ms",    print_ms },
	{ "draining",      "draining",         print_draining },
	{ "program",       "program",          print_text },
	{ "arguments",     "argv",             print_words },
	{ "folder",        "cwd",              print_text },
	{ "listener",      "listeners",        print_listeners },
	{ "log",           "files",            print_files },
	{ "configuration", "config",           print_config },
};
/* clang-format on */

static void
print_worker(const json_t *row)
{
	char *title;
	size_t i;

	if (asprintf(&title, "%s[%lld]", row_text(row, "name"),
		(long long)row_int(row, "instance")) < 0)
		return;
	text_clean(title);
	puts(title);
	free(title);
	for (i = 0; i < COUNT(details); i++)
		details[i].print(
		    details[i].title, json_object_get(row, details[i].key));
}

int
cmd_describe(struct ctl *c)
{
	const json_t *workers, *row;
	json_t *result;
	size_t i;
	int rc;

	rc = ctl_call(c, "describe", ctl_selector_params(c), CTL_ANSWER_MS,
	    &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	workers = json_object_get(result, "workers");
	if (json_array_size(workers) == 0) {
		ctl_error(c, "nothing matches %s", c->args[0]);
		rc = CTL_FAILED;
	} else if (c->opt.json) {
		ctl_print_json(workers);
	} else {
		json_array_foreach (workers, i, row) {
			if (i > 0)
				putchar('\n');
			print_worker(row);
		}
	}
	json_decref(result);
	return rc;
}
