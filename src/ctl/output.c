/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.c - tables and values, for a person or for a pipe.
 *
 * On a terminal: colours, and fewer columns when it is narrow. In a pipe the
 * same columns always, with no colour, words and blanks only.
 */
#include "ctl/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/units.h>

#include "ctl/text.h"

static const char *const codes[] = {
	[COLOR_NONE] = "\033[0m",
	[COLOR_BOLD] = "\033[1m",
	[COLOR_DIM] = "\033[2m",
	[COLOR_RED] = "\033[31m",
	[COLOR_GREEN] = "\033[32m",
	[COLOR_YELLOW] = "\033[33m",
	[COLOR_BLUE] = "\033[34m",
	[COLOR_MAGENTA] = "\033[35m",
	[COLOR_CYAN] = "\033[36m",
};
_Static_assert(COUNT(codes) == N_COLORS, "a code for every colour");

enum { COLUMNS_MAX = 16, GAP = 2 };

const char *
color_code(enum color color)
{
	return codes[color];
}

void
table_init(struct table *t, const struct column *columns, size_t n_columns)
{
	memset(t, 0, sizeof(*t));
	t->columns = columns;
	t->n_columns = n_columns < COLUMNS_MAX ? n_columns : COLUMNS_MAX;
}

void
table_fini(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_cells; i++)
		free(t->cells[i].text);
	free(t->cells);
}

static bool
table_grow(struct table *t)
{
	size_t cap = t->cap_cells ? t->cap_cells * 2 : 64;
	struct cell *cells;

	if (t->n_cells < t->cap_cells)
		return true;
	cells = realloc(t->cells, cap * sizeof(*cells));
	if (!cells)
		return false;
	t->cells = cells;
	t->cap_cells = cap;
	return true;
}

void
table_add(struct table *t, enum color color, const char *fmt, ...)
{
	struct cell *cell;
	va_list ap;
	int n;

	if (t->failed || !table_grow(t)) {
		t->failed = true;
		return;
	}
	cell = &t->cells[t->n_cells];
	va_start(ap, fmt);
	n = vasprintf(&cell->text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		t->failed = true;
		return;
	}
	if (n == 0) {
		free(cell->text);
		cell->text = strdup("-");
		if (!cell->text) {
			t->failed = true;
			return;
		}
	}
	text_clean(cell->text);
	cell->color = color;
	t->n_cells++;
}

static bool
is_shown(const struct table *t, size_t column, const struct view *v)
{
	return v->width == 0 || v->width >= t->columns[column].needs;
}

static void
measure(const struct table *t, size_t widths[])
{
	size_t i, w;

	for (i = 0; i < t->n_columns; i++)
		widths[i] = text_width(t->columns[i].title);
	for (i = 0; i < t->n_cells; i++) {
		w = text_width(t->cells[i].text);
		if (w > widths[i % t->n_columns])
			widths[i % t->n_columns] = w;
	}
}

/* Take what does not fit from the columns that may shrink. */
static void
shrink(const struct table *t, const struct view *v, size_t widths[])
{
	size_t i, total = 0, over, can;

	if (v->width == 0)
		return;
	for (i = 0; i < t->n_columns; i++)
		total += is_shown(t, i, v) ? widths[i] + GAP : 0;
	total -= total > 0 ? GAP : 0;
	over = total > (size_t)v->width ? total - (size_t)v->width : 0;
	for (i = 0; i < t->n_columns && over > 0; i++) {
		if (!t->columns[i].shrinks || !is_shown(t, i, v) ||
		    widths[i] <= TABLE_SHRINK_MIN)
			continue;
		can = widths[i] - TABLE_SHRINK_MIN;
		can = can < over ? can : over;
		widths[i] -= can;
		over -= can;
	}
}

static void
print_cell(FILE *f, char *text, enum color color, bool right, size_t width,
    bool is_last)
{
	size_t w, pad;

	text_cut(text, width);
	w = text_width(text);
	pad = width > w ? width - w : 0;
	if (right)
		fprintf(f, "%*s", (int)pad, "");
	if (color != COLOR_NONE)
		fputs(codes[color], f);
	fputs(text, f);
	if (color != COLOR_NONE)
		fputs(codes[COLOR_NONE], f);
	if (!is_last)
		fprintf(f, "%*s", (int)(right ? GAP : pad + GAP), "");
}

static void
print_titles(const struct table *t, FILE *f, const struct view *v,
    const size_t widths[], size_t last)
{
	size_t i;

	for (i = 0; i <= last; i++) {
		char title[32];

		if (!is_shown(t, i, v))
			continue;
		snprintf(title, sizeof(title), "%s", t->columns[i].title);
		print_cell(f, title, v->color ? COLOR_BOLD : COLOR_NONE,
		    t->columns[i].right, widths[i], i == last);
	}
	fputc('\n', f);
}

void
table_print(const struct table *t, FILE *f, const struct view *v)
{
	size_t widths[COLUMNS_MAX], i, column, last = 0;

	measure(t, widths);
	shrink(t, v, widths);
	for (i = 0; i < t->n_columns; i++) {
		if (is_shown(t, i, v))
			last = i;
	}
	print_titles(t, f, v, widths, last);
	for (i = 0; i < t->n_cells; i++) {
		column = i % t->n_columns;
		if (is_shown(t, column, v))
			print_cell(f, t->cells[i].text,
			    v->color ? t->cells[i].color : COLOR_NONE,
			    t->columns[column].right, widths[column],
			    column == last);
		if (column == t->n_columns - 1)
			fputc('\n', f);
	}
}

static void
drop_blanks(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s != ' ')
			*to++ = *s;
	}
	*to = '\0';
}

void
format_ms(int64_t ms, char *out, size_t size)
{
	units_format_ms(ms, out, size);
	drop_blanks(out);
}

void
format_bytes(int64_t bytes, char *out, size_t size)
{
	units_format_bytes(bytes, out, size);
	drop_blanks(out);
}
