/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_status.c - the workers in a table.
 */
#include "ctl/cmd_status.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/row.h"
#include "ctl/text.h"

/* clang-format off */
static const struct column columns[] = {
	{ .title = "id",        .right = true },
	{ .title = "name",      .shrinks = true },
	{ .title = "namespace", .needs = 100 },
	{ .title = "mode",      .needs = 100 },
	{ .title = "pid",       .right = true },
	{ .title = "uptime",    .right = true },
	{ .title = "restarts",  .right = true, .needs = 64 },
	{ .title = "status" },
	{ .title = "cpu",       .right = true, .needs = 64 },
	{ .title = "memory",    .right = true },
	{ .title = "listen",    .needs = 100, .shrinks = true },
};
/* clang-format on */

/* The addresses with a comma between; cut when there are many. */
static void
join_listen(const json_t *list, char *out, size_t size)
{
	const json_t *item;
	size_t i, len = 0;

	out[0] = '\0';
	json_array_foreach (list, i, item) {
		const char *s = json_string_value(item);
		size_t n = s ? strlen(s) : 0;

		if (len + n + 2 > size)
			return;
		if (len > 0)
			out[len++] = ',';
		memcpy(out + len, s ? s : "", n);
		len += n;
		out[len] = '\0';
	}
}

static void
add_numbers(struct table *t, const json_t *row)
{
	bool runs = row_int(row, "pid") > 0;
	char text[32];

	if (!runs) {
		table_add(t, COLOR_NONE, "%s", "");
		table_add(t, COLOR_NONE, "%s", "");
		return;
	}
	table_add(t, COLOR_NONE, "%.1f%%", row_real(row, "cpu_percent"));
	format_bytes(row_int(row, "memory_bytes"), text, sizeof(text));
	table_add(t, COLOR_NONE, "%s", text);
}

static void
add_row(struct table *t, const json_t *row)
{
	const char *status = row_text(row, "status");
	int64_t pid = row_int(row, "pid");
	char text[1024];

	table_add(t, COLOR_CYAN, "%lld", (long long)row_int(row, "id"));
	table_add(t, COLOR_BOLD, "%s", row_text(row, "name"));
	table_add(t, COLOR_NONE, "%s", row_text(row, "namespace"));
	table_add(t, COLOR_NONE, "%s", row_text(row, "mode"));
	text[0] = '\0';
	if (pid > 0)
		snprintf(text, sizeof(text), "%lld", (long long)pid);
	table_add(t, COLOR_NONE, "%s", text);
	if (pid > 0)
		format_ms(row_int(row, "uptime_ms"), text, sizeof(text));
	table_add(t, COLOR_NONE, "%s", text);
	table_add(t, COLOR_NONE, "%lld", (long long)row_int(row, "restarts"));
	table_add(t, row_status_color(status), "%s", status);
	add_numbers(t, row);
	join_listen(json_object_get(row, "listen"), text, sizeof(text));
	table_add(t, COLOR_NONE, "%s", text);
}

/* Why those that are not ready are not, below the table. */
static void
print_reasons(FILE *f, const json_t *workers)
{
	const json_t *row;
	bool first = true;
	size_t i;

	json_array_foreach (workers, i, row) {
		const char *reason = row_text(row, "reason");
		char *line;

		if (!*reason || strcmp(row_text(row, "status"), "ready") == 0)
			continue;
		if (asprintf(&line, "%s[%lld] %s: %s", row_text(row, "name"),
			(long long)row_int(row, "instance"),
			row_text(row, "status"), reason) < 0)
			return;
		text_clean(line);
		fprintf(f, "%s%s\n", first ? "\n" : "", line);
		first = false;
		free(line);
	}
}

int
status_print(FILE *f, const json_t *result, const struct view *view)
{
	const json_t *workers = json_object_get(result, "workers"), *row;
	struct table t;
	int rc = CTL_DONE;
	size_t i;

	table_init(&t, columns, COUNT(columns));
	json_array_foreach (workers, i, row)
		add_row(&t, row);
	if (t.failed)
		rc = CTL_FAILED;
	else
		table_print(&t, f, view);
	table_fini(&t);
	if (rc == CTL_DONE)
		print_reasons(f, workers);
	return rc;
}

/* Nothing to show: that is an error if something was asked for. */
static int
print_nothing(struct ctl *c, const json_t *result)
{
	const char *path =
	    row_text(json_object_get(result, "clusterd"), "config");

	if (c->n_args > 0) {
		ctl_error(c, "nothing matches %s", c->args[0]);
		return CTL_FAILED;
	}
	if (c->opt.json)
		ctl_print_json(result);
	else
		printf("no workers%s%s\n", *path ? " in " : "", path);
	return CTL_DONE;
}

static int
print_workers(struct ctl *c, const json_t *result)
{
	struct view view = {
		.color = ctl_wants_color(c),
		.width = c->width,
	};

	if (c->opt.json) {
		ctl_print_json(result);
		return CTL_DONE;
	}
	return status_print(stdout, result, &view);
}

int
cmd_status(struct ctl *c)
{
	const char *state;
	json_t *result;
	int rc;

	rc = ctl_call(
	    c, "status", ctl_selector_params(c), CTL_ANSWER_MS, &result, NULL);
	if (rc != CTL_DONE)
		return rc;
	if (json_array_size(json_object_get(result, "workers")) == 0)
		rc = print_nothing(c, result);
	else
		rc = print_workers(c, result);
	state = row_text(json_object_get(result, "clusterd"), "state");
	if (!c->opt.json && *state && strcmp(state, "running") != 0)
		printf("\nclusterd is %s\n", state);
	json_decref(result);
	return rc;
}
