/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logs.c - where the log files of an app are.
 */
#include <string.h>

#include <clusterd/loglink.h>

#include "config/read.h"

/* Room that -<instance> takes before .log. */
enum { PATH_ROOM = 16 };

struct log_key {
	const char *key;
	const char *suffix;    /* of the default's name */
	const char *otherwise; /* when the key is not given; NULL: none */
};

static void
resolve_log(struct parse *p, struct draft *d, const struct log_key *k,
    const char **field)
{
	const char *where = draft_where(p, d, k->key);
	const char *given = *field, *path = given;
	struct config_pos pos = draft_pos(d, k->key);

	if (path == NULL)
		path = k->otherwise;
	*field = NULL;
	if (path == NULL || path[0] == '\0')
		return;
	if (strcmp(path, LOG_FILE_DEFAULT) != 0)
		path = resolve_path(p, pos, where, d->app.cwd, path);
	else if (p->log_dir != NULL)
		path = parse_printf(p, "%s%s%s%s",
		    strcmp(p->log_dir, "/") == 0 ? "" : p->log_dir, "/",
		    d->app.name, k->suffix);
	else {
		parse_error(p, pos, where,
		    "there is no folder for log files: set log_dir (or HOME)");
		return;
	}
	if (path == NULL)
		return;
	if (strlen(path) + PATH_ROOM > LOG_PATH_MAX) {
		parse_error(p, pos, where,
		    "the path has %zu bytes, a log file's at most %d",
		    strlen(path), LOG_PATH_MAX - PATH_ROOM);
		return;
	}
	if (path[strlen(path) - 1] == '/') {
		parse_error(p, pos, where,
		    "%.64s is a folder: name the file in it", given);
		return;
	}
	*field = path;
}

void
resolve_logs(struct parse *p, struct draft *d)
{
	static const struct log_key out = { "out_file", "-out.log",
		LOG_FILE_DEFAULT };
	static const struct log_key error = { "error_file", "-error.log",
		LOG_FILE_DEFAULT };
	static const struct log_key both = { "log_file", ".log", NULL };

	resolve_log(p, d, &out, &d->app.out_file);
	resolve_log(p, d, &error, &d->app.error_file);
	resolve_log(p, d, &both, &d->app.log_file);
}
