/* SPDX-License-Identifier: Apache-2.0 */
/*
 * read.c - one value of the file into one field, by its type.
 */
#include "config/read.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <clusterd/suggest.h>
#include <clusterd/units.h>

#include "config/scalars.h"

/* What a reader of one type is given. */
struct value {
	struct parse *p;
	const struct config_key *k;
	const char *where;
	const struct node *n;
	void *field;
};

/* Of a text, which may have come from a variable. */
static void
say_wants(const struct value *v, const char *text)
{
	parse_error(v->p, v->n->pos, v->where, "wants %s, found \"%.64s\"",
	    key_type_wants(v->k->type), text);
}

static const char *
value_text(const struct value *v)
{
	return read_text(
	    v->p, v->where, v->n, key_type_wants(v->k->type), v->k->deferred);
}

static bool
read_string(const struct value *v)
{
	const char *text = value_text(v);

	if (text == NULL)
		return false;
	if (text[0] == '\0') {
		parse_error(v->p, v->n->pos, v->where,
		    "is empty; leave the key out for its default");
		return false;
	}
	*(const char **)v->field = text;
	return true;
}

static bool
read_label(const struct value *v)
{
	const char *text = value_text(v);

	if (text == NULL)
		return false;
	if (!scalar_is_label(text)) {
		say_wants(v, text);
		return false;
	}
	*(const char **)v->field = text;
	return true;
}

static bool
read_variable(const struct value *v)
{
	const char *text = value_text(v);

	if (text == NULL)
		return false;
	if (!scalar_is_variable(text)) {
		say_wants(v, text);
		return false;
	}
	*(const char **)v->field = text;
	return true;
}

static bool
read_bool(const struct value *v)
{
	const char *text = value_text(v);
	int parsed;

	if (text == NULL)
		return false;
	parsed = scalar_parse_bool(text);
	if (parsed < 0) {
		say_wants(v, text);
		return false;
	}
	if (v->k->type == T_FLAG)
		*(int *)v->field = parsed;
	else
		*(bool *)v->field = parsed;
	return true;
}

static bool
read_int(const struct value *v)
{
	const char *text = value_text(v);
	int64_t n;

	if (text == NULL)
		return false;
	if (scalar_parse_int(text, &n) < 0) {
		say_wants(v, text);
		return false;
	}
	if (n < v->k->min || n > v->k->max) {
		parse_error(v->p, v->n->pos, v->where,
		    "%.32s is out of range: %lld to %lld", text,
		    (long long)v->k->min, (long long)v->k->max);
		return false;
	}
	*(int *)v->field = (int)n;
	return true;
}

static bool
read_msec(const struct value *v)
{
	const char *text = value_text(v);
	char min[32], max[32];
	int64_t ms = -1;
	int rc;

	if (text == NULL)
		return false;
	rc = units_parse_ms(text, &ms);
	if (rc == -EINVAL) {
		say_wants(v, text);
		return false;
	}
	if (rc < 0 || ms < v->k->min || ms > v->k->max) {
		units_write_ms(v->k->min, min, sizeof(min));
		units_write_ms(v->k->max, max, sizeof(max));
		parse_error(v->p, v->n->pos, v->where,
		    "%.32s is out of range: %s to %s", text, min, max);
		return false;
	}
	*(int64_t *)v->field = ms;
	return true;
}

static bool
read_mode(const struct value *v)
{
	const char *text = value_text(v);

	if (text == NULL)
		return false;
	if (scalar_parse_mode(text, v->field) == 0)
		return true;
	say_wants(v, text);
	return false;
}

static void
say_words(const struct value *v, const char *text)
{
	const char *list[16], *closest;
	const struct key_word *w;
	char words[256] = "";
	size_t n = 0, used;

	for (w = v->k->words; w->word != NULL && n < COUNT(list); w++) {
		list[n++] = w->word;
		used = strlen(words);
		snprintf(words + used, sizeof(words) - used, "%s%s",
		    used > 0 ? ", " : "", w->word);
	}
	closest = strlen(text) < 32 ? suggest_closest(text, list, n) : NULL;
	parse_error(v->p, v->n->pos, v->where,
	    "\"%.64s\" is not one of %s%s%s%s", text, words,
	    closest != NULL ? "; did you mean \"" : "",
	    closest != NULL ? closest : "", closest != NULL ? "\"?" : "");
}

static bool
read_word(const struct value *v)
{
	const char *text = value_text(v);
	const struct key_word *w;

	if (text == NULL)
		return false;
	w = key_find_word(v->k, text);
	if (w == NULL) {
		say_words(v, text);
		return false;
	}
	*(int *)v->field = w->value;
	return true;
}

static bool
read_signal(const struct value *v)
{
	const char *text = value_text(v);

	if (text == NULL)
		return false;
	if (scalar_parse_signal(text, v->field) == 0)
		return true;
	say_wants(v, text);
	return false;
}

static bool
read_instances(const struct value *v)
{
	const char *text = value_text(v);
	int rc;

	if (text == NULL)
		return false;
	rc = scalar_parse_instances(text, v->field);
	if (rc == -ERANGE)
		parse_error(v->p, v->n->pos, v->where,
		    "%.32s is out of range: %lld to %lld", text,
		    (long long)v->k->min, (long long)v->k->max);
	else if (rc < 0)
		say_wants(v, text);
	return rc == 0;
}

static bool
read_strings(const struct value *v)
{
	struct config_strings s = { NULL, 0 };

	if (!strings_read(v->p, v->k, v->where, v->n, &s))
		return false;
	*(struct config_strings *)v->field = s;
	return true;
}

/* A path, "" for none, LOG_FILE_DEFAULT for the default's place. */
static bool
read_log_file(const struct value *v)
{
	const char *text, **field = v->field;
	int said;

	if (node_is_null(v->n)) {
		*field = "";
		return true;
	}
	text = value_text(v);
	if (text == NULL)
		return false;
	said = v->n->quoted ? -1 : scalar_parse_bool(text);
	if (said == 0 || text[0] == '\0' || strcmp(text, "NULL") == 0 ||
	    strcmp(text, "/dev/null") == 0)
		*field = "";
	else if (said == 1)
		*field = LOG_FILE_DEFAULT;
	else
		*field = text;
	return true;
}

static bool (*const readers[N_KEY_TYPES])(const struct value *v) = {
	[T_STRING] = read_string,
	[T_LABEL] = read_label,
	[T_VARIABLE] = read_variable,
	[T_PATH] = read_string,
	[T_BOOL] = read_bool,
	[T_FLAG] = read_bool,
	[T_INT] = read_int,
	[T_MSEC] = read_msec,
	[T_MODE] = read_mode,
	[T_WORD] = read_word,
	[T_SIGNAL] = read_signal,
	[T_INSTANCES] = read_instances,
	[T_STRINGS] = read_strings,
	[T_COMMAND] = read_strings,
	[T_LOG_FILE] = read_log_file,
};

bool
read_value(struct parse *p, const struct config_key *k, const char *where,
    const struct node *n, void *base)
{
	struct value v = { .p = p,
		.k = k,
		.where = where,
		.n = n,
		.field = (char *)base + k->offset };

	return readers[k->type](&v);
}

bool
read_default(struct parse *p, const struct config_key *k, void *base)
{
	struct node n = {
		.kind = NODE_SCALAR, .text = k->dflt, .literal = true
	};

	return k->dflt == NULL || read_value(p, k, k->name, &n, base);
}
