/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c - the key table.
 *
 * To add a key: a field in config.h, a row here, an entry in ecosystem.yaml(5).
 */
#include "config/keys.h"

#include <clusterd/config.h>
#include <clusterd/loglink.h>

#include "config/parse.h"

#define APP(field) offsetof(struct app_config, field)
#define TOP(field) offsetof(struct top_level, field)

enum {
	SECOND = 1000,
	HOUR = 3600 * SECOND,
};

_Static_assert(sizeof(enum exec_mode) == sizeof(int), "T_WORD is an int");

/* clang-format off */
static const struct key_word exec_modes[] = {
	{ "auto",		EXEC_AUTO },
	{ "fork",		EXEC_FORK },
	{ "cluster",		EXEC_CLUSTER },
	{ "fork_mode",		EXEC_FORK },
	{ "cluster_mode",	EXEC_CLUSTER },
	{ NULL,			0 },
};

static const struct key_word dialects[] = {
	{ "auto",		DIALECT_AUTO },
	{ "node",		DIALECT_NODE },
	{ "native",		DIALECT_NATIVE },
	{ "none",		DIALECT_NONE },
	{ NULL,			0 },
};

static const struct key_word ready_kinds[] = {
	{ "auto",		READY_AUTO },
	{ "message",		READY_MESSAGE },
	{ "listening",		READY_LISTENING },
	{ "accept",		READY_ACCEPT },
	{ "started",		READY_STARTED },
	{ NULL,			0 },
};

static const struct key_word log_types[] = {
	{ "json",		LOG_JSON },
	{ "raw",		LOG_RAW },
	{ NULL,			0 },
};

static const struct config_key app_rows[] = {
	{ .name = "args", .type = T_STRINGS, .offset = APP(args),
	  .deferred = true, .dflt_help = "none",
	  .help = "Arguments of the program: a list, or a string that is "
		  "split on blanks (quotes keep them)." },
	{ .name = "clear_env", .type = T_BOOL, .dflt = "false",
	  .offset = APP(clear_env),
	  .help = "Start workers with what is declared here and PATH alone, "
		  "without the environment clusterd itself was started "
		  "with." },
	{ .name = "command", .type = T_COMMAND, .offset = APP(command),
	  .deferred = true, .per_app = true, .dflt_help = "none",
	  .help = "The program and its arguments as a list, run as it stands "
		  "(no interpreter). A plain string is the same as script." },
	{ .name = "cwd", .type = T_PATH, .offset = APP(cwd),
	  .dflt_help = "the folder of the file",
	  .help = "Working directory of the workers; script and log files "
		  "are seen from here." },
	{ .name = "dialect", .type = T_WORD, .words = dialects, .dflt = "auto",
	  .offset = APP(dialect),
	  .help = "How a worker speaks with clusterd. auto: node when node, "
		  "nodejs, bun or deno runs it, else native." },
	{ .name = "drain_linger", .type = T_MSEC, .dflt = "1s", .min = 0,
	  .max = HOUR, .offset = APP(drain_linger_ms),
	  .help = "Node: how long a draining worker keeps idle keep-alive "
		  "connections for a request under way." },
	{ .name = "drain_preload", .type = T_BOOL, .dflt = "true",
	  .offset = APP(drain_preload),
	  .help = "Node: load a small module that closes keep-alive "
		  "connections without loss while a worker drains." },
	{ .name = "env", .type = T_ENV, .offset = APP(env), .deferred = true,
	  .dflt_help = "none",
	  .help = "Environment variables of the workers. env_NAME is laid on "
		  "top when clusterd runs with --env NAME." },
	{ .name = "error_file", .aliases = { "error", "err", "err_file",
	  "err_log" }, .type = T_LOG_FILE, .offset = APP(error_file),
	  .dflt_help = "LOG_DIR/NAME-error.log",
	  .help = "Where lines of stderr go; NULL, /dev/null or false: "
		  "nowhere." },
	{ .name = "exec_mode", .type = T_WORD, .words = exec_modes,
	  .dflt = "auto", .offset = APP(exec_mode),
	  .help = "cluster: workers share the listening sockets. fork: each "
		  "is on its own. auto: cluster with listen, or for a Node "
		  "script with instances; else fork." },
	{ .name = "increment_var", .type = T_VARIABLE,
	  .offset = APP(increment_var), .dflt_help = "none",
	  .help = "A variable of env that holds a number: each instance gets "
		  "it increased by its own number." },
	{ .name = "instance_var", .type = T_VARIABLE,
	  .dflt = "NODE_APP_INSTANCE", .offset = APP(instance_var),
	  .help = "The variable that tells a worker its instance number, "
		  "from 0." },
	{ .name = "instances", .type = T_INSTANCES, .dflt = "1",
	  .min = -INSTANCES_MAX, .max = INSTANCES_MAX, .live = true,
	  .offset = APP(instances),
	  .help = "Number of workers: 4; max or 0 for one per CPU; -1 for one "
		  "less than CPUs; 2/cpu for two per CPU." },
	{ .name = "interpreter", .aliases = { "exec_interpreter" },
	  .type = T_STRING, .offset = APP(interpreter),
	  .dflt_help = "by the script's extension",
	  .help = "The program that runs script; none: script is run itself." },
	{ .name = "interpreter_args", .aliases = { "node_args" },
	  .type = T_STRINGS, .offset = APP(interpreter_args), .deferred = true,
	  .dflt_help = "none",
	  .help = "Arguments of the interpreter, before script: a list or a "
		  "string." },
	{ .name = "kill_signal", .type = T_SIGNAL, .live = true,
	  .offset = APP(kill_signal),
	  .dflt_help = "SIGINT for Node, else SIGTERM",
	  .help = "The signal that asks a worker to stop." },
	{ .name = "kill_timeout", .type = T_MSEC, .dflt = "10s", .min = 0,
	  .max = 24 * HOUR, .live = true, .offset = APP(kill_timeout_ms),
	  .help = "How long a worker may take to finish and stop before it "
		  "is killed." },
	{ .name = "listen", .type = T_LISTEN, .offset = APP(listeners),
	  .dflt_help = "none",
	  .help = "The sockets that clusterd binds and the workers share." },
	{ .name = "listen_timeout", .type = T_MSEC, .dflt = "30s", .min = 1,
	  .max = 24 * HOUR, .live = true, .offset = APP(listen_timeout_ms),
	  .help = "How long a worker may take to get ready; later is a failed "
		  "start." },
	{ .name = "log_file", .aliases = { "log" }, .type = T_LOG_FILE,
	  .offset = APP(log_file), .dflt_help = "none",
	  .help = "A file for the lines of stdout and stderr together, beside "
		  "the other two; true: LOG_DIR/NAME.log." },
	{ .name = "log_type", .type = T_WORD, .words = log_types,
	  .dflt = "json", .offset = APP(log_type),
	  .help = "json: one JSON object a line; raw: lines as they are." },
	{ .name = "max_surge", .type = T_INT, .dflt = "1", .min = 1,
	  .max = INSTANCES_MAX, .live = true, .offset = APP(max_surge),
	  .help = "How many workers are replaced at a time in a reload." },
	{ .name = "merge_logs", .aliases = { "combine_logs" }, .type = T_BOOL,
	  .dflt = "true", .offset = APP(merge_logs),
	  .help = "One file for all instances; false: -INSTANCE before .log." },
	{ .name = "min_uptime", .type = T_MSEC, .dflt = "1s", .min = 0,
	  .max = HOUR, .live = true, .offset = APP(min_uptime_ms),
	  .help = "A worker that ends sooner has failed to start; with ready: "
		  "started, the age at which it counts as ready." },
	{ .name = "name", .type = T_LABEL, .offset = APP(name),
	  .per_app = true, .dflt_help = "the script's name",
	  .help = "The app's name, of up to 63 letters, digits and . _ -" },
	{ .name = "namespace", .type = T_LABEL, .dflt = "default",
	  .live = true, .offset = APP(namespace),
	  .help = "A group of apps that commands can name as one." },
	{ .name = "out_file", .aliases = { "out", "output", "out_log" },
	  .type = T_LOG_FILE, .offset = APP(out_file),
	  .dflt_help = "LOG_DIR/NAME-out.log",
	  .help = "Where lines of stdout go; NULL, /dev/null or false: "
		  "nowhere." },
	{ .name = "ready", .type = T_WORD, .words = ready_kinds,
	  .dflt = "auto", .live = true, .offset = APP(ready),
	  .help = "What tells that a worker is ready: message, listening, "
		  "accept or started. auto: by wait_ready, exec_mode and "
		  "dialect." },
	{ .name = "script", .aliases = { "exec", "cmd" }, .type = T_STRING,
	  .offset = APP(script), .deferred = true, .per_app = true,
	  .dflt_help = "required",
	  .help = "The program: a file seen from cwd, a name in PATH, or a "
		  "line with blanks for the shell." },
	{ .name = "wait_ready", .type = T_BOOL, .dflt = "false", .live = true,
	  .offset = APP(wait_ready),
	  .help = "The worker says itself when it is ready "
		  "(process.send('ready'), READY=1): as ready: message." },
};

static const struct config_key top_rows[] = {
	{ .name = "apps", .type = T_APPS, .offset = TOP(apps),
	  .dflt_help = "required",
	  .help = "The apps: a list, or a map from names." },
	{ .name = "defaults", .type = T_DEFAULTS, .offset = TOP(defaults),
	  .dflt_help = "none",
	  .help = "App keys for every app that does not say otherwise; env "
		  "maps are merged." },
	{ .name = "log_dir", .type = T_PATH, .offset = TOP(log_dir),
	  .dflt_help = "/var/log/clusterd for root, else "
		       "~/.local/state/clusterd",
	  .help = "The folder of log files that no key names." },
};
/* clang-format on */

_Static_assert(COUNT(app_rows) <= APP_KEYS_MAX, "room for what was given");

static const struct key_table app_table = { app_rows, COUNT(app_rows) };
static const struct key_table top_table = { top_rows, COUNT(top_rows) };

const struct key_table *
keys_of_app(void)
{
	return &app_table;
}

const struct key_table *
keys_of_top(void)
{
	return &top_table;
}

bool
config_key_info(size_t row, struct config_key_info *info)
{
	const struct config_key *k;

	if (row < COUNT(app_rows))
		k = &app_rows[row];
	else if (row < COUNT(app_rows) + COUNT(top_rows))
		k = &top_rows[row - COUNT(app_rows)];
	else
		return false;
	info->name = k->name;
	info->type = key_type_name(k->type);
	info->dflt = k->dflt != NULL ? k->dflt : k->dflt_help;
	info->help = k->help;
	info->aliases = k->aliases;
	info->top_level = row >= COUNT(app_rows);
	return true;
}
