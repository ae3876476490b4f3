/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.h - an ecosystem file as nodes with positions, before it means anything.
 *
 * Everything is in the arena the tree was begun with. Nodes may be shared (YAML
 * aliases) and are never changed once built. Both bounds count an alias as all
 * that it stands for, so whoever walks a tree needs no bound of its own.
 */
#ifndef CLUSTERD_CONFIG_TREE_H
#define CLUSTERD_CONFIG_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include <clusterd/arena.h>
#include <clusterd/compiler.h>
#include <clusterd/config.h>

enum {
	TREE_NODES_MAX = 100000, /* aliases written out */
	TREE_DEPTH_MAX = 64,
};

enum node_kind {
	NODE_SCALAR,
	NODE_LIST,
	NODE_MAP,
};

struct pair {
	const char *key;
	struct config_pos pos; /* of the key */
	struct node *value;
};

struct node {
	enum node_kind kind;
	struct config_pos pos;
	const char *text; /* scalar; NULL in lists and maps */
	bool quoted;	  /* scalar: certainly a string */
	bool literal;	  /* scalar: not from the file, ${...} means nothing */
	struct node **items; /* list */
	struct pair *pairs;  /* map; in the order of the file, keys unique */
	size_t count, cap;   /* of items or pairs */
	size_t weight;	     /* nodes, itself included */
	int height;	     /* levels, itself included */
};

/* A way down from the root, on the builder's stack; for messages. */
struct place {
	const struct place *up; /* NULL: the root */
	const char *key;	/* NULL: `index` of a list */
	size_t index;
	int depth; /* the root's is 1 */
};

struct tree {
	struct arena *arena;	      /* borrowed */
	struct config_errors *errors; /* borrowed */
	const char *path; /* borrowed; the file's name for messages */
	size_t weight;
	bool oom;
};

/*
 * The root node, or NULL: with a message in t->errors, or t->oom. Text in
 * UTF-8 of `len` bytes; an empty file gives a message, not a NULL scalar.
 */
struct node *yaml_read(struct tree *t, const char *text, size_t len) MUST_CHECK;
struct node *json_read(struct tree *t, const char *text, size_t len) MUST_CHECK;

/* For the two readers. NULL or false: a message was added, or t->oom. */
struct node *tree_scalar(struct tree *t, struct config_pos pos,
    const char *text, size_t len, bool quoted) MUST_CHECK;
struct node *tree_container(struct tree *t, struct config_pos pos,
    enum node_kind kind, const struct place *at) MUST_CHECK;
bool tree_add_item(
    struct tree *t, struct node *list, struct node *item) MUST_CHECK;
bool tree_add_pair(
    struct tree *t, struct node *map, const struct pair *pair) MUST_CHECK;
/* An alias is about to be used at `at`: count what it stands for. */
bool tree_count_alias(struct tree *t, const struct node *n,
    struct config_pos pos, const struct place *at) MUST_CHECK;
/*
 * All pairs are in; those from `n_own` on came by a merge key and give way.
 * A key given twice among the map's own is an error.
 */
bool tree_finish_map(struct tree *t, struct node *map, size_t n_own,
    const struct place *at) MUST_CHECK;
/* Adds "PLACE: text". */
void tree_error(struct tree *t, struct config_pos pos, const struct place *at,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* For those who read a tree. */
bool node_is_null(const struct node *n); /* ~, null, or nothing at all */
const struct pair *node_find(const struct node *map, const char *key);
/* "a list", "nothing", "\"text\"": for "found ...". Returns `out`. */
const char *node_describe(const struct node *n, char *out, size_t size);

#endif
