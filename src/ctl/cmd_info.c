/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_info.c - short questions: ping, version, env, pid; and two short orders.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/row.h"
#include "ctl/text.h"

int
cmd_ping(struct ctl *c)
{
	json_t *result;
	int rc;

	rc = ctl_call(c, "ping", NULL, CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	if (c->opt.json)
		ctl_print_json(result);
	else if (!c->opt.quiet)
		printf("pong from clusterd, pid %lld\n",
		    (long long)row_int(result, "pid"));
	json_decref(result);
	return CTL_DONE;
}

/* Its own version is known without a server; it is no failure that none runs.
 */
int
cmd_version(struct ctl *c)
{
	json_t *result;
	char *line;
	int rc;

	if (!c->opt.json)
		puts("clusterctl " CLUSTERD_VERSION);
	rc = ctl_call(c, "version", NULL, CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	if (c->opt.json) {
		ctl_print_json(result);
	} else if (asprintf(&line, "clusterd %s (protocol %lld)",
		       row_text(result, "version"),
		       (long long)row_int(result, "protocol")) >= 0) {
		text_clean(line);
		puts(line);
		free(line);
	}
	json_decref(result);
	return CTL_DONE;
}

static void
print_env(struct ctl *c, json_t *vars)
{
	const json_t *value;
	const char *name;

	json_object_foreach (vars, name, value) {
		const char *s = json_string_value(value);
		char *line;

		if (!s || asprintf(&line, "%s=%s", name, s) < 0)
			continue;
		if (c->out_is_tty)
			text_clean(line);
		puts(line);
		free(line);
	}
}

int
cmd_env(struct ctl *c)
{
	json_t *result, *vars;
	int rc;

	rc = ctl_call(
	    c, "env", ctl_selector_params(c), CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	vars = json_object_get(result, "env");
	if (c->opt.json)
		ctl_print_json(vars);
	else
		print_env(c, vars);
	json_decref(result);
	return CTL_DONE;
}

static int
print_own_pid(struct ctl *c)
{
	json_t *result;
	int rc;

	rc = ctl_call(c, "ping", NULL, CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	printf("%lld\n", (long long)row_int(result, "pid"));
	json_decref(result);
	return CTL_DONE;
}

int
cmd_pid(struct ctl *c)
{
	const json_t *workers, *w;
	json_t *result, *pids;
	size_t i;
	int rc;

	if (c->n_args == 0)
		return print_own_pid(c);
	rc = ctl_call(
	    c, "status", ctl_selector_params(c), CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	pids = json_array();
	workers = json_object_get(result, "workers");
	json_array_foreach (workers, i, w) {
		int64_t pid = row_int(w, "pid");

		if (pid > 0)
			json_array_append_new(pids, json_integer(pid));
		if (pid > 0 && !c->opt.json)
			printf("%lld\n", (long long)pid);
	}
	if (c->opt.json)
		ctl_print_json(pids);
	if (json_array_size(workers) == 0) {
		ctl_error(c, "nothing matches %s", c->args[0]);
		rc = CTL_FAILED;
	}
	json_decref(pids);
	json_decref(result);
	return rc;
}

/* A number goes as a number. */
static json_t *
signal_value(const char *word)
{
	if (strspn(word, "0123456789") == strlen(word) && strlen(word) < 4)
		return json_integer(atoi(word));
	return json_string(word);
}

int
cmd_signal(struct ctl *c)
{
	const char *signal = c->args[0];
	json_t *params, *result;
	int64_t n;
	int rc;

	c->args++;
	c->n_args--;
	params = ctl_selector_params(c);
	c->args--;
	c->n_args++;
	json_object_set_new(params, "signal", signal_value(signal));
	rc = ctl_call(c, "signal", params, CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	n = row_int(result, "done");
	if (c->opt.json)
		ctl_print_json(result);
	if (n == 0) {
		ctl_error(c, "none of these workers runs: no signal was sent");
		rc = CTL_FAILED;
	} else if (!c->opt.json && !c->opt.quiet) {
		printf("sent %s to %lld worker%s\n", signal, (long long)n,
		    n == 1 ? "" : "s");
	}
	json_decref(result);
	return rc;
}

int
cmd_reopen_logs(struct ctl *c)
{
	json_t *result;
	int rc;

	rc = ctl_call(c, "reopen_logs", NULL, CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	if (c->opt.json)
		ctl_print_json(result);
	else if (!c->opt.quiet)
		puts("log files are opened again");
	json_decref(result);
	return CTL_DONE;
}
