/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_scale.c - run more or fewer workers.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/cmd_change.h"
#include "ctl/row.h"
#include "ctl/scale.h"

/* How many slots the app has, and its name if it is the only one. */
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
	json_t *before = NULL, *params = NULL;
	struct scale s;
	int rc;

	if (scale_parse(c->args, c->n_args, &s) < 0) {
		ctl_error(c,
		    "scale takes a number of workers: 8, +2 or -2, not \"%s\"",
		    c->args[c->n_args - 1]);
		return CTL_USAGE;
	}
	if (s.app)
		params = json_pack("{s:s}", "selector", s.app);
	rc = ctl_call(c, "status", params, CTL_ANSWER_MS, &before, NULL);
	if (rc != CTL_DONE)
		return rc;
	rc = run(c, &s, before);
	json_decref(before);
	return rc;
}
