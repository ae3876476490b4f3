/* SPDX-License-Identifier: Apache-2.0 */
/* test_jlist.c - workers in PM2's shape. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "ctl/jlist.h"
#include "ctl/row.h"

static const char worker_json[] =
    "[{\"id\":4,\"name\":\"api\",\"namespace\":\"default\",\"instance\":1,"
    "\"mode\":\"cluster\",\"pid\":812,\"status\":\"ready\","
    "\"uptime_ms\":1100,\"restarts\":3,\"cpu_percent\":0.46,"
    "\"memory_bytes\":48123904,\"started_wall_ms\":1000,"
    "\"created_wall_ms\":900,\"crashes\":2,\"last_exit\":{\"code\":7},"
    "\"program\":\"/usr/bin/node\",\"script\":\"/srv/app.js\","
    "\"cwd\":\"/srv\",\"argv\":[\"node\",\"/srv/app.js\"],"
    "\"config\":{\"script\":\"app.js\",\"args\":[\"--x\"],"
    "\"interpreter_args\":[\"--trace\"],\"kill_timeout\":\"1.5s\","
    "\"instance_var\":\"NODE_APP_INSTANCE\",\"increment_var\":\"PORT\","
    "\"merge_logs\":true},"
    "\"files\":[{\"type\":\"out\",\"path\":\"/l/out.log\"},"
    "{\"type\":\"err\",\"path\":\"/l/err.log\"}]}]";

static const char env_json[] =
    "{\"app\":\"api\",\"instance\":0,\"env\":{\"HOME\":\"/root\","
    "\"name\":\"not the name\",\"NODE_APP_INSTANCE\":\"0\",\"pm_id\":\"3\","
    "\"PORT\":\"4000\"}}";

static const json_t *
env_fn(void *arg, const json_t *worker)
{
	(void)worker;
	return arg;
}

static json_t *
make(const char *workers_text, const char *env_text)
{
	json_t *workers = json_loads(workers_text, 0, NULL);
	json_t *env = env_text ? json_loads(env_text, 0, NULL) : NULL;
	json_t *list = jlist_make(workers, env_fn, env);

	cr_assert_not_null(workers);
	json_decref(workers);
	json_decref(env);
	return list;
}

Test(jlist, a_worker_has_pm2s_members)
{
	json_t *list = make(worker_json, env_json);
	const json_t *w = json_array_get(list, 0);
	const json_t *env = json_object_get(w, "pm2_env");

	cr_expect_eq(row_int(w, "pid"), 812);
	cr_expect_eq(row_int(w, "pm_id"), 4);
	cr_expect_str_eq(row_text(w, "name"), "api");
	cr_expect_eq(row_int(json_object_get(w, "monit"), "memory"), 48123904);
	cr_expect_float_eq(
	    row_real(json_object_get(w, "monit"), "cpu"), 0.5, 0.001);
	cr_expect_str_eq(row_text(env, "status"), "online");
	cr_expect_eq(row_int(env, "pm_uptime"), 1000);
	cr_expect_eq(row_int(env, "created_at"), 900);
	cr_expect_eq(row_int(env, "restart_time"), 3);
	cr_expect_eq(row_int(env, "unstable_restarts"), 2);
	cr_expect_eq(row_int(env, "exit_code"), 7);
	cr_expect_eq(row_int(env, "instances"), 1);
	cr_expect_eq(row_int(env, "NODE_APP_INSTANCE"), 1);
	cr_expect_str_eq(row_text(env, "exec_mode"), "cluster_mode");
	cr_expect_str_eq(row_text(env, "pm_exec_path"), "/srv/app.js");
	cr_expect_str_eq(row_text(env, "exec_interpreter"), "node");
	cr_expect_str_eq(row_text(env, "pm_cwd"), "/srv");
	cr_expect_str_eq(row_text(env, "pm_out_log_path"), "/l/out.log");
	cr_expect_str_eq(row_text(env, "pm_err_log_path"), "/l/err.log");
	cr_expect_eq(row_int(env, "kill_timeout"), 1500);
	cr_expect(json_is_true(json_object_get(env, "merge_logs")));
	cr_expect_eq(json_array_size(json_object_get(env, "args")), 1);
	cr_expect_eq(json_array_size(json_object_get(env, "node_args")), 1);
	json_decref(list);
}

Test(jlist, the_environment_is_there_twice_and_hides_nothing)
{
	json_t *list = make(worker_json, env_json);
	const json_t *env = json_object_get(json_array_get(list, 0), "pm2_env");
	const json_t *vars = json_object_get(env, "env");

	cr_expect_str_eq(row_text(vars, "HOME"), "/root");
	cr_expect_str_eq(row_text(env, "HOME"), "/root");
	cr_expect_str_eq(row_text(vars, "name"), "not the name");
	cr_expect_str_eq(row_text(env, "name"), "api");
	json_decref(list);
}

/* The answer is of instance 0, the worker is instance 1. */
Test(jlist, what_differs_between_instances_is_put_right)
{
	json_t *list = make(worker_json, env_json);
	const json_t *vars = json_object_get(
	    json_object_get(json_array_get(list, 0), "pm2_env"), "env");

	cr_expect_str_eq(row_text(vars, "NODE_APP_INSTANCE"), "1");
	cr_expect_str_eq(row_text(vars, "pm_id"), "4");
	cr_expect_str_eq(row_text(vars, "PORT"), "4001");
	json_decref(list);
}

Test(jlist, status_words_are_pm2s)
{
	static const char *const words[][2] = { { "ready", "online" },
		{ "starting", "launching" }, { "reloading", "launching" },
		{ "stopping", "stopping" }, { "stopped", "stopped" },
		{ "waiting", "waiting restart" } };
	char text[64];
	size_t i;

	for (i = 0; i < COUNT(words); i++) {
		json_t *list;
		const json_t *env;

		snprintf(
		    text, sizeof(text), "[{\"status\":\"%s\"}]", words[i][0]);
		list = make(text, NULL);
		env = json_object_get(json_array_get(list, 0), "pm2_env");
		cr_expect_str_eq(row_text(env, "status"), words[i][1]);
		cr_expect_str_eq(row_text(env, "exec_mode"), "fork_mode");
		cr_expect(json_is_object(json_object_get(env, "env")));
		json_decref(list);
	}
}
