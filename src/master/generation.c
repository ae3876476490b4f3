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

static struct edition *
edition_alloc(struct generation *gen, const struct app_config *app)
{
	struct edition *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	if (app->n_listeners > 0)
		e->listeners = calloc(app->n_listeners, sizeof(*e->listeners));
	if (app->n_listeners > 0 && e->listeners == NULL) {
		free(e);
		return NULL;
	}
	e->refs = 1;
	e->gen = generation_ref(gen);
	e->app = app;
	return e;
}

struct edition *
edition_new(struct master *m, struct generation *gen,
    const struct app_config *app, const struct edition *old,
    struct config_errors *errors)
{
	struct edition *e = edition_alloc(gen, app);
	char why[512];

	if (e == NULL)
		config_errors_add(errors, gen->config->path, app->pos,
		    "%s: out of memory", app->name);
	for (size_t i = 0; e != NULL && i < app->n_listeners; i++) {
		const struct listener_spec *spec = &app->listeners[i];

		e->listeners[i] =
		    obtain(m, gen, app, old, spec, why, sizeof(why));
		if (e->listeners[i] == NULL) {
			config_errors_add(errors, gen->config->path, spec->pos,
			    "%s: listen.%s: %s", app->name, spec->name, why);
			edition_unref(m, e);
			return NULL;
		}
		e->n_listeners++;
	}
	return e;
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
