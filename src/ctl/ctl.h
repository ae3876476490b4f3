/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl.h - one run of clusterctl: its options, its command, its connection.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include <clusterd/compiler.h>

/* The exit statuses, as clusterctl(1) lists them. */
enum ctl_exit {
	CTL_DONE = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_NO_SERVER = 3,
	CTL_BAD_CONFIG = 4,
};

enum {
	CTL_ANSWER_MS = 10 * 1000, /* an answer about what is takes no longer */
	CTL_NO_LIMIT_MS = 0,	   /* one about a change takes what it takes */
};

struct ctl_options {
	const char *socket_path; /* borrowed from argv; NULL: the default */
	bool json, no_color, quiet, verbose, help, version;
	bool fast;  /* kill */
	long lines; /* logs; -1: not said */
	bool nostream, raw, err, out, timestamp;
};

struct command;

struct ctl {
	struct ctl_options opt;
	const struct command *command; /* borrowed: a row of the table */
	char **args; /* owned array of borrowed strings, NULL-terminated */
	int n_args;
	bool out_is_tty, err_is_tty;
	int width; /* columns of the terminal; 0: it is none */
	int sock;  /* -1: not connected */
	char sock_path[108];
	bool is_mute;	     /* errors are not said */
	bool progress_shown; /* a line on stderr is to be rewritten */
};

struct command {
	const char *name;
	const char *aliases[5];	   /* NULL-terminated */
	int min_args, max_args;	   /* max_args -1: any number */
	int (*run)(struct ctl *c); /* returns the exit status */
	const char *usage;	   /* what follows the name */
	const char *help;
};

enum option_type { OPTION_FLAG, OPTION_NUMBER, OPTION_TEXT };

struct option_row {
	const char *name; /* without "--" */
	char letter;	  /* 0: none */
	enum option_type type;
	const char *command; /* NULL: every command */
	size_t offset;	     /* into struct ctl_options */
	const char *arg;     /* name of the value; NULL for a flag */
	const char *help;
};

/* The tables (commands.c, args.c). */
const struct command *command_table(size_t *count);
const struct option_row *option_table(size_t *count);

/* By name or alias; NULL when there is none. */
const struct command *command_find(const char *name);
/* The nearest name, for "did you mean"; may be NULL. */
const char *command_suggest(const char *name);

/*
 * Options before or after the command, "--" ends them; "-3" is a number, never
 * an option. 0, or an exit status after a message on stderr. c->args is freed
 * by ctl_fini().
 */
int args_parse(struct ctl *c, int argc, char **argv) MUST_CHECK;

void ctl_init(struct ctl *c);
void ctl_fini(struct ctl *c);

/* On a terminal, unless --no-color or NO_COLOR says otherwise. */
bool ctl_wants_color(const struct ctl *c);

/* "clusterctl: text" on stderr. */
void ctl_error(struct ctl *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Unless it is connected already. CTL_DONE, or an exit status after a message.
 */
int ctl_connect(struct ctl *c) MUST_CHECK;

/*
 * One call. CTL_DONE with `*result` (the caller's), or an exit status: then, if
 * `error` is not NULL and the server answered, the error object is put there
 * (the caller's) and nothing is said; else it is said on stderr. `params` is
 * stolen, may be NULL. Progress events are shown.
 */
int ctl_call(struct ctl *c, const char *method, json_t *params, int timeout_ms,
    json_t **result, json_t **error) MUST_CHECK;
/* Say an error object, with its list of messages; returns the exit status. */
int ctl_say_error(struct ctl *c, const json_t *error);
/* {"selector": the arguments joined by commas}; NULL without arguments. */
json_t *ctl_selector_params(const struct ctl *c);
/* One line of JSON on stdout. */
void ctl_print_json(const json_t *j);

/* progress.c */
void progress_show(struct ctl *c, const char *text);
void progress_end(struct ctl *c);

/* One function a row of the command table. */
int cmd_status(struct ctl *c);
int cmd_describe(struct ctl *c);
int cmd_jlist(struct ctl *c);
int cmd_ping(struct ctl *c);
int cmd_start(struct ctl *c);
int cmd_stop(struct ctl *c);
int cmd_restart(struct ctl *c);
int cmd_reload(struct ctl *c);
int cmd_delete(struct ctl *c);
int cmd_scale(struct ctl *c);
int cmd_kill(struct ctl *c);
int cmd_logs(struct ctl *c);
int cmd_env(struct ctl *c);
int cmd_signal(struct ctl *c);
int cmd_pid(struct ctl *c);
int cmd_reopen_logs(struct ctl *c);
int cmd_schema(struct ctl *c);
int cmd_version(struct ctl *c);
int cmd_help(struct ctl *c);

/* cmd_help.c */
void help_print_command(const struct command *cmd);
void help_print_all(void);

#endif
