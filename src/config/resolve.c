/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.c - what follows from an app's keys together.
 */
#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/files.h>

#include "config/interpolate.h"
#include "config/program.h"
#include "config/read.h"
#include "config/scalars.h"

static const char *
home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (home != NULL && home[0] == '/')
		return home;
	pw = getpwuid(geteuid());
	return pw != NULL && pw->pw_dir[0] == '/' ? pw->pw_dir : NULL;
}

const char *
resolve_path(struct parse *p, struct config_pos pos, const char *where,
    const char *base, const char *path)
{
	char full[4096];

	if (path[0] == '~' && (path[1] == '\0' || path[1] == '/')) {
		base = home_dir();
		if (base == NULL) {
			parse_error(p, pos, where,
			    "%.64s: there is no home directory (set HOME)",
			    path);
			return NULL;
		}
		path += path[1] == '/' ? 2 : 1;
	}
	if (strcmp(path, ".") == 0 || strcmp(path, "./") == 0)
		path = "";
	if (path[0] == '\0')
		return parse_printf(p, "%s", base);
	if (path_join(base, path, full, sizeof(full)) < 0) {
		parse_error(
		    p, pos, where, "%.64s...: the path is too long", path);
		return NULL;
	}
	return parse_printf(p, "%s", full);
}

static void
resolve_cwd(struct parse *p, struct draft *d)
{
	const char *cwd = p->config->dir;

	if (d->app.cwd != NULL)
		cwd = resolve_path(p, draft_pos(d, "cwd"),
		    draft_where(p, d, "cwd"), p->config->dir, d->app.cwd);
	d->app.cwd = cwd != NULL ? cwd : p->config->dir;
}

/* A line with blanks that is no file is for the shell, as in PM2. */
static void
resolve_shell(struct parse *p, struct draft *d)
{
	struct app_config *app = &d->app;
	const char **argv;

	if (app->script == NULL || app->interpreter != NULL ||
	    strpbrk(app->script, " \t") == NULL ||
	    program_script_exists(app, app->script))
		return;
	argv = parse_alloc(p, 4 * sizeof(*argv));
	if (argv == NULL)
		return;
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = app->script;
	app->command = (struct config_strings){ argv, 3 };
	app->script = NULL;
	if (app->args.count > 0)
		parse_error(p, draft_pos(d, "args"), draft_where(p, d, "args"),
		    "args and a script for the shell (\"%.64s\") do not go "
		    "together: write them into script",
		    argv[2]);
}

/* ${instance} and the like are for arguments, not for a file's name. */
static void
check_script(struct parse *p, struct draft *d)
{
	const char *name;
	size_t len;

	if (d->app.script == NULL)
		return;
	name = interpolate_find_deferred(d->app.script, &len);
	if (name != NULL)
		parse_error(p, d->app.script_pos, draft_where(p, d, "script"),
		    "${%.*s} is known only when a worker starts: a file's "
		    "name cannot have it",
		    (int)(len < 64 ? len : 64), name);
}

static void
resolve_program(struct parse *p, struct draft *d)
{
	const struct node *script = draft_given(d, "script");
	const struct node *command = draft_given(d, "command");
	struct app_config *app = &d->app;
	const char *tilde;

	if (script == NULL && command == NULL) {
		parse_error(p, app->pos, d->where,
		    "says not what to run: give script or command");
		return;
	}
	if (script != NULL && command != NULL) {
		parse_error(p, command->pos, draft_where(p, d, "command"),
		    "script and command do not go together");
		return;
	}
	app->script_pos = script != NULL ? script->pos : command->pos;
	app->interpreter_pos = draft_given(d, "interpreter") != NULL
				   ? draft_pos(d, "interpreter")
				   : app->script_pos;
	if (app->script != NULL && app->script[0] == '~') {
		tilde = resolve_path(p, app->script_pos,
		    draft_where(p, d, "script"), app->cwd, app->script);
		app->script = tilde != NULL ? tilde : app->script;
	}
	resolve_shell(p, d);
	check_script(p, d);
}

static void
check_interpreter(struct parse *p, struct draft *d)
{
	struct app_config *app = &d->app;
	bool runs = program_interpreter(app) != NULL;

	if (app->script == NULL && draft_given(d, "interpreter") != NULL)
		parse_error(p, draft_pos(d, "interpreter"),
		    draft_where(p, d, "interpreter"),
		    "a command is run as it stands: leave interpreter out");
	else if (app->interpreter_args.count > 0 && !runs)
		parse_error(p, draft_pos(d, "interpreter_args"),
		    draft_where(p, d, "interpreter_args"),
		    "no interpreter runs %.64s: set interpreter, or use args",
		    app->script != NULL ? app->script : app->command.items[0]);
}

/* As PM2: the program's name without extension, odd letters made '-'. */
static void
derive_name(struct parse *p, struct draft *d, const char *program)
{
	const char *slash, *dot;
	char *name, *c;
	size_t len;

	slash = strpbrk(program, " \t") == NULL ? strrchr(program, '/') : NULL;
	if (slash != NULL)
		program = slash + 1;
	dot = strrchr(program, '.');
	len = dot != NULL && dot != program ? (size_t)(dot - program)
					    : strlen(program);
	if (len >= APP_NAME_MAX)
		len = APP_NAME_MAX - 1;
	name = parse_printf(p, "%.*s", (int)len, program);
	if (name == NULL)
		return;
	for (c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("._-", *c) == NULL)
			*c = '-';
	d->app.name = name;
}

/* What commands would take for something else cannot be said to them. */
static void
check_selectable(
    struct parse *p, const struct draft *d, const char *key, const char *word)
{
	if (strcmp(word, "all") == 0)
		parse_error(p, draft_pos(d, key), draft_where(p, d, key),
		    "\"all\" names every app in commands: choose another name");
	else if (word[0] == '-')
		parse_error(p, draft_pos(d, key), draft_where(p, d, key),
		    "\"%s\" looks like an option in commands: a name does not "
		    "begin with -",
		    word);
}

static void
resolve_name(struct parse *p, struct draft *d)
{
	struct app_config *app = &d->app;
	bool shell = draft_given(d, "script") != NULL && app->command.count > 2;

	if (app->name == NULL && app->script != NULL)
		derive_name(p, d, app->script);
	else if (app->name == NULL && app->command.count > 0)
		derive_name(p, d, app->command.items[shell ? 2 : 0]);
	if (app->name == NULL)
		app->name = ""; /* what to run is missing: an error stands */
	check_selectable(p, d, "name", app->name);
	check_selectable(p, d, "namespace", app->namespace);
}

static void
check_increment_var(struct parse *p, const struct draft *d)
{
	const struct app_config *app = &d->app;
	const char *var = app->increment_var;
	int64_t n;
	size_t i;

	if (var == NULL)
		return;
	for (i = 0; i < app->env.count; i++)
		if (strcmp(app->env.vars[i].name, var) == 0)
			break;
	if (i < app->env.count &&
	    scalar_parse_int(app->env.vars[i].value, &n) == 0)
		return;
	parse_error(p, draft_pos(d, "increment_var"),
	    draft_where(p, d, "increment_var"),
	    "wants a number in env to count from: %s is %s%.32s", var,
	    i < app->env.count ? "" : "not there",
	    i < app->env.count ? app->env.vars[i].value : "");
}

static struct config_pos
pos_of(const struct draft *d, const char *key)
{
	return draft_given(d, key) != NULL ? draft_pos(d, key) : d->app.pos;
}

void
resolve_app(struct parse *p, struct draft *d)
{
	resolve_cwd(p, d);
	d->app.cwd_pos = pos_of(d, "cwd");
	resolve_program(p, d);
	env_finish(p, d);
	if (p->oom)
		return;
	resolve_name(p, d);
	if (d->broken || (d->app.script == NULL && d->app.command.count == 0))
		return;
	check_interpreter(p, d);
	resolve_mode(p, d);
	check_increment_var(p, d);
	resolve_logs(p, d);
	check_deferred(p, d);
}
