/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_start.c - what a worker is started with.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/arena.h>
#include <clusterd/launch.h>
#include <clusterd/paths.h>

#include "master/worker_start.h"

extern char **environ;

enum {
	START_BYTES_MAX = 8 * 1024 * 1024,
	ENV_MAX = 4096,
	VALUE_MAX = 256 * 1024,
};

/* Of the environment that clusterd was started with, these are its own. */
static const char *const own_names[] = {
	"CLUSTERD_CHANNEL_FD",
	"CLUSTERD_DATADIR",
	"CLUSTERD_DRAIN_LINGER_MS",
	"CLUSTERD_LIBEXECDIR",
	"CLUSTERD_LOG_LEVEL",
	"INVOCATION_ID",
	"JOURNAL_STREAM",
	"LISTEN_FDNAMES",
	"LISTEN_FDS",
	"LISTEN_PID",
	"LOGS_DIRECTORY",
	"MAINPID",
	"NODE_CHANNEL_FD",
	"NODE_CHANNEL_SERIALIZATION_MODE",
	"NODE_UNIQUE_ID",
	"NOTIFY_SOCKET",
	"RUNTIME_DIRECTORY",
	"STATE_DIRECTORY",
	"WATCHDOG_PID",
	"WATCHDOG_USEC",
};

/* One making: the result and what it is made from. */
struct making {
	struct worker_start *w;
	const struct master *m;
	const struct edition *e;
	const struct slot *s;
	char value[APP_NAME_MAX]; /* of the reference looked at */
	bool failed; /* out of memory or over a bound; looked at at the end */
};

static size_t
name_length(const char *entry)
{
	return strcspn(entry, "=");
}

/* Set one variable; a later one of the same name replaces the earlier. */
static void
put_entry(struct making *k, const char *entry)
{
	struct worker_start *w = k->w;
	size_t n = name_length(entry);

	if (entry == NULL || k->failed)
		return;
	for (size_t i = 0; i < w->envc; i++)
		if (strncmp(w->envp[i], entry, n + 1) == 0) {
			w->envp[i] = entry;
			return;
		}
	if (w->envc == ENV_MAX) {
		k->failed = true;
		return;
	}
	w->envp[w->envc++] = entry;
}

static void PRINTF_LIKE(3, 4)
    put(struct making *k, const char *name, const char *fmt, ...)
{
	char value[4352];
	const char *entry;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	entry = arena_printf(k->w->arena, "%s=%s", name, value);
	if (entry == NULL)
		k->failed = true;
	else
		put_entry(k, entry);
}

static const char *
get(const struct worker_start *w, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < w->envc; i++)
		if (strncmp(w->envp[i], name, n) == 0 && w->envp[i][n] == '=')
			return w->envp[i] + n + 1;
	return NULL;
}

/* What one ${...} stands for that only a start can fill in; NULL: not ours. */
static const char *
reference(const char *name, void *arg)
{
	struct making *k = arg;

	if (strncmp(name, "listen.", 7) == 0) {
		for (size_t i = 0; i < k->e->n_listeners; i++)
			if (strcmp(k->e->listeners[i]->name, name + 7) == 0) {
				snprintf(k->value, sizeof(k->value), "%d",
				    START_FIRST_SOCKET + (int)i);
				return k->value;
			}
		return NULL;
	}
	if (strcmp(name, "instance") == 0)
		snprintf(k->value, sizeof(k->value), "%u", k->s->number);
	else if (strcmp(name, "pm_id") == 0)
		snprintf(k->value, sizeof(k->value), "%u", k->s->pm_id);
	else if (strcmp(name, "app") == 0)
		snprintf(k->value, sizeof(k->value), "%s", k->e->app->name);
	else
		return NULL;
	return k->value;
}

/* `text` with its references filled in; in the arena. */
static const char *
expand(struct making *k, const char *text)
{
	size_t size = strlen(text) + 64 * APP_NAME_MAX;
	char *out;

	if (strchr(text, '$') == NULL)
		return text;
	out = size <= VALUE_MAX ? arena_alloc(k->w->arena, size) : NULL;
	if (out == NULL || config_expand(text, reference, k, out, size) != 0) {
		k->failed = true;
		return text;
	}
	return out;
}

static void
put_inherited(struct making *k)
{
	if (k->e->app->clear_env) {
		put(k, "PATH", "%s",
		    getenv("PATH") != NULL ? getenv("PATH")
					   : "/usr/local/bin:/usr/bin:/bin");
		return;
	}
	for (char **v = environ; *v != NULL; v++) {
		bool own = false;

		for (size_t i = 0; i < COUNT(own_names); i++)
			own = own || (strncmp(*v, own_names[i],
					  name_length(*v)) == 0 &&
					 own_names[i][name_length(*v)] == '\0');
		if (!own)
			put_entry(k, *v);
	}
}

static void
put_declared(struct making *k)
{
	const struct config_env *env = &k->e->app->env;

	for (size_t i = 0; i < env->count; i++) {
		const char *entry = arena_printf(k->w->arena, "%s=%s",
		    env->vars[i].name, expand(k, env->vars[i].value));

		if (entry == NULL)
			k->failed = true;
		else
			put_entry(k, entry);
	}
}

/* PM2's names; applications read them. A declared variable of that name wins.
 */
static void
put_pm2_names(struct making *k)
{
	put(k, "pm_id", "%u", k->s->pm_id);
	put(k, "name", "%s", k->e->app->name);
}

static void
put_identity(struct making *k, uint64_t uid)
{
	const struct app_config *app = k->e->app;
	const char *base;

	put(k, app->instance_var, "%u", k->s->number);
	put(k, "CLUSTERD_APP", "%s", app->name);
	put(k, "CLUSTERD_INSTANCE", "%u", k->s->number);
	put(k, "CLUSTERD_WORKER", "%" PRIu64, uid);
	if (app->increment_var != NULL) {
		base = get(k->w, app->increment_var);
		put(k, app->increment_var, "%lld",
		    (base != NULL ? atoll(base) : 0) + k->s->number);
	}
}

static void
put_sockets(struct making *k)
{
	char names[LISTENERS_MAX * LISTENER_NAME_MAX] = "";
	size_t len = 0;

	if (k->e->n_listeners == 0)
		return;
	for (size_t i = 0; i < k->e->n_listeners; i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len,
		    "%s%s", i > 0 ? ":" : "", k->e->listeners[i]->name);
	put(k, "LISTEN_FDS", "%zu", k->e->n_listeners);
	put(k, "LISTEN_PID", "%s", ""); /* the child fills in its own */
	put(k, "LISTEN_FDNAMES", "%s", names);
}

static void
put_preload(struct making *k)
{
	const struct app_config *app = k->e->app;
	const char *given = get(k->w, "NODE_OPTIONS");
	char path[4096];

	if (!app->drain_preload ||
	    paths_data("drain.cjs", path, sizeof(path)) != 0)
		return;
	put(k, "NODE_OPTIONS", "%s%s--require \"%s\"",
	    given != NULL ? given : "", given != NULL ? " " : "", path);
	put(k, "CLUSTERD_DRAIN_LINGER_MS", "%" PRId64, app->drain_linger_ms);
}

static void
put_channel(struct making *k, uint64_t uid)
{
	const struct app_config *app = k->e->app;
	struct worker_start *w = k->w;

	w->channel_number = -1;
	if (app->dialect == DIALECT_NONE)
		return;
	w->channel_number = START_FIRST_SOCKET + (int)k->e->n_listeners;
	w->node = app->dialect == DIALECT_NODE;
	if (!w->node) {
		put(k, "CLUSTERD_CHANNEL_FD", "%d", w->channel_number);
		return;
	}
	put(k, "NODE_CHANNEL_FD", "%d", w->channel_number);
	put(k, "NODE_CHANNEL_SERIALIZATION_MODE", "json");
	if (app->exec_mode == EXEC_CLUSTER) {
		put(k, "NODE_UNIQUE_ID", "%" PRIu64, uid);
		put_preload(k);
	}
}

static void
make_env(struct making *k, uint64_t uid)
{
	struct worker_start *w = k->w;

	w->envp = arena_alloc(w->arena, (ENV_MAX + 1) * sizeof(*w->envp));
	if (w->envp == NULL) {
		k->failed = true;
		return;
	}
	put_inherited(k);
	put_pm2_names(k);
	put_declared(k);
	if (strncmp(strrchr(w->program.path, '/') + 1, "python", 6) == 0 &&
	    get(w, "PYTHONUNBUFFERED") == NULL)
		put(k, "PYTHONUNBUFFERED", "1"); /* else lines come late */
	put(k, "PWD", "%s", k->e->app->cwd);
	put_identity(k, uid);
	put_sockets(k);
	put_channel(k, uid);
	put(k, "NOTIFY_SOCKET", "%s.notify", k->m->options.socket_path);
	w->envp[w->envc] = NULL;
}

static void
add_arg(struct making *k, const char *arg)
{
	struct worker_start *w = k->w;

	if (w->argc == LAUNCH_ARGS_MAX)
		k->failed = true;
	else
		w->argv[w->argc++] = expand(k, arg);
}

static void
add_args(struct making *k, const struct config_strings *args, size_t from)
{
	for (size_t i = from; i < args->count; i++)
		add_arg(k, args->items[i]);
}

static void
make_argv(struct making *k)
{
	const struct app_config *app = k->e->app;
	struct worker_start *w = k->w;

	w->argv =
	    arena_alloc(w->arena, (LAUNCH_ARGS_MAX + 1) * sizeof(*w->argv));
	if (w->argv == NULL) {
		k->failed = true;
		return;
	}
	add_arg(k, w->program.argv0);
	if (w->program.with_interpreter) {
		add_args(k, &app->interpreter_args, 0);
		add_arg(k, w->program.script);
	}
	add_args(k, &app->command, 1);
	add_args(k, &app->args, 0);
	w->argv[w->argc] = NULL;
}

int
worker_start_make(struct worker_start *w, const struct master *m,
    const struct edition *e, const struct slot *s, uint64_t uid, char *why,
    size_t why_size)
{
	struct making k = { .w = w, .m = m, .e = e, .s = s };
	int rc;

	memset(w, 0, sizeof(*w));
	rc = config_resolve_program(e->app, &w->program, why, why_size);
	if (rc != 0)
		return rc;
	w->arena = arena_new(START_BYTES_MAX);
	if (w->arena != NULL) {
		make_env(&k, uid);
		if (!k.failed)
			make_argv(&k);
	}
	if (w->arena == NULL || k.failed) {
		snprintf(why, why_size,
		    "its arguments and environment are too large");
		worker_start_fini(w);
		return -E2BIG;
	}
	return 0;
}

void
worker_start_fini(struct worker_start *w)
{
	arena_free(w->arena);
	w->arena = NULL;
}
