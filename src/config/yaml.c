/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.c - YAML text to nodes, by the events of libyaml.
 *
 * Anchors, aliases and merge keys are resolved here. An anchor can be used only
 * once its value is complete, so no node contains itself.
 */
#include <string.h>
#include <yaml.h>

#include "config/tree.h"

enum { ANCHORS_MAX = 1000 };

struct anchor {
	struct anchor *next; /* the one before; the latest of a name counts */
	const char *name;
	struct node *node;
};

struct yaml {
	yaml_parser_t parser;
	struct tree *t;
	const char *text; /* borrowed */
	size_t len;
	struct anchor *anchors; /* in the tree's arena */
	size_t n_anchors;
};

static struct node *read_node(
    struct yaml *y, yaml_event_t *ev, const struct place *at);

static struct config_pos
to_pos(yaml_mark_t mark)
{
	struct config_pos pos = { (int)mark.line + 1, (int)mark.column + 1 };

	return pos;
}

/* Whether line `line` (from 0) has a TAB among its leading blanks. */
static bool
line_begins_with_tab(const struct yaml *y, size_t line)
{
	const char *c = y->text, *end = y->text + y->len;

	for (; line > 0 && c < end; c++)
		if (*c == '\n')
			line--;
	while (c < end && *c == ' ')
		c++;
	return c < end && *c == '\t';
}

/* In { } and [ ] the braces of a reference end the value, or begin a map. */
static const char *
hint_for_line(const struct yaml *y, size_t line)
{
	const char *c = y->text, *end = y->text + y->len;

	for (; line > 0 && c < end; c++)
		if (*c == '\n')
			line--;
	for (; c + 1 < end && *c != '\n'; c++)
		if (c[0] == '$' && c[1] == '{')
			return " (a value with ${...} needs quotes within "
			       "{ } and [ ])";
	return "";
}

static void
say_why(struct yaml *y)
{
	const yaml_parser_t *p = &y->parser;
	struct config_pos pos = to_pos(p->problem_mark);

	if (p->error == YAML_MEMORY_ERROR) {
		y->t->oom = true;
		return;
	}
	if (p->error == YAML_READER_ERROR) {
		config_errors_add(y->t->errors, y->t->path,
		    (struct config_pos){ 0, 0 },
		    "byte %zu cannot be read as UTF-8 text: %s",
		    p->problem_offset, p->problem);
		return;
	}
	if (line_begins_with_tab(y, p->problem_mark.line)) {
		config_errors_add(y->t->errors, y->t->path, pos,
		    "a TAB in the indentation: YAML wants blanks there");
		return;
	}
	config_errors_add(y->t->errors, y->t->path, pos, "not YAML: %s%s%s%s",
	    p->problem != NULL ? p->problem : "unreadable",
	    p->context != NULL ? " " : "", p->context != NULL ? p->context : "",
	    hint_for_line(y, p->problem_mark.line));
}

static bool
next_event(struct yaml *y, yaml_event_t *ev)
{
	if (yaml_parser_parse(&y->parser, ev))
		return true;
	say_why(y);
	return false;
}

static bool
check_tag(struct yaml *y, const yaml_char_t *tag, struct config_pos pos,
    const struct place *at)
{
	/* Those that say no more than what is read anyhow. */
	static const char *const plain[] = { YAML_NULL_TAG, YAML_BOOL_TAG,
		YAML_STR_TAG, YAML_INT_TAG, YAML_FLOAT_TAG, YAML_SEQ_TAG,
		YAML_MAP_TAG };
	size_t i;

	if (tag == NULL)
		return true;
	for (i = 0; i < COUNT(plain); i++)
		if (strcmp((const char *)tag, plain[i]) == 0)
			return true;
	tree_error(y->t, pos, at, "tag %.64s: tags are not supported",
	    (const char *)tag);
	return false;
}

static bool
remember(struct yaml *y, const char *name, struct node *n)
{
	struct anchor *a;

	if (name == NULL)
		return true;
	if (y->n_anchors >= ANCHORS_MAX) {
		config_errors_add(y->t->errors, y->t->path, n->pos,
		    "more than %d anchors", ANCHORS_MAX);
		return false;
	}
	a = arena_alloc(y->t->arena, sizeof(*a));
	if (a == NULL) {
		y->t->oom = true;
		return false;
	}
	a->name = name;
	a->node = n;
	a->next = y->anchors;
	y->anchors = a;
	y->n_anchors++;
	return true;
}

static struct node *
read_alias(struct yaml *y, yaml_event_t *ev, const struct place *at)
{
	struct config_pos pos = to_pos(ev->start_mark);
	const char *name = (const char *)ev->data.alias.anchor;
	struct anchor *a;

	for (a = y->anchors; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0)
			break;
	if (a == NULL) {
		tree_error(y->t, pos, at,
		    "*%.64s: no anchor &%.64s is complete above", name, name);
		return NULL;
	}
	if (!tree_count_alias(y->t, a->node, pos, at))
		return NULL;
	return a->node;
}

static struct node *
read_scalar(struct yaml *y, yaml_event_t *ev, const struct place *at)
{
	struct config_pos pos = to_pos(ev->start_mark);
	const char *tag = (const char *)ev->data.scalar.tag;
	bool quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
		      (tag != NULL && strcmp(tag, YAML_STR_TAG) == 0);

	if (!check_tag(y, ev->data.scalar.tag, pos, at))
		return NULL;
	if (memchr(ev->data.scalar.value, '\0', ev->data.scalar.length)) {
		tree_error(y->t, pos, at, "a NUL character is not allowed");
		return NULL;
	}
	return tree_scalar(y->t, pos, (const char *)ev->data.scalar.value,
	    ev->data.scalar.length, quoted);
}

static struct node *
read_list(struct yaml *y, yaml_event_t *start, const struct place *at)
{
	struct place in = { .up = at, .depth = at->depth + 1 };
	struct config_pos pos = to_pos(start->start_mark);
	struct node *list, *item;
	yaml_event_t ev;

	if (!check_tag(y, start->data.sequence_start.tag, pos, at))
		return NULL;
	list = tree_container(y->t, pos, NODE_LIST, at);
	if (list == NULL)
		return NULL;
	for (;; in.index++) {
		if (!next_event(y, &ev))
			return NULL;
		if (ev.type == YAML_SEQUENCE_END_EVENT)
			break;
		item = read_node(y, &ev, &in);
		if (item == NULL || !tree_add_item(y->t, list, item))
			return NULL;
	}
	yaml_event_delete(&ev);
	return list;
}

/* The pairs of a map, or of every map of a list, behind the map's own. */
static bool
merge(struct yaml *y, struct node *map, const struct node *from,
    const struct place *at)
{
	size_t i;

	if (from->kind == NODE_SCALAR) {
		tree_error(
		    y->t, from->pos, at, "<< wants a map or a list of maps");
		return false;
	}
	for (i = 0; i < from->count; i++) {
		if (from->kind == NODE_MAP) {
			if (!tree_add_pair(y->t, map, &from->pairs[i]))
				return false;
		} else if (from->items[i]->kind != NODE_MAP) {
			tree_error(y->t, from->items[i]->pos, at,
			    "<< wants a map or a list of maps");
			return false;
		} else if (!merge(y, map, from->items[i], at)) {
			return false;
		}
	}
	return true;
}

/* 1: a pair was read (merge: to `*merged`), 0: the map ends, -1: an error. */
static int
read_pair(
    struct yaml *y, struct node *map, struct place *in, struct node **merged)
{
	struct pair pair;
	struct node *key;
	yaml_event_t ev;

	in->key = NULL;
	in->index = map->count;
	if (!next_event(y, &ev))
		return -1;
	pair.pos = to_pos(ev.start_mark);
	if (ev.type == YAML_MAPPING_END_EVENT) {
		yaml_event_delete(&ev);
		return 0;
	}
	if (ev.type != YAML_SCALAR_EVENT) {
		tree_error(y->t, pair.pos, in->up, "a key must be plain text");
		yaml_event_delete(&ev);
		return -1;
	}
	key = read_node(y, &ev, in);
	if (key == NULL)
		return -1;
	in->key = pair.key = key->text;
	if (!next_event(y, &ev))
		return -1;
	pair.value = read_node(y, &ev, in);
	if (pair.value == NULL)
		return -1;
	if (strcmp(key->text, "<<") == 0 && !key->quoted) {
		if (*merged != NULL) {
			tree_error(y->t, pair.pos, in->up,
			    "<< is given twice; it takes a list of maps");
			return -1;
		}
		*merged = pair.value;
		return 1;
	}
	return tree_add_pair(y->t, map, &pair) ? 1 : -1;
}

static struct node *
read_map(struct yaml *y, yaml_event_t *start, const struct place *at)
{
	struct place in = { .up = at, .depth = at->depth + 1 };
	struct config_pos pos = to_pos(start->start_mark);
	struct node *map, *merged = NULL;
	size_t n_own;
	int rc;

	if (!check_tag(y, start->data.mapping_start.tag, pos, at))
		return NULL;
	map = tree_container(y->t, pos, NODE_MAP, at);
	if (map == NULL)
		return NULL;
	do {
		rc = read_pair(y, map, &in, &merged);
		if (rc < 0)
			return NULL;
	} while (rc > 0);
	n_own = map->count;
	if (merged != NULL && !merge(y, map, merged, at))
		return NULL;
	if (!tree_finish_map(y->t, map, n_own, at))
		return NULL;
	return map;
}

/* The node that begins with `ev`, which is used up. */
static struct node *
read_node(struct yaml *y, yaml_event_t *ev, const struct place *at)
{
	const yaml_char_t *anchor = NULL;
	const char *name = NULL;
	struct node *n = NULL;

	if (ev->type == YAML_SCALAR_EVENT)
		anchor = ev->data.scalar.anchor;
	else if (ev->type == YAML_SEQUENCE_START_EVENT)
		anchor = ev->data.sequence_start.anchor;
	else if (ev->type == YAML_MAPPING_START_EVENT)
		anchor = ev->data.mapping_start.anchor;
	if (anchor != NULL) {
		name = arena_strdup(y->t->arena, (const char *)anchor);
		y->t->oom = y->t->oom || name == NULL;
	}

	if (ev->type == YAML_ALIAS_EVENT)
		n = read_alias(y, ev, at);
	else if (ev->type == YAML_SCALAR_EVENT)
		n = read_scalar(y, ev, at);
	else if (ev->type == YAML_SEQUENCE_START_EVENT)
		n = read_list(y, ev, at);
	else if (ev->type == YAML_MAPPING_START_EVENT)
		n = read_map(y, ev, at);
	yaml_event_delete(ev);
	if (n == NULL || y->t->oom || !remember(y, name, n))
		return NULL;
	return n;
}

static bool
expect(struct yaml *y, yaml_event_type_t type, const char *otherwise)
{
	yaml_event_t ev;
	bool ok;

	if (!next_event(y, &ev))
		return false;
	ok = ev.type == type;
	if (!ok)
		config_errors_add(y->t->errors, y->t->path,
		    to_pos(ev.start_mark), "%s", otherwise);
	yaml_event_delete(&ev);
	return ok;
}

static struct node *
read_stream(struct yaml *y)
{
	struct place root = { .depth = 1 };
	struct node *n;
	yaml_event_t ev;

	if (!expect(y, YAML_STREAM_START_EVENT, "not YAML") ||
	    !expect(y, YAML_DOCUMENT_START_EVENT,
		"the file is empty: it must name apps") ||
	    !next_event(y, &ev))
		return NULL;
	n = read_node(y, &ev, &root);
	if (n == NULL || !expect(y, YAML_DOCUMENT_END_EVENT, "not YAML") ||
	    !expect(y, YAML_STREAM_END_EVENT,
		"a second document begins here: one file is one document"))
		return NULL;
	if (node_is_null(n)) {
		config_errors_add(y->t->errors, y->t->path, n->pos,
		    "the file is empty: it must name apps");
		return NULL;
	}
	return n;
}

struct node *
yaml_read(struct tree *t, const char *text, size_t len)
{
	struct yaml y = { .t = t, .text = text, .len = len };
	struct node *root;

	if (!yaml_parser_initialize(&y.parser)) {
		t->oom = true;
		return NULL;
	}
	yaml_parser_set_encoding(&y.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &y.parser, (const unsigned char *)text, len);
	root = read_stream(&y);
	yaml_parser_delete(&y.parser);
	return root;
}
