/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interpolate.c - ${NAME} in values.
 *
 * Two times fill a text: the load, from the environment; then each start of a
 * worker, with what only then is known (config_expand).
 */
#include "config/interpolate.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/config.h>

enum {
	NESTED_MAX = 8, /* ${A:-${B:-...}} */
	NAME_MAX_BYTES = 256,
};

struct filling {
	bool deferred;
	int depth;
	struct buf *out;
	char *why;
	size_t why_size;
};

static int fill_text(struct filling *f, const char *text, size_t len);

static bool
is_deferred_name(const char *name, size_t len)
{
	static const char *const words[] = { "instance", "pm_id", "app" };
	size_t i;

	for (i = 0; i < COUNT(words); i++)
		if (len == strlen(words[i]) &&
		    strncmp(name, words[i], len) == 0)
			return true;
	return len > strlen("listen.") &&
	       strncmp(name, "listen.", strlen("listen.")) == 0;
}

const char *
interpolate_reference_end(const char *text)
{
	const char *c;
	int open = 0;

	for (c = text; *c != '\0'; c++) {
		if (c[0] == '$' && c[1] == '{') {
			open++;
			c++;
		} else if (*c == '}' && --open == 0) {
			return c + 1;
		}
	}
	return NULL;
}

/* At "${": the deferred name inside the braces, or NULL. */
static const char *
deferred_at(const char *text, size_t *len)
{
	const char *end;

	if (text[0] != '$' || text[1] != '{')
		return NULL;
	end = strchr(text, '}');
	if (end == NULL)
		return NULL;
	*len = (size_t)(end - text) - 2;
	return is_deferred_name(text + 2, *len) ? text + 2 : NULL;
}

const char *
interpolate_find_deferred(const char *text, size_t *len)
{
	const char *name;

	for (; *text != '\0'; text++) {
		if (text[0] != '$')
			continue;
		if (text[1] == '$' && deferred_at(text + 1, len) != NULL) {
			text++; /* both dollars are one, and a plain one */
			continue;
		}
		name = deferred_at(text, len);
		if (name != NULL)
			return name;
	}
	return NULL;
}

static int
append(struct filling *f, const char *text, size_t len)
{
	int rc = buf_append(f->out, text, len);

	if (rc == -ENOBUFS) {
		snprintf(f->why, f->why_size, "is longer than %d bytes",
		    INTERPOLATED_MAX);
		return -EINVAL;
	}
	return rc;
}

static size_t
name_length(const char *text)
{
	size_t n = 0;

	if (isdigit((unsigned char)text[0]))
		return 0;
	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n;
}

static int
fill_variable(struct filling *f, const char *name, size_t name_len,
    const char *dflt, size_t dflt_len)
{
	char copy[NAME_MAX_BYTES];
	const char *value;
	int rc;

	if (name_len >= sizeof(copy)) {
		snprintf(f->why, f->why_size,
		    "${%.32s...}: the name is too long", name);
		return -EINVAL;
	}
	memcpy(copy, name, name_len);
	copy[name_len] = '\0';
	value = getenv(copy);
	if (value != NULL && (value[0] != '\0' || dflt == NULL))
		return append(f, value, strlen(value));
	if (dflt == NULL) {
		snprintf(f->why, f->why_size,
		    "${%s}: %s is not set; set it, or write ${%s:-default}",
		    copy, copy, copy);
		return -EINVAL;
	}
	if (++f->depth > NESTED_MAX) {
		snprintf(f->why, f->why_size,
		    "${%s:-...}: nested deeper than %d levels", copy,
		    NESTED_MAX);
		return -EINVAL;
	}
	rc = fill_text(f, dflt, dflt_len);
	f->depth--;
	return rc;
}

/* `text` is "${...}", `len` bytes with the braces. */
static int
fill_reference(struct filling *f, const char *text, size_t len)
{
	const char *name = text + 2, *end = text + len - 1;
	size_t n, inside = len - 3;

	if (is_deferred_name(name, inside)) {
		if (f->deferred)
			return append(f, text, len);
		snprintf(f->why, f->why_size,
		    "%.*s is known only when a worker starts: it can stand in "
		    "args, interpreter_args, command and env",
		    (int)(len < 64 ? len : 64), text);
		return -EINVAL;
	}
	n = name_length(name);
	if (n > 0 && name + n == end)
		return fill_variable(f, name, n, NULL, 0);
	if (n > 0 && n + 2 <= inside && strncmp(name + n, ":-", 2) == 0)
		return fill_variable(f, name, n, name + n + 2, inside - n - 2);
	snprintf(f->why, f->why_size,
	    "%.*s: write ${NAME} or ${NAME:-default}, and $$ for a plain $",
	    (int)(len < 64 ? len : 64), text);
	return -EINVAL;
}

/* How much of the text one step covers, after having appended its meaning. */
static int
fill_next(struct filling *f, const char *text, size_t len, size_t *used)
{
	const char *end, *dollar = memchr(text, '$', len);
	size_t ignored;

	if (dollar != text) {
		*used = dollar != NULL ? (size_t)(dollar - text) : len;
		return append(f, text, *used);
	}
	if (len >= 2 && text[1] == '$') {
		*used = 2;
		if (f->deferred && deferred_at(text + 1, &ignored) != NULL) {
			end = strchr(text, '}');
			*used = (size_t)(end + 1 - text);
			return append(f, text, *used);
		}
		return append(f, "$", 1);
	}
	if (len < 2 || text[1] != '{') {
		*used = 1;
		return append(f, "$", 1);
	}
	end = interpolate_reference_end(text);
	if (end == NULL || end > text + len) {
		snprintf(f->why, f->why_size,
		    "%.32s has no closing brace; $$ is a plain $", text);
		return -EINVAL;
	}
	*used = (size_t)(end - text);
	return fill_reference(f, text, *used);
}

static int
fill_text(struct filling *f, const char *text, size_t len)
{
	size_t used;
	int rc;

	while (len > 0) {
		rc = fill_next(f, text, len, &used);
		if (rc < 0)
			return rc;
		text += used;
		len -= used;
	}
	return 0;
}

int
interpolate(const char *text, bool deferred, struct buf *out, char *why,
    size_t why_size)
{
	struct filling f = { .deferred = deferred,
		.out = out,
		.why = why,
		.why_size = why_size };

	return fill_text(&f, text, strlen(text));
}

/* What the next bytes of a text become in config_expand(). */
struct piece {
	const char *text; /* borrowed */
	size_t len;
	size_t used; /* bytes of the text it stands for */
};

static struct piece
next_piece(const char *text, const char *(*value)(const char *name, void *arg),
    void *arg)
{
	struct piece plain = { text, 1, 1 };
	char copy[NAME_MAX_BYTES];
	const char *name, *filled;
	size_t len;

	if (text[0] != '$')
		return plain;
	if (text[1] == '$' && deferred_at(text + 1, &len) != NULL)
		return (struct piece){ text + 1, len + 3, len + 4 };
	name = deferred_at(text, &len);
	if (name == NULL || len >= sizeof(copy))
		return plain;
	memcpy(copy, name, len);
	copy[len] = '\0';
	filled = value(copy, arg);
	if (filled == NULL)
		return plain;
	return (struct piece){ filled, strlen(filled), len + 3 };
}

int
config_expand(const char *text,
    const char *(*value)(const char *name, void *arg), void *arg, char *out,
    size_t size)
{
	struct piece piece;
	size_t at = 0;

	while (*text != '\0') {
		piece = next_piece(text, value, arg);
		if (piece.len + 1 > size - at)
			return -E2BIG;
		memcpy(out + at, piece.text, piece.len);
		at += piece.len;
		text += piece.used;
	}
	if (size == 0)
		return -E2BIG;
	out[at] = '\0';
	return 0;
}
