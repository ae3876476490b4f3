/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.c - what there is, as JSON.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/proc.h>

#include "master/link.h"
#include "master/listener.h"
#include "master/logs.h"
#include "master/status.h"
#include "master/worker_start.h"

enum { SAMPLE_MIN_US = 200 * 1000 };

static const char *const state_names[] = {
	[MASTER_STARTING] = "starting",
	[MASTER_RUNNING] = "running",
	[MASTER_STOPPING] = "stopping",
};

static struct worker *
find_worker(const struct slot_ctx *ctx, const struct slot_worker *sw)
{
	struct worker *w =
	    sw->state != WORKER_NONE ? ctx->pool->m->workers[sw->proc] : NULL;

	return w != NULL && w->uid == sw->uid ? w : NULL;
}

static const struct worker *
current_worker(const struct slot_ctx *ctx)
{
	return find_worker(ctx, &ctx->slot.current);
}

json_t *
status_master(struct master *m)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:I, s:s, s:I, s:s}", "version",
	    CLUSTERD_VERSION, "pid", (int)m->keeper_pid, "master_pid",
	    (int)getpid(), "logger_pid", (int)m->logger_pid, "uptime_ms",
	    (json_int_t)(clock_wall_ms() - m->board->started_wall_ms), "config",
	    m->options.config_path, "generation",
	    (json_int_t)(m->generation != NULL ? m->generation->number : 0),
	    "state", state_names[m->state]);
}

/*
 * CPU since the last look when that is long enough ago for a figure, else the
 * last figure; at the first look since the start. So nothing has to wake up to
 * sample while nobody looks.
 */
static void
sample(struct worker *w, int64_t cpu_us, int64_t spawned_ms)
{
	int64_t now_us = clock_mono_us();
	int64_t since_us = w->sample_us != 0 ? w->sample_us : spawned_ms * 1000;

	if (w->sample_us != 0 && now_us - since_us < SAMPLE_MIN_US)
		return;
	if (now_us > since_us)
		w->cpu_percent = 100. * (double)(cpu_us - w->sample_cpu_us) /
				 (double)(now_us - since_us);
	w->sample_us = now_us;
	w->sample_cpu_us = cpu_us;
}

static void
add_usage(const struct slot_ctx *ctx, json_t *row)
{
	const struct slot_worker *sw = &ctx->slot.current;
	struct worker *w = find_worker(ctx, sw);
	struct proc_stat st = { .rss_bytes = 0 };
	bool alive =
	    w != NULL && w->pid > 0 && proc_read_stat(w->pid, &st) == 0;

	if (alive)
		sample(w, st.cpu_us, sw->spawned_ms);
	json_object_set_new(row, "pid", json_integer(w != NULL ? w->pid : 0));
	json_object_set_new(row, "uptime_ms",
	    json_integer(alive ? clock_mono_ms() - sw->spawned_ms : 0));
	json_object_set_new(row, "cpu_percent",
	    json_real(alive ? (double)(int64_t)(w->cpu_percent * 10. + .5) / 10.
			    : 0.));
	json_object_set_new(
	    row, "memory_bytes", json_integer(alive ? st.rss_bytes : 0));
}

static json_t *
listen_texts(const struct edition *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->n_listeners; i++)
		json_array_append_new(list, json_string(e->listeners[i]->text));
	return list;
}

static const char *
reason_of(const struct slot_ctx *ctx)
{
	return slot_status(&ctx->slot) == SLOT_READY ? "" : ctx->failure;
}

static json_t *
row_of(const struct slot_ctx *ctx)
{
	const struct slot *s = &ctx->slot;
	const struct app_config *app = ctx->edition->app;
	json_t *row =
	    json_pack("{s:i, s:s, s:s, s:i, s:s, s:s, s:i, s:I, s:o, s:s}",
		"id", (int)s->pm_id, "name", ctx->pool->name, "namespace",
		app->namespace, "instance", (int)s->number, "mode",
		app->exec_mode == EXEC_CLUSTER ? "cluster" : "fork", "status",
		slot_status_name(slot_status(s)), "restarts", (int)s->restarts,
		"generation",
		(json_int_t)(s->current.state != WORKER_NONE
				 ? s->current.generation
				 : ctx->edition->gen->number),
		"listen", listen_texts(ctx->edition), "reason", reason_of(ctx));

	if (row != NULL)
		add_usage(ctx, row);
	return row;
}

/* A time of the monotonic clock as wall time. */
static json_int_t
to_wall(int64_t mono_ms)
{
	return (json_int_t)(clock_wall_ms() - (clock_mono_ms() - mono_ms));
}

static json_t *
last_exit(const struct slot *s)
{
	char name[32];

	if (!s->has_last_status)
		return json_null();
	if (!WIFSIGNALED(s->last_status))
		return json_pack("{s:i}", "code", WEXITSTATUS(s->last_status));
	snprintf(name, sizeof(name), "SIG%s",
	    sigabbrev_np(WTERMSIG(s->last_status)) != NULL
		? sigabbrev_np(WTERMSIG(s->last_status))
		: "?");
	return json_pack("{s:s}", "signal", name);
}

static json_t *
draining(const struct slot_ctx *ctx)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++) {
		const struct slot_worker *sw = &ctx->slot.leaving[i];
		const struct worker *w = find_worker(ctx, sw);

		if (w != NULL)
			json_array_append_new(
			    list, json_pack("{s:i, s:s, s:I}", "pid",
				      (int)w->pid, "state",
				      worker_state_name(sw->state), "uptime_ms",
				      (json_int_t)(clock_mono_ms() -
						   sw->spawned_ms)));
	}
	return list;
}

static json_t *
listeners(const struct edition *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->n_listeners; i++) {
		const struct listener *l = e->listeners[i];

		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s, s:I, s:i}", "name",
			      l->name, "address", l->address, "text", l->text,
			      "fd_inode", (json_int_t)l->inode, "queued",
			      (int)listener_queued(l)));
	}
	return list;
}

static json_t *
strings(const char *const *items, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(items[i]));
	return list;
}

static json_t *
env_object(const struct worker_start *start)
{
	json_t *env = json_object();

	for (size_t i = 0; i < start->envc; i++) {
		const char *eq = strchr(start->envp[i], '=');
		char name[256];

		snprintf(name, sizeof(name), "%.*s", (int)(eq - start->envp[i]),
		    start->envp[i]);
		/* Bytes that are no UTF-8 cannot stand in JSON. */
		json_object_set_new(env, name, json_string(eq + 1));
	}
	return env;
}

json_t *
status_env(struct slot_ctx *ctx, char *why, size_t why_size)
{
	struct worker_start start;
	json_t *env;

	if (worker_start_make(&start, ctx->pool->m, ctx->edition, &ctx->slot,
		ctx->slot.current.uid, why, why_size) != 0)
		return NULL;
	env = env_object(&start);
	worker_start_fini(&start);
	return env;
}

/* What it is started with: shown as it would be now. */
static void
add_start(struct slot_ctx *ctx, json_t *row)
{
	struct worker_start start;
	char why[512];

	if (worker_start_make(&start, ctx->pool->m, ctx->edition, &ctx->slot,
		ctx->slot.current.uid, why, sizeof(why)) != 0)
		return;
	json_object_set_new(row, "program", json_string(start.program.path));
	json_object_set_new(row, "script", json_string(start.program.script));
	json_object_set_new(row, "argv", strings(start.argv, start.argc));
	json_object_set_new(row, "env", env_object(&start));
	worker_start_fini(&start);
}

static void
add_times(const struct slot_ctx *ctx, json_t *row)
{
	const struct slot *s = &ctx->slot;
	const struct worker *w = current_worker(ctx);
	int64_t wait_ms = s->retry_ms - clock_mono_ms();

	json_object_set_new(
	    row, "created_wall_ms", json_integer(s->created_wall_ms));
	json_object_set_new(row, "started_wall_ms",
	    w == NULL ? json_null()
		      : json_integer(to_wall(s->current.spawned_ms)));
	json_object_set_new(row, "last_exit_wall_ms",
	    s->last_exit_ms == 0 ? json_null()
				 : json_integer(to_wall(s->last_exit_ms)));
	json_object_set_new(row, "next_start_ms",
	    s->goal != SLOT_UP || s->retry_ms == SLOT_NEVER
		? json_null()
		: json_integer(wait_ms > 0 ? wait_ms : 0));
	json_object_set_new(row, "boot_ms",
	    w == NULL || w->boot_ms < 0 ? json_null()
					: json_integer(w->boot_ms));
}

static void
add_details(struct slot_ctx *ctx, json_t *row)
{
	const struct worker *w = current_worker(ctx);
	json_t *files = json_array();

	add_times(ctx, row);
	add_start(ctx, row);
	status_add_files(ctx, files);
	json_object_set_new(row, "crashes", json_integer(ctx->slot.crashes));
	json_object_set_new(row, "last_exit", last_exit(&ctx->slot));
	json_object_set_new(row, "ready_by",
	    w != NULL && w->ready_by != NULL ? json_string(w->ready_by)
					     : json_null());
	json_object_set_new(
	    row, "worker_status", json_string(w != NULL ? w->status : ""));
	json_object_set_new(row, "draining", draining(ctx));
	json_object_set_new(row, "cwd", json_string(ctx->edition->app->cwd));
	json_object_set_new(
	    row, "config", config_app_to_json(ctx->edition->app));
	json_object_set_new(row, "files", files);
	json_object_set_new(row, "listeners", listeners(ctx->edition));
}

json_t *
status_rows(const struct selection *sel, bool full)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < sel->count; i++) {
		json_t *row = row_of(sel->slots[i]);

		if (full && row != NULL)
			add_details(sel->slots[i], row);
		json_array_append_new(rows, row);
	}
	return rows;
}

static bool
has_file(const json_t *files, const char *path, const char *type)
{
	json_t *file;
	size_t i;

	json_array_foreach (files, i, file)
		if (strcmp(json_string_value(json_object_get(file, "path")),
			path) == 0 &&
		    strcmp(json_string_value(json_object_get(file, "type")),
			type) == 0)
			return true;
	return false;
}

void
status_add_files(const struct slot_ctx *ctx, json_t *files)
{
	const struct app_config *app = ctx->edition->app;
	const struct {
		const char *type, *path;
	} kinds[] = {
		{ "out", app->out_file },
		{ "err", app->error_file },
		{ "all", app->log_file },
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		char path[LOG_PATH_MAX];

		logs_path(
		    app, kinds[i].path, ctx->slot.number, path, sizeof(path));
		if (path[0] == '\0' || has_file(files, path, kinds[i].type))
			continue;
		json_array_append_new(files,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "app",
			ctx->pool->name, "namespace", app->namespace, "type",
			kinds[i].type, "format",
			app->log_type == LOG_JSON ? "json" : "raw", "path",
			path, "instance",
			app->merge_logs ? json_null()
					: json_integer(ctx->slot.number)));
	}
}
