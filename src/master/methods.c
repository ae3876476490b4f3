/* SPDX-License-Identifier: Apache-2.0 */
/*
 * methods.c - the table of methods, and those that only look.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <clusterd/suggest.h>

#include "master/link.h"
#include "master/logs.h"
#include "master/methods.h"
#include "master/selector.h"
#include "master/status.h"

enum { PROTOCOL = 1 };

static void
out_of_memory(struct master *m, struct ticket *t)
{
	control_refuse(m, t, RPC_FAILED, "out of memory", NULL);
}

static void
answer(struct master *m, struct ticket *t, json_t *result)
{
	if (result != NULL)
		control_answer(m, t, result);
	else
		out_of_memory(m, t);
}

/* The selector of the call; false: it is refused already. */
static bool
resolve(
    struct master *m, struct ticket *t, json_t *params, struct selection *sel)
{
	json_t *selector = json_object_get(params, "selector");
	char why[512];
	int rc;

	if (selector != NULL && !json_is_string(selector)) {
		control_refuse(m, t, RPC_INVALID_PARAMS,
		    "\"selector\" must be a string", NULL);
		return false;
	}
	rc = selector_resolve(
	    m, json_string_value(selector), sel, why, sizeof(why));
	if (rc != 0)
		control_refuse(m, t,
		    rc == -ENOENT ? RPC_NOT_FOUND : RPC_INVALID_PARAMS, why,
		    NULL);
	return rc == 0;
}

static void
method_ping(struct master *m, struct ticket *t, json_t *params)
{
	(void)params;
	answer(m, t,
	    json_pack("{s:b, s:i}", "pong", 1, "pid", (int)m->keeper_pid));
}

static void
method_version(struct master *m, struct ticket *t, json_t *params)
{
	(void)params;
	answer(m, t,
	    json_pack("{s:s, s:i}", "version", CLUSTERD_VERSION, "protocol",
		PROTOCOL));
}

static void
method_status(struct master *m, struct ticket *t, json_t *params)
{
	struct selection sel;

	if (!resolve(m, t, params, &sel))
		return;
	answer(m, t,
	    json_pack("{s:o, s:o}", "clusterd", status_master(m), "workers",
		status_rows(&sel, false)));
	selection_fini(&sel);
}

static void
method_describe(struct master *m, struct ticket *t, json_t *params)
{
	struct selection sel;

	if (!resolve(m, t, params, &sel))
		return;
	answer(m, t, json_pack("{s:o}", "workers", status_rows(&sel, true)));
	selection_fini(&sel);
}

static void
method_logs(struct master *m, struct ticket *t, json_t *params)
{
	json_t *files = json_array();
	struct selection sel;

	if (!resolve(m, t, params, &sel)) {
		json_decref(files);
		return;
	}
	for (size_t i = 0; i < sel.count; i++)
		status_add_files(sel.slots[i], files);
	selection_fini(&sel);
	answer(m, t, json_pack("{s:o}", "files", files));
}

static void
method_env(struct master *m, struct ticket *t, json_t *params)
{
	struct selection sel;
	char why[512];
	json_t *env;

	if (!resolve(m, t, params, &sel))
		return;
	if (sel.count == 0) {
		control_refuse(m, t, RPC_NOT_FOUND, "there is no worker", NULL);
	} else {
		env = status_env(sel.slots[0], why, sizeof(why));
		if (env == NULL)
			control_refuse(m, t, RPC_FAILED, why, NULL);
		else
			answer(m, t,
			    json_pack("{s:o, s:s, s:i}", "env", env, "app",
				sel.slots[0]->pool->name, "instance",
				(int)sel.slots[0]->slot.number));
	}
	selection_fini(&sel);
}

/* "SIGUSR2", "usr2", "12"; -1. */
static int
parse_signal(const json_t *value)
{
	const char *name = json_string_value(value);

	if (json_is_integer(value))
		return json_integer_value(value) > 0 &&
			       json_integer_value(value) <= SIGRTMAX
			   ? (int)json_integer_value(value)
			   : -1;
	if (name == NULL)
		return -1;
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	for (int signo = 1; signo < NSIG; signo++) {
		char number[12];

		snprintf(number, sizeof(number), "%d", signo);
		if (strcmp(number, name) == 0 ||
		    (sigabbrev_np(signo) != NULL &&
			strcasecmp(sigabbrev_np(signo), name) == 0))
			return signo;
	}
	return -1;
}

static void
method_signal(struct master *m, struct ticket *t, json_t *params)
{
	int signo = parse_signal(json_object_get(params, "signal"));
	struct selection sel;
	int done = 0;

	if (signo < 0) {
		control_refuse(m, t, RPC_INVALID_PARAMS,
		    "there is no such "
		    "signal; give a name (SIGUSR2, USR2) or a number",
		    NULL);
		return;
	}
	if (!resolve(m, t, params, &sel))
		return;
	for (size_t i = 0; i < sel.count; i++) {
		const struct slot_worker *w = &sel.slots[i]->slot.current;

		if (w->state == WORKER_NONE || w->state == WORKER_SPAWNING)
			continue;
		link_signal(m, w->proc, w->uid, signo, false);
		done++;
	}
	selection_fini(&sel);
	answer(m, t, json_pack("{s:i}", "done", done));
}

static void
method_reopen_logs(struct master *m, struct ticket *t, json_t *params)
{
	(void)params;
	logs_reopen(m);
	answer(m, t, json_pack("{s:b}", "done", 1));
}

/* clang-format off */
static const struct {
	const char *name;
	void (*call)(struct master *, struct ticket *, json_t *);
} methods[] = {
	{ "delete",	 method_delete },
	{ "describe",	 method_describe },
	{ "env",	 method_env },
	{ "kill",	 method_kill },
	{ "logs",	 method_logs },
	{ "ping",	 method_ping },
	{ "reload",	 method_reload },
	{ "reopen_logs", method_reopen_logs },
	{ "restart",	 method_restart },
	{ "scale",	 method_scale },
	{ "signal",	 method_signal },
	{ "start",	 method_start },
	{ "status",	 method_status },
	{ "stop",	 method_stop },
	{ "version",	 method_version },
};
/* clang-format on */

void
method_call(
    struct master *m, struct ticket *t, const char *name, json_t *params)
{
	for (size_t i = 0; i < COUNT(methods); i++)
		if (strcmp(methods[i].name, name) == 0) {
			methods[i].call(m, t, params);
			return;
		}
	control_refuse(
	    m, t, RPC_METHOD_NOT_FOUND, "there is no such method", NULL);
}
