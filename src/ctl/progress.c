/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.c - the steps of a change, while it is made.
 *
 * On a terminal one line on stderr that is rewritten; with --verbose a line
 * each; else nothing.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/text.h"

static void
rewrite_line(struct ctl *c, char *text)
{
	/* A line that wraps cannot be rewritten. */
	text_cut(text, c->width > 1 ? (size_t)c->width - 1 : 79);
	fprintf(stderr, "\r\033[K%s", text);
	c->progress_shown = true;
}

void
progress_show(struct ctl *c, const char *text)
{
	char *copy;

	if (c->opt.quiet || c->opt.json)
		return;
	if (!c->opt.verbose && !c->err_is_tty)
		return;
	copy = strdup(text);
	if (!copy)
		return;
	text_clean(copy);
	if (c->opt.verbose)
		fprintf(stderr, "%s\n", copy);
	else
		rewrite_line(c, copy);
	free(copy);
}

void
progress_end(struct ctl *c)
{
	if (!c->progress_shown)
		return;
	c->progress_shown = false;
	fputs("\r\033[K", stderr);
}
