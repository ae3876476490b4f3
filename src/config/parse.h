/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.h - what one run of config_parse() hands down.
 */
#ifndef CLUSTERD_CONFIG_PARSE_H
#define CLUSTERD_CONFIG_PARSE_H

#include <clusterd/config.h>

#include "config/keys.h"
#include "config/tree.h"

struct parse {
	struct config *config;	      /* borrowed; being filled */
	struct arena *arena;	      /* borrowed: the config's */
	struct arena *scratch;	      /* borrowed: gone after the parse */
	struct config_errors *errors; /* borrowed */
	const char *path;     /* borrowed; the file's name for messages */
	const char *env_name; /* borrowed; of --env, or NULL */
	const char *log_dir;  /* absolute; NULL: there is none */
	bool oom;	      /* an arena is full */
};

/* The keys beside `apps`, as nodes of the tree; NULL where not given. */
struct top_level {
	const struct node *apps, *defaults, *log_dir;
};

/* A variable of env, its text not looked at until it is known to count. */
struct env_entry {
	const char *name;
	const struct node *value;
	const char *where; /* "apps[0].env.PORT" */
};

struct env_draft {
	struct env_entry *entries; /* in the scratch arena */
	size_t count, cap;
};

/* An app on its way: values as given, not yet seen together. */
struct draft {
	struct app_config app;
	const struct node *given[APP_KEYS_MAX]; /* by row; NULL: the default */
	const char *spelled[APP_KEYS_MAX];	/* "apps[1].listenTimeout" */
	const char *where;			/* "apps[1]" */
	bool broken; /* a value was wrong: what depends on it is not checked */
	struct env_draft env, env_chosen; /* env; env_NAME of --env */
};

/* Add "WHERE: text" at `pos`; `where` may be "". */
void parse_error(struct parse *p, struct config_pos pos, const char *where,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * Allocate in the result's arena (arena_printf and friends), noting in p->oom
 * when it is full.
 */
void *parse_alloc(struct parse *p, size_t bytes) MUST_CHECK;
char *parse_printf(struct parse *p, const char *fmt, ...)
    PRINTF_LIKE(2, 3) MUST_CHECK;

/* "WHERE.KEY" in the scratch arena; "" when that is full. */
const char *parse_where(struct parse *p, const char *where, const char *key);

/* document.c: the file's text as nodes; NULL after an error, or with p->oom. */
struct node *document_read(
    struct parse *p, const char *text, size_t len) MUST_CHECK;

/*
 * Begin the draft of an app, with the defaults of the table or, when `from` is
 * not NULL, with all of another draft. False: p->oom.
 */
bool draft_init(
    struct parse *p, struct draft *d, const struct draft *from) MUST_CHECK;
/* Fill it with the keys of `map`. `in_defaults`: names and programs are not
 * allowed. What is wrong is added to the errors. */
void draft_read(struct parse *p, struct draft *d, const struct node *map,
    const char *where, bool in_defaults);
/* The node a key of the app was given by, or NULL; where to point for it. */
const struct node *draft_given(const struct draft *d, const char *key);
struct config_pos draft_pos(const struct draft *d, const char *key);
const char *draft_where(
    struct parse *p, const struct draft *d, const char *key);

/* env.c: a map's variables over those there are; false after an error. */
bool env_read(struct parse *p, const char *where, const struct node *map,
    struct env_draft *env);
bool env_copy(struct parse *p, struct env_draft *to,
    const struct env_draft *from) MUST_CHECK;
/* env_chosen over env, texts interpolated, into app.env. */
void env_finish(struct parse *p, struct draft *d);
/* Whether --env NAME was honoured somewhere; else adds the error. */
void env_check_chosen(
    struct parse *p, const struct node *root, const struct top_level *top);

/*
 * resolve.c: what follows from keys together: the name, absolute paths, the
 * mode. Needs the draft read. Errors are added.
 */
void resolve_app(struct parse *p, struct draft *d);
/* `path` seen from the absolute `base`, ~ expanded; NULL after an error. */
const char *resolve_path(struct parse *p, struct config_pos pos,
    const char *where, const char *base, const char *path) MUST_CHECK;

/* mode.c: exec_mode, dialect, ready and kill_signal are never AUTO or 0 after.
 */
void resolve_mode(struct parse *p, struct draft *d);

/* logs.c: out_file, error_file, log_file are absolute or NULL after. */
void resolve_logs(struct parse *p, struct draft *d);

/* deferred.c: ${listen.NAME} in args and the like names a listener there is. */
void check_deferred(struct parse *p, const struct draft *d);

/* conflicts.c: no two apps of one name, no two listeners of one address. */
void check_conflicts(struct parse *p);

#endif
