/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - the key table: a row is all there is to a key.
 *
 * Reading, defaults, ranges, comparison, dump, schema and the manual's test go
 * by these rows. What a type means is told by one function per type in each of
 * read.c, same.c, dump.c and schema.c.
 */
#ifndef CLUSTERD_CONFIG_KEYS_H
#define CLUSTERD_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>

enum key_type {
	T_STRING,    /* const char * */
	T_LABEL,     /* const char *: [A-Za-z0-9._-], for names */
	T_VARIABLE,  /* const char *: name of an environment variable */
	T_PATH,	     /* const char *: ~ expanded, made absolute by resolve.c */
	T_BOOL,	     /* bool */
	T_FLAG,	     /* int: -1 not said, 0, 1 */
	T_INT,	     /* int */
	T_MSEC,	     /* int64_t */
	T_MODE,	     /* int: octal permission bits */
	T_WORD,	     /* int (an enum): one of `words` */
	T_SIGNAL,    /* int: 0 not said */
	T_INSTANCES, /* struct config_instances */
	T_STRINGS,   /* struct config_strings */
	T_COMMAND,   /* struct config_strings; a plain string is `script` */
	T_LOG_FILE,  /* const char *: as T_PATH, or none, or the default's place
		      */
	T_ENV,	     /* struct config_env */
	T_LISTEN,    /* listeners and n_listeners of struct app_config */
	T_APPS,	     /* the list of apps (top level) */
	T_DEFAULTS,  /* app keys for all apps (top level) */
	N_KEY_TYPES,
};

struct key_word {
	const char *word;
	int value; /* several words may mean one; the first is written back */
};

struct config_key {
	const char *name;
	const char *aliases[5]; /* NULL-terminated; camelCase comes by itself */
	enum key_type type;
	const char *dflt;      /* as a file would say it; NULL: see dflt_help */
	const char *dflt_help; /* a default that depends, in words */
	int64_t min, max;      /* T_INT, T_MSEC */
	const struct key_word *words; /* T_WORD; ends at a NULL word */
	size_t offset;		      /* into the struct the table is for */
	bool live;		      /* a change needs no new worker */
	bool deferred;	/* may hold ${instance} and the like until spawn */
	bool per_app;	/* not allowed in `defaults` */
	unsigned kinds; /* listen options: bits of enum listener_kind */
	const char *help;
};

struct key_table {
	const struct config_key *rows; /* sorted by name */
	size_t count;
};

const struct key_table *keys_of_app(void); /* of struct app_config */
const struct key_table *keys_of_top(void); /* of struct top_level, parse.h */

enum { APP_KEYS_MAX = 64 }; /* rows in keys_of_app(), at most */

/* A table's row for a key's name, its camelCase, or an alias; or NULL. */
const struct config_key *key_find(const struct key_table *t, const char *name);

/* Whether `text` is `name`, or `name` in camelCase. */
bool key_is_spelled(const char *name, const char *text);

/* The camelCase of `name`; false when that is the same. */
bool key_camel(const char *name, char *out, size_t size);

/*
 * What to say about a key that is in none of the tables: "unknown key ...",
 * with the nearest of table `t`, or that this version does not support it.
 */
void key_explain_unknown(
    const struct key_table *t, const char *name, char *out, size_t size);

/* A word of the row, or NULL; the first word for `value`. */
const struct key_word *key_find_word(
    const struct config_key *k, const char *text);
const char *key_word_of(const struct config_key *k, int value);

/* "a duration (500ms, 30s, 10m)": what a value of the type looks like. */
const char *key_type_wants(enum key_type type);
/* "duration": for tables and the manual. */
const char *key_type_name(enum key_type type);

#endif
