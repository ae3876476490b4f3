/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commands.c - the table of commands.
 *
 * A row is all there is to a command: its names, how many arguments, what runs,
 * its help. clusterctl(1) and the shell completion are checked against it.
 */
#include "ctl/ctl.h"

#include <string.h>
#include <strings.h>

#include <clusterd/suggest.h>

enum { MANY = -1, NAMES_MAX = 128 };

/* clang-format off */
static const struct command commands[] = {
	{ "status", { "list", "ls", "l", "ps" }, 0, MANY, cmd_status,
	  "[selector ...]",
	  "Show the workers in a table." },
	{ "describe", { "desc", "info", "show" }, 1, MANY, cmd_describe,
	  "selector ...",
	  "Show all that is known of workers." },
	{ "jlist", { NULL }, 0, 0, cmd_jlist,
	  "",
	  "Print the workers as JSON, in the shape of pm2 jlist." },
	{ "start", { NULL }, 1, MANY, cmd_start,
	  "selector ...",
	  "Start stopped or failed workers and wait until they are ready." },
	{ "stop", { NULL }, 1, MANY, cmd_stop,
	  "selector ...",
	  "Drain and stop workers; their slots stay." },
	{ "restart", { NULL }, 1, MANY, cmd_restart,
	  "selector ...",
	  "Stop workers and start them again." },
	{ "reload", { NULL }, 0, MANY, cmd_reload,
	  "[selector ...]",
	  "Replace workers one by one; without a selector read the file anew." },
	{ "scale", { NULL }, 1, 2, cmd_scale,
	  "[app] N|+N|-N",
	  "Run N workers, or N more or fewer, from now on." },
	{ "delete", { "del" }, 1, MANY, cmd_delete,
	  "selector ...",
	  "Stop apps and forget them until the next reload." },
	{ "kill", { NULL }, 0, 0, cmd_kill,
	  "[--fast]",
	  "Stop all workers and end clusterd." },
	{ "logs", { "log" }, 0, MANY, cmd_logs,
	  "[selector ...]",
	  "Show the last lines of the logs and follow them." },
	{ "env", { NULL }, 1, 1, cmd_env,
	  "selector",
	  "Print the environment that a worker started now would get." },
	{ "sendSignal", { "signal", "send-signal" }, 2, MANY, cmd_signal,
	  "SIGNAL selector ...",
	  "Send a signal to workers." },
	{ "pid", { NULL }, 0, MANY, cmd_pid,
	  "[selector ...]",
	  "Print the pids of workers, or without a selector clusterd's." },
	{ "reopen-logs", { "reloadLogs" }, 0, 0, cmd_reopen_logs,
	  "",
	  "Open the log files again, after they have been renamed." },
	{ "ping", { NULL }, 0, 0, cmd_ping,
	  "",
	  "Ask whether clusterd is there." },
	{ "schema", { NULL }, 0, 0, cmd_schema,
	  "",
	  "Print the JSON Schema of ecosystem files." },
	{ "version", { NULL }, 0, 0, cmd_version,
	  "",
	  "Print the versions of clusterctl and of the running clusterd." },
	{ "help", { NULL }, 0, 1, cmd_help,
	  "[command]",
	  "Show how to use clusterctl, or one command." },
};
/* clang-format on */

const struct command *
command_table(size_t *count)
{
	*count = COUNT(commands);
	return commands;
}

const struct command *
command_find(const char *name)
{
	size_t i, a;

	for (i = 0; i < COUNT(commands); i++) {
		const struct command *cmd = &commands[i];

		if (strcasecmp(cmd->name, name) == 0)
			return cmd;
		for (a = 0; a < COUNT(cmd->aliases) && cmd->aliases[a]; a++) {
			if (strcasecmp(cmd->aliases[a], name) == 0)
				return cmd;
		}
	}
	return NULL;
}

const char *
command_suggest(const char *name)
{
	const char *names[NAMES_MAX];
	size_t i, a, n = 0;

	for (i = 0; i < COUNT(commands); i++) {
		const struct command *cmd = &commands[i];

		names[n++] = cmd->name;
		for (a = 0; a < COUNT(cmd->aliases) && cmd->aliases[a]; a++)
			names[n++] = cmd->aliases[a];
	}
	return suggest_closest(name, names, n);
}

_Static_assert(COUNT(commands) * 6 <= NAMES_MAX, "room for all names");
