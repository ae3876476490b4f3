/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generation.c - counted configurations, editions and their listeners.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/generation.h"
#include "master/link.h"
#include "master/listener.h"

struct generation *
generation_new(uint64_t number, struct config *config)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->refs = 1;
	g->number = number;
	g->config = config;
	return g;
}

struct generation *
generation_ref(struct generation *g)
{
	g->refs++;
	return g;
}

void
generation_unref(struct generation *g)
{
	if (g == NULL || --g->refs > 0)
		return;
	config_free(g->config);
	free(g);
}

static struct listener *
find_same(const struct edition *old, const struct listener_spec *spec)
{
	if (old == NULL)
		return NULL;
	for (size_t i = 0; i < old->n_listeners; i++)
		if (listener_spec_same(&old->app->listeners[i], spec))
			return old->listeners[i];
	return NULL;
}

/* What init gave us under that name, or a listener kept over a master's death.
 */
static int
take_given(struct master *m, const struct app_config *app,
    const struct listener_spec *spec)
{
	char name[HELD_NAME_MAX], found[HELD_NAME_MAX];
	int fd;

	snprintf(name, sizeof(name), "%s%s/%s#", HELD_LISTENER, app->name,
	    spec->name);
	fd = link_take_held_prefix(m, name, found, sizeof(found));
	if (fd != -1) {
		link_drop(m, found); /* held anew under its new name */
		return fd;
	}
	snprintf(name, sizeof(name), "%s%s", HELD_SYSTEMD,
	    spec->kind == LISTENER_SYSTEMD ? spec->systemd_name : spec->name);
	return link_take_held(m, name);
}

static struct listener *
obtain(struct master *m, const struct generation *gen,
    const struct app_config *app, const struct edition *old,
    const struct listener_spec *spec, char *why, size_t why_size)
{
	struct listener *l = find_same(old, spec);
	int fd;

	if (l != NULL)
		return listener_ref(l);
	fd = take_given(m, app, spec);
	if (fd != -1) {
		l = listener_adopt(spec, fd, why, why_size);
	} else if (spec->kind == LISTENER_SYSTEMD) {
		snprintf(why, why_size,
		    "init gave no socket named \"%s\" "
		    "(FileDescriptorName= of a .socket unit)",
		    spec->systemd_name);
		return NULL;
	} else if (listener_open(spec, &l, why, why_size) != 0) {
		return NULL;
	}
	if (l == NULL)
		return NULL;
	snprintf(l->held, sizeof(l->held), "%s%s/%s#%llu", HELD_LISTENER,
	    app->name, spec->name, (unsigned long long)gen->number);
	link_hold(m, l->held, l->fd);
	return l;
}

struct edition *
edition_new(struct master *m, struct generation *gen,
    const struct app_config *app, const struct edition *old, char *why,
    size_t why_size)
{
	struct edition *e = calloc(1, sizeof(*e));
	char problem[512];

	if (e == NULL)
		goto no_memory;
	e->refs = 1;
	e->gen = generation_ref(gen);
	e->app = app;
	if (app->n_listeners > 0) {
		e->listeners = calloc(app->n_listeners, sizeof(*e->listeners));
		if (e->listeners == NULL) {
			edition_unref(m, e);
			goto no_memory;
		}
	}
	for (size_t i = 0; i < app->n_listeners; i++) {
		const struct listener_spec *spec = &app->listeners[i];

		e->listeners[i] =
		    obtain(m, gen, app, old, spec, problem, sizeof(problem));
		if (e->listeners[i] == NULL) {
			snprintf(why, why_size, "%s:%d:%d: %s: listen.%s: %s",
			    gen->config->path, spec->pos.line, spec->pos.column,
			    app->name, spec->name, problem);
			edition_unref(m, e);
			return NULL;
		}
		e->n_listeners++;
	}
	return e;
no_memory:
	snprintf(why, why_size, "%s: out of memory", app->name);
	return NULL;
}

struct edition *
edition_ref(struct edition *e)
{
	e->refs++;
	return e;
}

void
edition_unref(struct master *m, struct edition *e)
{
	if (e == NULL || --e->refs > 0)
		return;
	for (size_t i = 0; i < e->n_listeners; i++)
		listener_unref(m, e->listeners[i]);
	free(e->listeners);
	generation_unref(e->gen);
	free(e);
}
