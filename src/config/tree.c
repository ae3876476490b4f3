/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.c - nodes of an ecosystem file: building them within bounds.
 *
 * Knows neither YAML nor JSON nor what a key means. Duplicate keys are found by
 * sorting, so that a map of ten thousand keys costs no minutes.
 */
#include "config/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
format_place(const struct place *at, char *out, size_t size)
{
	size_t used;

	if (at == NULL || at->up == NULL) {
		out[0] = '\0';
		return;
	}
	format_place(at->up, out, size);
	used = strlen(out);
	if (at->key == NULL)
		snprintf(out + used, size - used, "[%zu]", at->index);
	else
		snprintf(out + used, size - used, "%s%.64s",
		    used > 0 ? "." : "", at->key);
}

void
tree_error(struct tree *t, struct config_pos pos, const struct place *at,
    const char *fmt, ...)
{
	char where[512], text[512];
	va_list ap;

	format_place(at, where, sizeof(where));
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	config_errors_add(t->errors, t->path, pos, "%s%s%s", where,
	    where[0] != '\0' ? ": " : "", text);
}

static bool
count_nodes(struct tree *t, size_t weight, struct config_pos pos,
    const struct place *at)
{
	t->weight += weight;
	if (t->weight <= TREE_NODES_MAX)
		return true;
	tree_error(t, pos, at,
	    "more than %d values, aliases written out: the file is too large",
	    TREE_NODES_MAX);
	return false;
}

static bool
check_depth(
    struct tree *t, int depth, struct config_pos pos, const struct place *at)
{
	if (depth <= TREE_DEPTH_MAX)
		return true;
	tree_error(t, pos, at, "nested deeper than %d levels", TREE_DEPTH_MAX);
	return false;
}

static struct node *
new_node(struct tree *t, struct config_pos pos, enum node_kind kind)
{
	struct node *n;

	n = arena_alloc(t->arena, sizeof(*n));
	if (n == NULL) {
		t->oom = true;
		return NULL;
	}
	n->kind = kind;
	n->pos = pos;
	n->weight = 1;
	n->height = 1;
	return n;
}

struct node *
tree_scalar(struct tree *t, struct config_pos pos, const char *text, size_t len,
    bool quoted)
{
	struct node *n;

	if (!count_nodes(t, 1, pos, NULL))
		return NULL;
	n = new_node(t, pos, NODE_SCALAR);
	if (n == NULL)
		return NULL;
	n->quoted = quoted;
	n->text = arena_strndup(t->arena, text, len);
	if (n->text == NULL) {
		t->oom = true;
		return NULL;
	}
	return n;
}

struct node *
tree_container(struct tree *t, struct config_pos pos, enum node_kind kind,
    const struct place *at)
{
	if (!count_nodes(t, 1, pos, at) || !check_depth(t, at->depth, pos, at))
		return NULL;
	return new_node(t, pos, kind);
}

bool
tree_count_alias(struct tree *t, const struct node *n, struct config_pos pos,
    const struct place *at)
{
	return count_nodes(t, n->weight, pos, at) &&
	       check_depth(t, at->depth + n->height - 1, pos, at);
}

static void
take_in(struct node *parent, const struct node *child)
{
	parent->weight += child->weight;
	if (child->height >= parent->height)
		parent->height = child->height + 1;
}

/* Room for one more element of `size` bytes; the old array stays in the arena.
 */
static void *
grow(struct tree *t, struct node *n, const void *old, size_t size)
{
	size_t cap = n->cap == 0 ? 4 : n->cap * 2;
	void *fresh;

	fresh = arena_alloc(t->arena, cap * size);
	if (fresh == NULL) {
		t->oom = true;
		return NULL;
	}
	if (n->count > 0)
		memcpy(fresh, old, n->count * size);
	n->cap = cap;
	return fresh;
}

bool
tree_add_item(struct tree *t, struct node *list, struct node *item)
{
	if (list->count == list->cap) {
		struct node **items =
		    grow(t, list, list->items, sizeof(*list->items));

		if (items == NULL)
			return false;
		list->items = items;
	}
	list->items[list->count++] = item;
	take_in(list, item);
	return true;
}

bool
tree_add_pair(struct tree *t, struct node *map, const struct pair *pair)
{
	if (map->count == map->cap) {
		struct pair *pairs =
		    grow(t, map, map->pairs, sizeof(*map->pairs));

		if (pairs == NULL)
			return false;
		map->pairs = pairs;
	}
	map->pairs[map->count++] = *pair;
	take_in(map, pair->value);
	return true;
}

/* Equal keys stay in the order they were added: they lie in one array. */
static int
compare_pairs(const void *a, const void *b)
{
	const struct pair *const *x = a, *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);

	if (order != 0)
		return order;
	return *x < *y ? -1 : *x > *y;
}

static bool
check_twice(struct tree *t, const struct node *map, const struct pair *first,
    const struct pair *again, size_t n_own, const struct place *at)
{
	if ((size_t)(again - map->pairs) >= n_own)
		return true;
	tree_error(t, again->pos, at,
	    "key \"%.64s\" is given twice, first in line %d", again->key,
	    first->pos.line);
	return false;
}

static void
drop_shadowed(struct node *map)
{
	size_t i, kept = 0;

	for (i = 0; i < map->count; i++)
		if (map->pairs[i].key != NULL)
			map->pairs[kept++] = map->pairs[i];
	map->count = kept;
}

bool
tree_finish_map(
    struct tree *t, struct node *map, size_t n_own, const struct place *at)
{
	struct pair **sorted;
	size_t i, first = 0;
	bool ok = true;

	if (map->count < 2)
		return true;
	sorted = arena_alloc(t->arena, map->count * sizeof(struct pair *));
	if (sorted == NULL) {
		t->oom = true;
		return false;
	}
	for (i = 0; i < map->count; i++)
		sorted[i] = &map->pairs[i];
	qsort(sorted, map->count, sizeof(struct pair *), compare_pairs);
	for (i = 1; i < map->count; i++) {
		if (strcmp(sorted[i]->key, sorted[first]->key) != 0) {
			first = i;
			continue;
		}
		ok = check_twice(t, map, sorted[first], sorted[i], n_own, at) &&
		     ok;
		sorted[i]->key = NULL;
	}
	drop_shadowed(map);
	return ok;
}

bool
node_is_null(const struct node *n)
{
	return n->kind == NODE_SCALAR && !n->quoted &&
	       (n->text[0] == '\0' || strcmp(n->text, "~") == 0 ||
		   strcmp(n->text, "null") == 0 ||
		   strcmp(n->text, "Null") == 0 ||
		   strcmp(n->text, "NULL") == 0);
}

const struct pair *
node_find(const struct node *map, const char *key)
{
	size_t i;

	for (i = 0; map->kind == NODE_MAP && i < map->count; i++)
		if (strcmp(map->pairs[i].key, key) == 0)
			return &map->pairs[i];
	return NULL;
}

const char *
node_describe(const struct node *n, char *out, size_t size)
{
	if (n->kind == NODE_LIST)
		snprintf(out, size, "a list");
	else if (n->kind == NODE_MAP)
		snprintf(out, size, "a map");
	else if (node_is_null(n))
		snprintf(out, size, "nothing");
	else
		snprintf(out, size, n->quoted ? "\"%.64s\"" : "%.64s", n->text);
	return out;
}
