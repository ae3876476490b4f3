/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_jlist.c - fetch what `jlist` needs: all workers, one environment an app.
 */
#include "ctl/ctl.h"

#include "ctl/jlist.h"
#include "ctl/row.h"

struct envs {
	struct ctl *c;
	json_t *by_app; /* owned: answers of `env`, {} for those that failed */
};

static const json_t *
find_env(void *arg, const json_t *worker)
{
	struct envs *e = arg;
	const char *app = row_text(worker, "name");
	const json_t *known = json_object_get(e->by_app, app);
	json_t *answer, *error;
	char id[32];

	if (known)
		return known;
	snprintf(id, sizeof(id), "%lld", (long long)row_int(worker, "id"));
	if (ctl_call(e->c, "env", json_pack("{s:s}", "selector", id),
		CTL_ANSWER_MS, &answer, &error) != CTL_DONE) {
		json_decref(error);
		answer = json_object();
	}
	(void)json_object_set_new(e->by_app, app, answer);
	return json_object_get(e->by_app, app);
}

int
cmd_jlist(struct ctl *c)
{
	struct envs envs = { .c = c };
	json_t *result, *list;
	int rc;

	rc = ctl_call(c, "describe", json_pack("{s:s}", "selector", "all"),
	    CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	envs.by_app = json_object();
	list = jlist_make(json_object_get(result, "workers"), find_env, &envs);
	ctl_print_json(list);
	json_decref(list);
	json_decref(envs.by_app);
	json_decref(result);
	return CTL_DONE;
}
