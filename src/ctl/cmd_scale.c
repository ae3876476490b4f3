/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_scale.c - run more or fewer workers.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/limits.h>

#include "ctl/cmd_change.h"
#include "ctl/row.h"
#include "ctl/scale.h"

/* How many slots the app has, and its name; 0 if there are several apps. */
static size_t
count_workers(const json_t *workers, const char **name)
{
	const json_t *w;
	size_t i;

	json_array_foreach (workers, i, w) {
		if (i == 0)
			*name = row_text(w, "name");
		else if (strcmp(*name, row_text(w, "name")) != 0)
			return 0;
	}
	return json_array_size(workers);
}

/* Rows are in the order of ids: one of a scaled app may stand behind others. */
static bool
is_named_above(const json_t *workers, size_t row, const char *name)
{
	size_t i;

	for (i = 0; i < row; i++) {
		if (strcmp(row_text(json_array_get(workers, i), "name"),
			name) == 0)
			return true;
	}
	return false;
}

/* Without a name, and there are several: say which. */
static int
say_several(struct ctl *c, const json_t *workers)
{
	const char *name;
	char names[256] = "";
	const json_t *w;
	size_t i, len = 0;

	json_array_foreach (workers, i, w) {
		name = row_text(w, "name");
		if (is_named_above(workers, i, name))
			continue;
		if (len + strlen(name) + 8 > sizeof(names)) {
			strcpy(names + len, ", ...");
			break;
		}
		len += (size_t)snprintf(names + len, sizeof(names) - len,
		    "%s%s", len > 0 ? ", " : "", name);
	}
	ctl_error(c,
	    "there are several apps (%s): say which, as in "
	    "\"clusterctl scale %s %s\"",
	    names, row_text(json_array_get(workers, 0), "name"),
	    c->args[c->n_args - 1]);
	return CTL_USAGE;
}

/* The outcome in words needs to know what was before. */
static int
run(struct ctl *c, const struct scale *s, const json_t *before)
{
	const char *name = s->app ? s->app : "";
	size_t n = count_workers(json_object_get(before, "workers"), &name);
	int64_t to = s->is_relative ? (int64_t)n + s->number : s->number;
	json_t *params = json_object();
	char *text;
	int rc;

	if (to < 1)
		to = s->is_relative ? 1 : to;
	if (asprintf(&text, "scaled %s to %lld", *name ? name : "the app",
		(long long)to) < 0) {
		json_decref(params);
		return CTL_FAILED;
	}
	if (s->app)
		json_object_set_new(params, "selector", json_string(s->app));
	json_object_set_new(
	    params, s->is_relative ? "by" : "to", json_integer(s->number));
	rc = change_run(
	    c, "scale", params, (size_t)to < n ? "stopped" : "started", text);
	free(text);
	return rc;
}

int
cmd_scale(struct ctl *c)
{
	json_t *before = NULL, *params = NULL, *workers;
	const char *only = "";
	struct scale s;
	int rc;

	if (scale_parse(c->args, c->n_args, &s) < 0) {
		ctl_error(c,
		    "scale takes a number of workers, up to %d: 8, +2 or -2, "
		    "not \"%s\"",
		    INSTANCES_MAX, c->args[c->n_args - 1]);
		return CTL_USAGE;
	}
	if (s.app)
		params = json_pack("{s:s}", "selector", s.app);
	rc = ctl_call(c, "status", params, CTL_ANSWER_MS, &before, NULL);
	if (rc != CTL_DONE)
		return rc;
	workers = json_object_get(before, "workers");
	if (!s.app && json_array_size(workers) > 0 &&
	    count_workers(workers, &only) == 0)
		rc = say_several(c, workers);
	else
		rc = run(c, &s, before);
	json_decref(before);
	return rc;
}
