/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - text of others on a person's terminal: made harmless, measured, cut.
 *
 * UTF-8 whatever the locale says, so that none need be loaded.
 */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stddef.h>

#include <clusterd/compiler.h>

/*
 * In place: control characters (C0, DEL, C1, those that turn the direction of
 * writing) and bytes that are not UTF-8 become '?'.
 */
void text_clean(char *s);

/* The same, but colours (ESC [ digits ; m) and tabs stay. */
void text_clean_log(char *s);

/* Columns on a terminal; `s` is clean. */
size_t text_width(const char *s);

/* In place: at most `columns` wide, the last one '~' when cut. */
void text_cut(char *s, size_t columns);

#endif
