/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native.c - clusterd's own words on the channel: text to message and back.
 *
 * The master and the SDK use the same table, so they cannot disagree.
 */
#include <clusterd/native.h>

#include <errno.h>
#include <string.h>

#include <clusterd/limits.h>

#include "text.h"

enum shape {
	BARE,	/* no argument */
	NUMBER, /* a decimal number */
	NAMED,	/* a name and the rest of the line */
	TEXT,	/* the rest of the line, which may be empty */
};

enum { NUMBER_DIGITS_MAX = 10 };

/* clang-format off */
static const struct {
	const char *word;
	enum shape shape;
} verbs[] = {
	[NATIVE_HELLO]	   = { "hello",	    BARE },
	[NATIVE_READY]	   = { "ready",	    BARE },
	[NATIVE_ALIVE]	   = { "alive",	    BARE },
	[NATIVE_DRAINED]   = { "drained",   BARE },
	[NATIVE_STATUS]	   = { "status",    TEXT },
	[NATIVE_LISTENER]  = { "listener",  NAMED },
	[NATIVE_LISTENERS] = { "listeners", NUMBER },
	[NATIVE_DRAIN]	   = { "drain",	    NUMBER },
};
/* clang-format on */

_Static_assert(COUNT(verbs) == NATIVE_NVERBS, "a word for every verb");

bool
native_is_line(const char *line, size_t len)
{
	size_t prefix = sizeof(NATIVE_PREFIX) - 1;

	return len > prefix && memcmp(line, NATIVE_PREFIX, prefix) == 0;
}

/* Digits only: no sign, no blank. */
static int
parse_number(const char *text, int64_t *number)
{
	size_t len = strlen(text);
	int64_t value = 0;

	if (len == 0 || len > NUMBER_DIGITS_MAX)
		return -EBADMSG;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EBADMSG;
		value = value * 10 + (*text - '0');
	}
	*number = value;
	return 0;
}

static bool
is_control(char c)
{
	return (unsigned char)c < ' ' || c == '\x7f';
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if (is_control(*text))
			return true;
	}
	return false;
}

static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < LISTENER_NAME_MAX && !has_control(name) &&
	       strchr(name, ' ') == NULL;
}

static int
parse_named(char *args, struct native_message *m)
{
	char *address = strchr(args, ' ');

	if (address == NULL)
		return -EBADMSG;
	*address++ = '\0';
	if (!is_name(args) || *address == '\0' || has_control(address))
		return -EBADMSG;
	m->name = args;
	m->address = address;
	return 0;
}

static int
parse_args(char *args, struct native_message *m)
{
	switch (verbs[m->verb].shape) {
	case BARE:
		return *args == '\0' ? 0 : -EBADMSG;
	case NUMBER:
		return parse_number(args, &m->number);
	case NAMED:
		return parse_named(args, m);
	case TEXT:
		text_make_printable(args, strlen(args));
		m->address = args;
		return 0;
	}
	return -EBADMSG;
}

int
native_parse(char *line, struct native_message *m)
{
	char *word, *args;
	size_t v;

	memset(m, 0, sizeof(*m));
	if (!native_is_line(line, strlen(line)))
		return -EBADMSG;
	word = line + sizeof(NATIVE_PREFIX) - 1;
	args = word + strcspn(word, " ");
	if (*args != '\0')
		*args++ = '\0';
	for (v = 0; v < COUNT(verbs); v++) {
		if (strcmp(word, verbs[v].word) == 0)
			break;
	}
	if (v == COUNT(verbs))
		return -EBADMSG;
	m->verb = (enum native_verb)v;
	return parse_args(args, m);
}

int
native_write(struct buf *out, const struct native_message *m)
{
	const char *word = verbs[m->verb].word;
	const char *address = m->address == NULL ? "" : m->address;

	switch (verbs[m->verb].shape) {
	case BARE:
		return buf_printf(out, NATIVE_PREFIX "%s", word);
	case NUMBER:
		if (m->number < 0 || m->number > 9999999999)
			return -EINVAL;
		return buf_printf(
		    out, NATIVE_PREFIX "%s %lld", word, (long long)m->number);
	case NAMED:
		if (m->name == NULL || !is_name(m->name) || *address == '\0' ||
		    has_control(address))
			return -EINVAL;
		return buf_printf(
		    out, NATIVE_PREFIX "%s %s %s", word, m->name, address);
	case TEXT:
		if (has_control(address))
			return -EINVAL;
		return buf_printf(out, NATIVE_PREFIX "%s %s", word, address);
	}
	return -EINVAL;
}
