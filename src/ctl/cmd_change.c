/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_change.c - commands that change something: they wait until it is true.
 */
#include "ctl/cmd_change.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/row.h"
#include "ctl/text.h"

static void
say_done(const char *text, const json_t *outcome, const char *verb)
{
	int64_t n = row_int(outcome, "done");
	char *line;

	if (asprintf(&line, "%s: %" PRId64 " %s%s", text, n,
		n == 1 ? "worker " : "workers ", verb) < 0)
		return;
	text_clean(line);
	puts(line);
	free(line);
}

static void
say_failed(struct ctl *c, const json_t *outcome)
{
	const json_t *list = json_object_get(outcome, "errors"), *item;
	size_t i;

	json_array_foreach (list, i, item) {
		if (json_is_string(item))
			ctl_error(c, "%s", json_string_value(item));
	}
	ctl_error(c, "%s: %" PRId64 " done, %" PRId64 " failed",
	    c->command->name, row_int(outcome, "done"),
	    row_int(outcome, "failed"));
}

/* The server said no: its data is the outcome, if it got so far. */
static int
end_with_error(struct ctl *c, const json_t *error)
{
	json_t *data = json_object_get(error, "data");

	if (c->opt.json && json_is_object(data))
		ctl_print_json(data);
	return ctl_say_error(c, error);
}

int
change_call(struct ctl *c, const char *method, json_t *params, json_t **outcome)
{
	json_t *error;
	int rc;

	rc = ctl_call(c, method, params, CTL_NO_LIMIT_MS, outcome, &error);
	if (rc != CTL_DONE && error)
		rc = end_with_error(c, error);
	json_decref(error);
	return rc;
}

int
change_report(
    struct ctl *c, const json_t *outcome, const char *verb, const char *text)
{
	int rc = CTL_DONE;

	if (c->opt.json)
		ctl_print_json(outcome);
	if (row_int(outcome, "failed") > 0) {
		say_failed(c, outcome);
		rc = CTL_FAILED;
	} else if (!c->opt.json && !c->opt.quiet) {
		say_done(text, outcome, verb);
	}
	return rc;
}

int
change_run(struct ctl *c, const char *method, json_t *params, const char *verb,
    const char *text)
{
	json_t *outcome;
	int rc;

	rc = change_call(c, method, params, &outcome);
	if (rc != CTL_DONE)
		return rc;
	rc = change_report(c, outcome, verb, text);
	json_decref(outcome);
	return rc;
}

/* "stopped api, web: 4 workers stopped". */
static int
change_selected(
    struct ctl *c, const char *method, const char *past, const char *verb)
{
	json_t *params = ctl_selector_params(c);
	const char *selector = row_text(params, "selector");
	char *text;
	int rc;

	if (asprintf(&text, "%s%s%s", past, *selector ? " " : "", selector) <
	    0) {
		json_decref(params);
		return CTL_FAILED;
	}
	rc = change_run(c, method, params, verb, text);
	free(text);
	return rc;
}

int
cmd_start(struct ctl *c)
{
	return change_selected(c, "start", "started", "ready");
}

int
cmd_stop(struct ctl *c)
{
	return change_selected(c, "stop", "stopped", "stopped");
}

int
cmd_restart(struct ctl *c)
{
	return change_selected(c, "restart", "restarted", "ready");
}

int
cmd_reload(struct ctl *c)
{
	return change_selected(c, "reload", "reloaded", "replaced");
}

int
cmd_delete(struct ctl *c)
{
	return change_selected(c, "delete", "deleted", "stopped");
}
