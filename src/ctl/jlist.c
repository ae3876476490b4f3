/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jlist.c - workers in the shape of `pm2 jlist`, for the scripts that read it.
 *
 * {pid, name, pm_id, monit, pm2_env}; pm2_env holds state and settings under
 * PM2's names, and the environment twice: as `env`, and flat.
 */
#include "ctl/jlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/units.h>

#include "ctl/row.h"

static const struct {
	const char *ours, *pm2;
} statuses[] = {
	{ "ready", "online" },
	{ "starting", "launching" },
	{ "reloading", "launching" },
	{ "stopping", "stopping" },
	{ "stopped", "stopped" },
	{ "waiting", "waiting restart" },
};

static const char *
pm2_status(const char *ours)
{
	size_t i;

	for (i = 0; i < COUNT(statuses); i++) {
		if (strcmp(statuses[i].ours, ours) == 0)
			return statuses[i].pm2;
	}
	return "stopped";
}

/* Steals `value`; a NULL one is left out. */
static void
set(json_t *o, const char *key, json_t *value)
{
	if (value)
		(void)json_object_set_new(o, key, value);
}

static void
set_text(json_t *o, const char *key, const char *value)
{
	set(o, key, json_string(value));
}

static void
copy(json_t *o, const char *key, const json_t *value)
{
	set(o, key, json_deep_copy(value));
}

static json_t *
strings_or_empty(const json_t *list)
{
	return json_is_array(list) ? json_deep_copy(list) : json_array();
}

/* A duration of the configuration in milliseconds, as PM2 has them. */
static json_t *
duration(const json_t *value)
{
	int64_t ms;

	if (json_is_string(value) &&
	    units_parse_ms(json_string_value(value), &ms) == 0)
		return json_integer(ms);
	return json_is_number(value) ? json_deep_copy(value) : NULL;
}

static void
set_state(json_t *env, const json_t *w)
{
	const json_t *exit = json_object_get(w, "last_exit");

	set_text(env, "status", pm2_status(row_text(w, "status")));
	set(env, "pm_uptime", json_integer(row_int(w, "started_wall_ms")));
	set(env, "created_at", json_integer(row_int(w, "created_wall_ms")));
	set(env, "restart_time", json_integer(row_int(w, "restarts")));
	set(env, "unstable_restarts", json_integer(row_int(w, "crashes")));
	set(env, "prev_restart_delay", json_integer(0));
	if (json_is_object(exit))
		set(env, "exit_code", json_integer(row_int(exit, "code")));
	set_text(env, "version", "N/A");
}

static void
set_identity(json_t *env, const json_t *w, size_t instances)
{
	set(env, "pm_id", json_integer(row_int(w, "id")));
	set_text(env, "name", row_text(w, "name"));
	set_text(env, "namespace", row_text(w, "namespace"));
	set(env, "instances", json_integer((json_int_t)instances));
	set(env, "NODE_APP_INSTANCE", json_integer(row_int(w, "instance")));
	set_text(env, "exec_mode",
	    strcmp(row_text(w, "mode"), "cluster") == 0 ? "cluster_mode"
							: "fork_mode");
}

/* The script; a command has none, then it is the program. */
static const char *
exec_path(const json_t *w)
{
	const char *script = row_text(w, "script");

	return *script ? script : row_text(w, "program");
}

static void
set_command(json_t *env, const json_t *w, const json_t *config)
{
	const char *program = row_text(w, "program");
	const char *interpreter = row_text(config, "interpreter");
	const char *slash = strrchr(program, '/');

	if (strcmp(exec_path(w), program) == 0)
		interpreter = "none";
	else if (!*interpreter)
		interpreter = slash ? slash + 1 : program;
	set_text(env, "exec_interpreter", interpreter);
	set_text(env, "pm_exec_path", exec_path(w));
	set_text(env, "pm_cwd", row_text(w, "cwd"));
	set(env, "args", strings_or_empty(json_object_get(config, "args")));
	set(env, "node_args",
	    strings_or_empty(json_object_get(config, "interpreter_args")));
}

static void
set_files(json_t *env, const json_t *files)
{
	static const struct {
		const char *type, *key;
	} keys[] = {
		{ "out", "pm_out_log_path" },
		{ "err", "pm_err_log_path" },
		{ "all", "pm_log_path" },
	};
	const json_t *file;
	size_t i, k;

	json_array_foreach (files, i, file) {
		for (k = 0; k < COUNT(keys); k++) {
			if (strcmp(row_text(file, "type"), keys[k].type) == 0)
				set_text(
				    env, keys[k].key, row_text(file, "path"));
		}
	}
}

static void
set_settings(json_t *env, const json_t *config)
{
	static const char *const durations[] = { "kill_timeout",
		"listen_timeout", "min_uptime" };
	static const char *const plain[] = { "merge_logs", "wait_ready",
		"instance_var", "increment_var", "log_type" };
	const json_t *value;
	size_t i;

	set(env, "autostart", json_true());
	set(env, "autorestart", json_true());
	set(env, "watch", json_false());
	for (i = 0; i < COUNT(durations); i++)
		set(env, durations[i],
		    duration(json_object_get(config, durations[i])));
	for (i = 0; i < COUNT(plain); i++) {
		value = json_object_get(config, plain[i]);
		if (value && !json_is_null(value))
			copy(env, plain[i], value);
	}
}

/*
 * The answer is of one worker of the app; what differs between instances is
 * put right for `w`.
 */
static json_t *
env_of(const json_t *w, const json_t *config, const json_t *answer)
{
	json_t *vars = json_deep_copy(json_object_get(answer, "env"));
	const char *instance_var = row_text(config, "instance_var");
	const char *increment_var = row_text(config, "increment_var");
	const char *base;
	int64_t by = row_int(w, "instance") - row_int(answer, "instance");

	if (!json_is_object(vars)) {
		json_decref(vars);
		return json_object();
	}
	if (*instance_var && json_object_get(vars, instance_var))
		set(vars, instance_var,
		    json_sprintf("%lld", (long long)row_int(w, "instance")));
	if (json_object_get(vars, "pm_id"))
		set(vars, "pm_id",
		    json_sprintf("%lld", (long long)row_int(w, "id")));
	base = row_text(vars, increment_var);
	if (*increment_var && *base)
		set(vars, increment_var,
		    json_sprintf("%lld", strtoll(base, NULL, 10) + by));
	return vars;
}

static json_t *
pm2_env(const json_t *w, size_t instances, const json_t *answer)
{
	const json_t *config = json_object_get(w, "config");
	json_t *env = json_object(), *vars = env_of(w, config, answer);

	/* First the flat copy: a variable `name` must not hide the name. */
	if (vars)
		(void)json_object_update(env, vars);
	set(env, "env", vars);
	set_settings(env, config);
	set_state(env, w);
	set_identity(env, w, instances);
	set_command(env, w, config);
	set_files(env, json_object_get(w, "files"));
	return env;
}

static json_t *
entry(const json_t *w, size_t instances, const json_t *answer)
{
	bool is_online = strcmp(row_text(w, "status"), "ready") == 0;
	double cpu =
	    (double)(int64_t)(row_real(w, "cpu_percent") * 10 + 0.5) / 10;
	json_t *o = json_object(), *monit = json_object();

	set(monit, "memory",
	    json_integer(is_online ? row_int(w, "memory_bytes") : 0));
	set(monit, "cpu", json_real(is_online ? cpu : 0));
	set(o, "pid", json_integer(row_int(w, "pid")));
	set_text(o, "name", row_text(w, "name"));
	set(o, "pm2_env", pm2_env(w, instances, answer));
	set(o, "pm_id", json_integer(row_int(w, "id")));
	set(o, "monit", monit);
	return o;
}

static size_t
count_instances(const json_t *workers, const char *name)
{
	const json_t *w;
	size_t i, n = 0;

	json_array_foreach (workers, i, w)
		n += strcmp(row_text(w, "name"), name) == 0;
	return n;
}

json_t *
jlist_make(const json_t *workers, jlist_env_fn *env, void *arg)
{
	json_t *list = json_array();
	const char *name = NULL;
	size_t i, n = 0;
	const json_t *w;

	json_array_foreach (workers, i, w) {
		/* Workers of an app stand together as a rule. */
		if (!name || strcmp(name, row_text(w, "name")) != 0) {
			name = row_text(w, "name");
			n = count_instances(workers, name);
		}
		(void)json_array_append_new(list, entry(w, n, env(arg, w)));
	}
	return list;
}
