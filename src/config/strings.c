/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strings.c - arguments: a list, or one string split into words.
 */
#include <stdio.h>
#include <string.h>

#include "config/read.h"
#include "config/split.h"

enum { STRINGS_MAX = 1024 };

/* What is being read. */
struct value {
	struct parse *p;
	const struct config_key *k;
	const char *where;
	const struct node *n;
};

static bool
add_string(const struct value *v, struct config_strings *s, const char *text)
{
	if (text == NULL)
		return false;
	if (s->count >= STRINGS_MAX) {
		parse_error(v->p, v->n->pos, v->where, "more than %d elements",
		    STRINGS_MAX);
		return false;
	}
	s->items[s->count++] = text;
	return true;
}

static bool
read_split(const struct value *v, struct config_strings *s)
{
	const char *at = v->n->text, *text;
	bool quoted;
	char *word;
	int rc;

	word = arena_alloc(v->p->scratch, strlen(at) + 1);
	if (word == NULL) {
		v->p->oom = true;
		return false;
	}
	while ((rc = split_next(&at, word, &quoted)) > 0) {
		text = text_fill_in(
		    v->p, v->where, v->n->pos, word, v->k->deferred);
		if (text != NULL && text[0] == '\0' && !quoted)
			continue; /* an empty variable is no argument */
		if (!add_string(v, s, text))
			return false;
	}
	if (rc < 0)
		parse_error(v->p, v->n->pos, v->where,
		    "a quote is opened and not closed");
	return rc == 0;
}

static bool
read_list(const struct value *v, struct config_strings *s)
{
	char index[32];
	bool ok = true;
	size_t i;

	for (i = 0; i < v->n->count && i <= STRINGS_MAX && !v->p->oom; i++) {
		snprintf(index, sizeof(index), "[%zu]", i);
		ok = add_string(v, s,
			 read_text(v->p, parse_where(v->p, v->where, index),
			     v->n->items[i], "a string", v->k->deferred)) &&
		     ok;
	}
	return ok && !v->p->oom;
}

bool
strings_read(struct parse *p, const struct config_key *k, const char *where,
    const struct node *n, struct config_strings *s)
{
	const struct value v = { p, k, where, n };
	char found[128];
	size_t room;

	if (n->kind == NODE_MAP || node_is_null(n) ||
	    (k->type == T_COMMAND && n->kind != NODE_LIST)) {
		parse_error(p, n->pos, where, "wants %s, found %s",
		    key_type_wants(k->type),
		    node_describe(n, found, sizeof(found)));
		return false;
	}
	room = n->kind == NODE_LIST ? n->count : strlen(n->text);
	if (room > STRINGS_MAX)
		room = STRINGS_MAX;
	s->items = parse_alloc(p, (room + 1) * sizeof(*s->items));
	if (s->items == NULL)
		return false;
	if (n->kind == NODE_LIST ? !read_list(&v, s) : !read_split(&v, s))
		return false;
	if (k->type == T_COMMAND && (s->count == 0 || s->items[0][0] == '\0')) {
		parse_error(p, n->pos, where,
		    "names no program: its first element is missing");
		return false;
	}
	return true;
}
