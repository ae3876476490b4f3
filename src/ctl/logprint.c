/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logprint.c - a log record on a terminal or in a pipe.
 *
 * "0|api | message", as PM2 has it: id, app, message.
 */
#include "ctl/logprint.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/output.h"
#include "ctl/text.h"

static enum color
color_of(const char *app)
{
	static const enum color colors[] = { COLOR_CYAN, COLOR_GREEN,
		COLOR_YELLOW, COLOR_BLUE, COLOR_MAGENTA };
	unsigned sum = 0;

	for (; *app; app++)
		sum = sum * 31 + (unsigned char)*app;
	return colors[sum % COUNT(colors)];
}

/* Bytes of others: as they are in a pipe, harmless on a terminal. */
static void
print_text(const struct logprint *p, const char *text, size_t len)
{
	size_t i;
	char *copy;

	if (!p->is_tty) {
		fwrite(text, 1, len, p->f);
		return;
	}
	copy = malloc(len + 1);
	if (!copy)
		return;
	memcpy(copy, text, len);
	copy[len] = '\0';
	for (i = 0; i < len; i++) {
		if (copy[i] == '\0')
			copy[i] = '?';
	}
	text_clean_log(copy);
	fputs(copy, p->f);
	if (memchr(copy, '\033', strlen(copy)))
		fputs(color_code(COLOR_NONE), p->f);
	free(copy);
}

static void
print_prefix(const struct logprint *p, const struct log_record *r)
{
	bool is_err = strcmp(r->type, "err") == 0;
	char prefix[160];

	if (p->timestamp && *r->time_text) {
		print_text(p, r->time_text, strlen(r->time_text));
		fputc(' ', p->f);
	}
	if (r->id >= 0)
		snprintf(prefix, sizeof(prefix), "%ld|%s |", r->id, r->app);
	else
		snprintf(prefix, sizeof(prefix), "%s |", r->app);
	if (p->color)
		fputs(color_code(is_err ? COLOR_RED : color_of(r->app)), p->f);
	print_text(p, prefix, strlen(prefix));
	if (p->color)
		fputs(color_code(COLOR_NONE), p->f);
	fputc(' ', p->f);
}

/* A line of a raw file as a record. */
static void
print_as_json(const struct logprint *p, const struct log_record *r)
{
	json_t *message = json_stringn(r->message, r->message_len), *o;
	char *copy;

	if (!message) { /* not UTF-8 */
		copy = strndup(r->message, r->message_len);
		if (copy)
			text_clean(copy);
		message = json_string(copy ? copy : "?");
		free(copy);
	}
	o = json_pack("{s:s,s:s,s:o}", "type", *r->type ? r->type : "out",
	    "app_name", r->app, "message", message);
	json_dumpf(o, p->f, JSON_COMPACT);
	json_decref(o);
}

void
logprint_record(const struct logprint *p, const struct log_record *r,
    const char *line, size_t len)
{
	if (p->json) {
		if (r->root)
			print_text(p, line, len);
		else
			print_as_json(p, r);
	} else {
		if (!p->raw)
			print_prefix(p, r);
		print_text(p, r->message, r->message_len);
	}
	fputc('\n', p->f);
}
