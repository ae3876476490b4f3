/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c - JSON text to nodes.
 *
 * jansson says first whether it is JSON at all, and where not, but keeps no
 * positions of what it read. So the text is walked once more here, by code that
 * may rely on its being valid.
 */
#include <jansson.h>
#include <string.h>

#include "config/tree.h"

struct json {
	struct tree *t;
	const char *at; /* ends at a NUL */
	struct config_pos pos;
};

static struct node *read_value(struct json *j, const struct place *at);

static void
step(struct json *j)
{
	if (*j->at == '\n') {
		j->pos.line++;
		j->pos.column = 1;
	} else if (((unsigned char)*j->at & 0xc0) != 0x80) {
		j->pos.column++; /* letters, not bytes */
	}
	j->at++;
}

static void
skip_blanks(struct json *j)
{
	while (*j->at != '\0' && strchr(" \t\r\n", *j->at) != NULL)
		step(j);
}

static unsigned
read_hex4(struct json *j)
{
	unsigned value = 0;
	int i;

	for (i = 0; i < 4 && *j->at != '\0'; i++) {
		char c = *j->at;

		value = value * 16 +
			(unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
		step(j);
	}
	return value;
}

static size_t
put_utf8(unsigned code, char *out)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* Behind a backslash; what it stands for is never longer than its writing. */
static size_t
read_escape(struct json *j, char *out)
{
	static const char names[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	const char *named;
	unsigned code;
	char c = *j->at;

	step(j);
	if (c != 'u') {
		named = strchr(names, c);
		*out = named != NULL ? bytes[named - names] : c;
		return 1;
	}
	code = read_hex4(j);
	if (code >= 0xd800 && code < 0xdc00) {
		step(j); /* the \u of the other half */
		step(j);
		code =
		    0x10000 + ((code - 0xd800) << 10) + (read_hex4(j) - 0xdc00);
	}
	return put_utf8(code, out);
}

/* The text of a string, in the arena; its length to `*len`. */
static const char *
read_string(struct json *j, size_t *len)
{
	const char *end = j->at + 1;
	char *out;

	while (*end != '\0' && *end != '"')
		end += *end == '\\' ? 2 : 1;
	out = arena_alloc(j->t->arena, (size_t)(end - j->at));
	if (out == NULL) {
		j->t->oom = true;
		return NULL;
	}
	*len = 0;
	step(j);
	while (*j->at != '"') {
		if (*j->at == '\\') {
			step(j);
			*len += read_escape(j, out + *len);
		} else {
			out[(*len)++] = *j->at;
			step(j);
		}
	}
	step(j);
	return out;
}

static struct node *
read_text(struct json *j)
{
	struct config_pos pos = j->pos;
	const char *text;
	size_t len;

	text = read_string(j, &len);
	if (text == NULL)
		return NULL;
	return tree_scalar(j->t, pos, text, len, true);
}

/* A number, true, false or null: as it is written. */
static struct node *
read_plain(struct json *j)
{
	struct config_pos pos = j->pos;
	const char *from = j->at;

	while (*j->at != '\0' && strchr(" \t\r\n,]}", *j->at) == NULL)
		step(j);
	return tree_scalar(j->t, pos, from, (size_t)(j->at - from), false);
}

static struct node *
read_list(struct json *j, const struct place *at)
{
	struct place in = { .up = at, .depth = at->depth + 1 };
	struct node *list, *item;

	list = tree_container(j->t, j->pos, NODE_LIST, at);
	if (list == NULL)
		return NULL;
	step(j);
	for (skip_blanks(j); *j->at != ']'; in.index++) {
		item = read_value(j, &in);
		if (item == NULL || !tree_add_item(j->t, list, item))
			return NULL;
		skip_blanks(j);
		if (*j->at == ',')
			step(j);
		skip_blanks(j);
	}
	step(j);
	return list;
}

static bool
read_pair(struct json *j, struct node *map, struct place *in)
{
	struct pair pair = { .pos = j->pos };
	size_t len;

	in->key = pair.key = read_string(j, &len);
	if (pair.key == NULL)
		return false;
	skip_blanks(j);
	step(j); /* the colon */
	pair.value = read_value(j, in);
	if (pair.value == NULL || !tree_add_pair(j->t, map, &pair))
		return false;
	skip_blanks(j);
	if (*j->at == ',')
		step(j);
	skip_blanks(j);
	return true;
}

static struct node *
read_map(struct json *j, const struct place *at)
{
	struct place in = { .up = at, .depth = at->depth + 1 };
	struct node *map;

	map = tree_container(j->t, j->pos, NODE_MAP, at);
	if (map == NULL)
		return NULL;
	step(j);
	skip_blanks(j);
	while (*j->at != '}')
		if (!read_pair(j, map, &in))
			return NULL;
	step(j);
	return tree_finish_map(j->t, map, map->count, at) ? map : NULL;
}

static struct node *
read_value(struct json *j, const struct place *at)
{
	skip_blanks(j);
	if (*j->at == '{')
		return read_map(j, at);
	if (*j->at == '[')
		return read_list(j, at);
	if (*j->at == '"')
		return read_text(j);
	return read_plain(j);
}

/* What PM2 takes for JSON is JavaScript; jansson names where it stopped. */
static const char *
hint_for(const char *problem)
{
	const char *near = strstr(problem, " near '");

	if (near == NULL)
		return "";
	switch (near[strlen(" near '")]) {
	case '/':
	case '#':
		return " (JSON has no comments; YAML has, with #)";
	case '\'':
		return " (JSON wants double quotes)";
	case ']':
	case '}':
		return " (JSON allows no comma behind the last element)";
	default:
		return "";
	}
}

static bool
check_json(struct tree *t, const char *text)
{
	json_error_t error;
	json_t *root;

	if (text[strspn(text, " \t\r\n")] == '\0') {
		config_errors_add(t->errors, t->path,
		    (struct config_pos){ 1, 1 },
		    "the file is empty: it must name apps");
		return false;
	}
	root = json_loads(text, 0, &error);
	if (root == NULL)
		config_errors_add(t->errors, t->path,
		    (struct config_pos){ error.line, error.column },
		    "not JSON: %s%s", error.text, hint_for(error.text));
	json_decref(root);
	return root != NULL;
}

struct node *
json_read(struct tree *t, const char *text, size_t len)
{
	struct json j = { .t = t, .pos = { 1, 1 } };
	struct place root = { .depth = 1 };
	char *copy;

	if (memchr(text, '\0', len) != NULL) {
		config_errors_add(t->errors, t->path,
		    (struct config_pos){ 0, 0 },
		    "not JSON: there is a NUL byte in it");
		return NULL;
	}
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3; /* a byte order mark */
		len -= 3;
	}
	copy = arena_strndup(t->arena, text, len);
	if (copy == NULL) {
		t->oom = true;
		return NULL;
	}
	if (!check_json(t, copy))
		return NULL;
	j.at = copy;
	return read_value(&j, &root);
}
