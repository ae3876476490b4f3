/* SPDX-License-Identifier: Apache-2.0 */
/*
 * errors.c - the bounded list of messages about a configuration.
 *
 * What a message repeats from a file goes to terminals: control bytes become
 * '?', and a line has a length limit. The same message is kept once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/config.h>

enum { ERROR_TEXT_MAX = 1024 };

void
config_errors_init(struct config_errors *e)
{
	memset(e, 0, sizeof(*e));
}

void
config_errors_fini(struct config_errors *e)
{
	size_t i;

	for (i = 0; i < COUNT(e->text); i++)
		free(e->text[i]);
	memset(e, 0, sizeof(*e));
}

static void
make_printable(char *text)
{
	unsigned char *c;

	for (c = (unsigned char *)text; *c != '\0'; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
}

/* A cut in the middle of a UTF-8 sequence would be half a letter. */
static void
trim_half_letter(char *text)
{
	size_t len = strlen(text), start = len;

	if (len + 1 < ERROR_TEXT_MAX)
		return;
	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && ((unsigned char)text[start - 1] & 0x80) != 0)
		text[start - 1] = '\0';
}

static bool
is_known(const struct config_errors *e, const char *text)
{
	size_t i;

	for (i = 0; i < COUNT(e->text) && i < e->count; i++)
		if (e->text[i] != NULL && strcmp(e->text[i], text) == 0)
			return true;
	return false;
}

void
config_errors_add(struct config_errors *e, const char *path,
    struct config_pos pos, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list ap;
	int used;

	if (pos.line > 0)
		used = snprintf(text, sizeof(text), "%.512s:%d:%d: ", path,
		    pos.line, pos.column);
	else
		used = snprintf(text, sizeof(text), "%.512s: ", path);
	va_start(ap, fmt);
	vsnprintf(text + used, sizeof(text) - (size_t)used, fmt, ap);
	va_end(ap);
	trim_half_letter(text);
	make_printable(text);
	if (is_known(e, text))
		return;
	if (e->count < COUNT(e->text))
		e->text[e->count] = strdup(text);
	e->count++;
}
