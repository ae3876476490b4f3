/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.c - the words of the command line: options, command, arguments.
 *
 * Options may stand anywhere, as people type them. A lone "-3" is a number:
 * PM2's users scale that way.
 */
#include "ctl/ctl.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/suggest.h>

enum { OPTIONS_MAX = 32, LINES_MAX = 100000 };

#define FIELD(member) offsetof(struct ctl_options, member)

/* clang-format off */
static const struct option_row options[] = {
	{ "socket",    0,   OPTION_TEXT,   NULL,   FIELD(socket_path), "PATH",
	  "Control socket of clusterd (CLUSTERD_SOCKET)." },
	{ "json",      0,   OPTION_FLAG,   NULL,   FIELD(json),      NULL,
	  "Print JSON." },
	{ "no-color",  0,   OPTION_FLAG,   NULL,   FIELD(no_color),  NULL,
	  "No colours, also on a terminal (NO_COLOR)." },
	{ "quiet",     'q', OPTION_FLAG,   NULL,   FIELD(quiet),     NULL,
	  "Print nothing but what was asked for, and errors." },
	{ "verbose",   'v', OPTION_FLAG,   NULL,   FIELD(verbose),   NULL,
	  "Print every step of a change on a line of its own." },
	{ "help",      'h', OPTION_FLAG,   NULL,   FIELD(help),      NULL,
	  "Show how to use clusterctl, or the command." },
	{ "version",   'V', OPTION_FLAG,   NULL,   FIELD(version),   NULL,
	  "Print the version." },
	{ "fast",      0,   OPTION_FLAG,   "kill", FIELD(fast),      NULL,
	  "Do not wait for workers to finish their requests." },
	{ "lines",     'n', OPTION_NUMBER, "logs", FIELD(lines),     "N",
	  "Lines to show of what is in the files (15)." },
	{ "nostream",  0,   OPTION_FLAG,   "logs", FIELD(nostream),  NULL,
	  "Do not follow the files." },
	{ "raw",       0,   OPTION_FLAG,   "logs", FIELD(raw),       NULL,
	  "Only the messages, without a prefix." },
	{ "err",       0,   OPTION_FLAG,   "logs", FIELD(err),       NULL,
	  "Only what was written to stderr." },
	{ "out",       0,   OPTION_FLAG,   "logs", FIELD(out),       NULL,
	  "Only what was written to stdout." },
	{ "timestamp", 0,   OPTION_FLAG,   "logs", FIELD(timestamp), NULL,
	  "Show the time of every line." },
};
/* clang-format on */

_Static_assert(COUNT(options) <= OPTIONS_MAX, "room for all names");

const struct option_row *
option_table(size_t *count)
{
	*count = COUNT(options);
	return options;
}

static const struct option_row *
find_option(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < COUNT(options); i++) {
		if (strlen(options[i].name) == len &&
		    memcmp(options[i].name, name, len) == 0)
			return &options[i];
	}
	return NULL;
}

static const struct option_row *
find_letter(char letter)
{
	size_t i;

	for (i = 0; i < COUNT(options); i++) {
		if (options[i].letter == letter)
			return &options[i];
	}
	return NULL;
}

static int
unknown_option(struct ctl *c, const char *word)
{
	const char *names[OPTIONS_MAX], *near;
	size_t i;

	for (i = 0; i < COUNT(options); i++)
		names[i] = options[i].name;
	near = strncmp(word, "--", 2) == 0
		   ? suggest_closest(word + 2, names, COUNT(options))
		   : NULL;
	if (near)
		ctl_error(
		    c, "unknown option %s; did you mean --%s?", word, near);
	else
		ctl_error(c, "unknown option %s; see clusterctl help", word);
	return CTL_USAGE;
}

static int
parse_lines(
    struct ctl *c, const struct option_row *o, const char *value, long *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end || errno != 0 ||
	    n > LINES_MAX) {
		ctl_error(c, "--%s takes a number from 0 to %d, not \"%s\"",
		    o->name, LINES_MAX, value);
		return CTL_USAGE;
	}
	*out = n;
	return 0;
}

static int
store(struct ctl *c, const struct option_row *o, const char *value)
{
	char *field = (char *)&c->opt + o->offset;

	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_NUMBER:
		return parse_lines(c, o, value, (long *)(void *)field);
	case OPTION_TEXT:
		if (*value == '\0') {
			ctl_error(c, "--%s must not be empty", o->name);
			return CTL_USAGE;
		}
		*(const char **)(void *)field = value;
		return 0;
	}
	return CTL_USAGE;
}

/* A short option, or "-n5". `*next` is the word behind, taken if needed. */
static const struct option_row *
read_word(const char *word, const char **value)
{
	const struct option_row *o;
	const char *equals;

	*value = NULL;
	if (word[1] != '-') {
		o = find_letter(word[1]);
		if (o && word[2] && o->type == OPTION_FLAG)
			return NULL;
		if (word[2])
			*value = word + 2;
		return o;
	}
	equals = strchr(word, '=');
	if (!equals)
		return find_option(word + 2, strlen(word + 2));
	*value = equals + 1;
	return find_option(word + 2, (size_t)(equals - word) - 2);
}

/* The option at argv[*i]; its value may be the next word. */
static int
parse_option(struct ctl *c, char **argv, int *i, bool seen[])
{
	const struct option_row *o;
	const char *value;

	o = read_word(argv[*i], &value);
	if (!o)
		return unknown_option(c, argv[*i]);
	if (o->type == OPTION_FLAG && value) {
		ctl_error(c, "--%s takes no value", o->name);
		return CTL_USAGE;
	}
	if (o->type != OPTION_FLAG && !value) {
		value = argv[*i + 1];
		if (!value) {
			ctl_error(c, "--%s needs a value: --%s %s", o->name,
			    o->name, o->arg);
			return CTL_USAGE;
		}
		++*i;
	}
	seen[o - options] = true;
	return store(c, o, value);
}

static bool
is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' &&
	       !isdigit((unsigned char)word[1]);
}

static int
split_words(struct ctl *c, int argc, char **argv, bool seen[])
{
	bool only_args = false;
	int i, rc;

	for (i = 1; i < argc; i++) {
		if (only_args || !is_option(argv[i])) {
			c->args[c->n_args++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			only_args = true;
			continue;
		}
		rc = parse_option(c, argv, &i, seen);
		if (rc != 0)
			return rc;
	}
	c->args[c->n_args] = NULL;
	return 0;
}

static int
find_command(struct ctl *c)
{
	const char *name = c->args[0], *near;

	c->command = command_find(name);
	if (!c->command) {
		near = command_suggest(name);
		if (near)
			ctl_error(c,
			    "unknown command \"%s\"; did you mean \"%s\"?",
			    name, near);
		else
			ctl_error(c,
			    "unknown command \"%s\"; see clusterctl help",
			    name);
		return CTL_USAGE;
	}
	c->n_args--;
	memmove(
	    c->args, c->args + 1, (size_t)(c->n_args + 1) * sizeof(*c->args));
	return 0;
}

static int
check_command(struct ctl *c, const bool seen[])
{
	const struct command *cmd = c->command;
	size_t i;

	for (i = 0; i < COUNT(options); i++) {
		if (!seen[i] || !options[i].command ||
		    strcmp(options[i].command, cmd->name) == 0)
			continue;
		ctl_error(c, "--%s is an option of \"%s\", not of \"%s\"",
		    options[i].name, options[i].command, cmd->name);
		return CTL_USAGE;
	}
	if (c->n_args < cmd->min_args ||
	    (cmd->max_args >= 0 && c->n_args > cmd->max_args)) {
		ctl_error(c, "usage: clusterctl %s%s%s", cmd->name,
		    *cmd->usage ? " " : "", cmd->usage);
		return CTL_USAGE;
	}
	return 0;
}

int
args_parse(struct ctl *c, int argc, char **argv)
{
	bool seen[COUNT(options)] = { false };
	int rc;

	c->args = calloc((size_t)argc + 1, sizeof(*c->args));
	if (!c->args) {
		ctl_error(c, "out of memory");
		return CTL_FAILED;
	}
	rc = split_words(c, argc, argv, seen);
	if (rc != 0)
		return rc;
	if (c->n_args > 0) {
		rc = find_command(c);
		if (rc != 0)
			return rc;
	}
	if (c->opt.help || c->opt.version || !c->command)
		return 0;
	return check_command(c, seen);
}
