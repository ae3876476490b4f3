/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h - tables and values, for a person or for a pipe.
 */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <clusterd/compiler.h>

enum color {
	COLOR_NONE,
	COLOR_BOLD,
	COLOR_DIM,
	COLOR_RED,
	COLOR_GREEN,
	COLOR_YELLOW,
	COLOR_BLUE,
	COLOR_MAGENTA,
	COLOR_CYAN,
	N_COLORS,
};

/* How it is shown. */
struct view {
	bool color;
	int width; /* columns of the terminal; 0: a pipe, everything is shown */
};

struct column {
	const char *title;
	bool right;   /* numbers stand to the right */
	int needs;    /* columns: a narrower terminal does not show it */
	bool shrinks; /* is cut first when a terminal is too narrow */
};

enum { TABLE_SHRINK_MIN = 8 };

struct cell {
	char *text; /* owned; clean */
	enum color color;
};

struct table {
	const struct column *columns; /* borrowed */
	size_t n_columns;
	struct cell *cells; /* owned: row by row */
	size_t n_cells, cap_cells;
	bool failed; /* out of memory: it is not whole */
};

void table_init(
    struct table *t, const struct column *columns, size_t n_columns);
void table_fini(struct table *t);

/* The next cell, row by row. An empty one shows as "-". */
void table_add(struct table *t, enum color color, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
void table_print(const struct table *t, FILE *f, const struct view *v);

/* The sequence that begins a colour, or ends all of them (COLOR_NONE). */
const char *color_code(enum color color);

/* units.h without blanks, so that a table is made of words: "5h3m", "48.1MB".
 */
void format_ms(int64_t ms, char *out, size_t size);
void format_bytes(int64_t bytes, char *out, size_t size);

#endif
