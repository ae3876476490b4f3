/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read.h - one value of the file into one field, as its row of the table says.
 */
#ifndef CLUSTERD_CONFIG_READ_H
#define CLUSTERD_CONFIG_READ_H

#include "config/parse.h"

/*
 * Read `n` for row `k` into the struct `base`. False: an error was added (or
 * p->oom), the field is as before. T_ENV, T_COMMAND with a string, T_APPS and
 * T_DEFAULTS are not values and belong to draft.c and parse.c.
 */
bool read_value(struct parse *p, const struct config_key *k, const char *where,
    const struct node *n, void *base) MUST_CHECK;

/* The row's default, when it has one. */
bool read_default(
    struct parse *p, const struct config_key *k, void *base) MUST_CHECK;

/*
 * A scalar's text with ${...} filled in; NULL after an error. `wants` is for
 * the message when it is no scalar. `deferred`: what only a worker's start
 * knows may stay.
 */
const char *read_text(struct parse *p, const char *where, const struct node *n,
    const char *wants, bool deferred) MUST_CHECK;

/* As read_text(), of a text that stands at `pos`. */
const char *text_fill_in(struct parse *p, const char *where,
    struct config_pos pos, const char *raw, bool deferred) MUST_CHECK;

/* strings.c: a T_STRINGS or T_COMMAND value into `s`, which begins empty. */
bool strings_read(struct parse *p, const struct config_key *k,
    const char *where, const struct node *n,
    struct config_strings *s) MUST_CHECK;

/* listen.c: the value of `listen` into app->listeners. */
bool listen_read(struct parse *p, const char *where, const struct node *n,
    struct app_config *app) MUST_CHECK;

/* What read_value() leaves in a T_LOG_FILE field for `true`. */
#define LOG_FILE_DEFAULT "\n"

#endif
