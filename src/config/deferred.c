/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deferred.c - references that a worker's start fills in name what there is.
 */
#include <stdio.h>
#include <string.h>

#include <clusterd/suggest.h>

#include "config/interpolate.h"
#include "config/read.h"

static const char listen_prefix[] = "listen.";

static bool
has_listener(const struct app_config *app, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < app->n_listeners; i++)
		if (strlen(app->listeners[i].name) == len &&
		    strncmp(app->listeners[i].name, name, len) == 0)
			return true;
	return false;
}

static void
say_unknown(struct parse *p, const struct app_config *app,
    struct config_pos pos, const char *where, const char *name, size_t len)
{
	const char *names[LISTENERS_MAX], *closest;
	char copy[LISTENER_NAME_MAX];
	size_t i;

	for (i = 0; i < app->n_listeners; i++)
		names[i] = app->listeners[i].name;
	snprintf(copy, sizeof(copy), "%.*s",
	    (int)(len < sizeof(copy) ? len : sizeof(copy) - 1), name);
	closest = suggest_closest(copy, names, app->n_listeners);
	if (app->n_listeners == 0)
		parse_error(
		    p, pos, where, "${listen.%s}: the app has no listen", copy);
	else
		parse_error(p, pos, where,
		    "${listen.%s}: no listener has that name; %s \"%s\"%s",
		    copy, closest != NULL ? "did you mean" : "the first is",
		    closest != NULL ? closest : names[0],
		    closest != NULL ? "?" : "");
}

static void
check_text(struct parse *p, const struct app_config *app, struct config_pos pos,
    const char *where, const char *text)
{
	const size_t skip = strlen(listen_prefix);
	const char *name;
	size_t len;

	while ((name = interpolate_find_deferred(text, &len)) != NULL) {
		if (strncmp(name, listen_prefix, skip) == 0 &&
		    !has_listener(app, name + skip, len - skip))
			say_unknown(
			    p, app, pos, where, name + skip, len - skip);
		text = name + len + 1;
	}
}

static void
check_strings(struct parse *p, const struct draft *d, const char *key,
    const struct config_strings *s)
{
	const char *where = draft_where(p, d, key);
	const struct node *n = draft_given(d, key);
	struct config_pos pos;
	size_t i;

	for (i = 0; i < s->count; i++) {
		pos = draft_pos(d, key);
		if (n != NULL && n->kind == NODE_LIST)
			pos = n->items[i]->pos;
		check_text(p, &d->app, pos, where, s->items[i]);
	}
}

void
check_deferred(struct parse *p, const struct draft *d)
{
	const struct app_config *app = &d->app;
	size_t i;

	check_strings(p, d, "args", &app->args);
	check_strings(p, d, "interpreter_args", &app->interpreter_args);
	/* A script for the shell has become a command. */
	check_strings(p, d,
	    draft_given(d, "command") != NULL ? "command" : "script",
	    &app->command);
	for (i = 0; i < app->env.count && i < d->env.count; i++)
		check_text(p, app, d->env.entries[i].value->pos,
		    d->env.entries[i].where, app->env.vars[i].value);
}
