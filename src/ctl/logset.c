/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logset.c - which log files to read, and which of their lines to show.
 */
#include "ctl/logset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/row.h"

static unsigned
types_of(const json_t *row)
{
	const char *type = row_text(row, "type");

	if (strcmp(type, "out") == 0)
		return LOGSET_OUT;
	if (strcmp(type, "err") == 0)
		return LOGSET_ERR;
	return LOGSET_OUT | LOGSET_ERR;
}

/* True if the app has a file of its own for what the merged one repeats. */
static bool
has_own_files(const json_t *rows, const char *app)
{
	unsigned types = 0, t;
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		t = types_of(row);
		if (t != (LOGSET_OUT | LOGSET_ERR) &&
		    strcmp(row_text(row, "app"), app) == 0)
			types |= t;
	}
	return types == (LOGSET_OUT | LOGSET_ERR);
}

static struct logset_file *
find_file(struct logset *s, const char *path)
{
	size_t i;

	for (i = 0; i < s->n_files; i++) {
		if (strcmp(s->files[i]->path, path) == 0)
			return s->files[i];
	}
	return NULL;
}

static void
free_file(struct logset_file *f)
{
	free(f->path);
	free(f->app);
	json_decref(f->apps);
	free(f);
}

static struct logset_file *
add_file(struct logset *s, const json_t *row)
{
	struct logset_file **files, *f;

	files = realloc(s->files, (s->n_files + 1) * sizeof(*files));
	if (!files)
		return NULL;
	s->files = files;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->path = strdup(row_text(row, "path"));
	f->app = strdup(row_text(row, "app"));
	f->apps = json_object();
	f->is_json = strcmp(row_text(row, "format"), "raw") != 0;
	if (!f->path || !f->app || !f->apps) {
		free_file(f);
		return NULL;
	}
	files[s->n_files++] = f;
	return f;
}

static int
add_row(struct logset *s, const json_t *rows, const json_t *row, unsigned types)
{
	const char *path = row_text(row, "path"), *app = row_text(row, "app");
	unsigned its = types_of(row);
	struct logset_file *f;

	if (path[0] != '/' || (its & types) == 0)
		return 0;
	if (its == (LOGSET_OUT | LOGSET_ERR) && has_own_files(rows, app))
		return 0;
	f = find_file(s, path);
	if (!f)
		f = add_file(s, row);
	if (!f)
		return -ENOMEM;
	f->types |= its & types;
	if (json_object_set_new(f->apps, app, json_true()) != 0)
		return -ENOMEM;
	return 0;
}

/* "3" or "3,5": ids. Anything else names more than single workers. */
static void
read_ids(struct logset *s, const char *selector)
{
	char *end;
	long id;

	while (selector && *selector && s->n_ids < LOGSET_IDS_MAX) {
		id = strtol(selector, &end, 10);
		if (end == selector || (*end != '\0' && *end != ',')) {
			s->n_ids = 0;
			return;
		}
		s->ids[s->n_ids++] = id;
		selector = *end ? end + 1 : end;
	}
	if (selector && *selector)
		s->n_ids = 0; /* too many: show all */
}

void
logset_init(struct logset *s, const char *selector)
{
	memset(s, 0, sizeof(*s));
	read_ids(s, selector);
}

int
logset_add(struct logset *s, const json_t *answer, unsigned types)
{
	const json_t *rows = json_object_get(answer, "files"), *row;
	size_t i;
	int rc;

	json_array_foreach (rows, i, row) {
		rc = add_row(s, rows, row, types);
		if (rc < 0)
			return rc;
	}
	return 0;
}

void
logset_fini(struct logset *s)
{
	size_t i;

	for (i = 0; i < s->n_files; i++)
		free_file(s->files[i]);
	free(s->files);
	memset(s, 0, sizeof(*s));
}

int64_t
log_time_ms(const char *text)
{
	int year, month, day, hour, minute, second, ms = 0, n = 0;
	struct tm tm = { 0 };

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day,
		&hour, &minute, &second, &n) != 6 ||
	    n != 19)
		return -1;
	if (text[n] == '.' && sscanf(text + n, ".%3d", &ms) != 1)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	return (int64_t)timegm(&tm) * 1000 + ms;
}

/* The record of a JSON line; false when it is none of ours. */
static bool
parse_json(const char *line, size_t len, struct log_record *r)
{
	const json_t *message;

	if (len == 0 || line[0] != '{')
		return false;
	r->root = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
	message = json_object_get(r->root, "message");
	if (!json_is_string(message)) {
		json_decref(r->root);
		r->root = NULL;
		return false;
	}
	r->message = json_string_value(message);
	r->message_len = json_string_length(message);
	r->type = row_text(r->root, "type");
	r->time_text = row_text(r->root, "timestamp");
	r->time_ms = log_time_ms(r->time_text);
	if (json_is_string(json_object_get(r->root, "app_name")))
		r->app = row_text(r->root, "app_name");
	if (json_is_integer(json_object_get(r->root, "process_id")))
		r->id = (long)row_int(r->root, "process_id");
	return true;
}

static bool
is_wanted(const struct logset *s, const struct logset_file *file,
    const struct log_record *r)
{
	size_t i;

	if (strcmp(r->type, "out") == 0 && !(file->types & LOGSET_OUT))
		return false;
	if (strcmp(r->type, "err") == 0 && !(file->types & LOGSET_ERR))
		return false;
	if (!json_object_get(file->apps, r->app))
		return false;
	if (s->n_ids == 0 || r->id == -1)
		return true;
	for (i = 0; i < s->n_ids; i++) {
		if (s->ids[i] == r->id)
			return true;
	}
	return false;
}

bool
logset_parse(const struct logset *s, const struct logset_file *file,
    const char *line, size_t len, struct log_record *r)
{
	memset(r, 0, sizeof(*r));
	r->app = file->app;
	r->id = -1;
	r->type = "";
	r->time_text = "";
	r->time_ms = -1;
	if (!file->is_json || !parse_json(line, len, r)) {
		r->message = line;
		r->message_len = len;
		if (file->types == LOGSET_OUT)
			r->type = "out";
		else if (file->types == LOGSET_ERR)
			r->type = "err";
		return true;
	}
	if (is_wanted(s, file, r))
		return true;
	log_record_fini(r);
	return false;
}

void
log_record_fini(struct log_record *r)
{
	json_decref(r->root);
	r->root = NULL;
}
