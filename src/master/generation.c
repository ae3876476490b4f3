/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generation.c - counted configurations, editions and their listeners.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "master/generation.h"
#include "master/link.h"
#include "master/listener.h"
#include "master/listeners.h"

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

static bool
is_bound_as(int fd, const struct listener_spec *spec)
{
	struct sockaddr_storage addr = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(addr);

	return getsockname(fd, (struct sockaddr *)&addr, &len) == 0 &&
	       listeners_fit(spec, &addr);
}

/* A listener kept over a master's death. There may be two of that name, when
 * the master died while its address was changed. -1: none. */
static int
take_kept(struct master *m, const char *app, const struct listener_spec *spec,
    char *held)
{
	char prefix[HELD_NAME_MAX];
	struct held_fd *h;

	snprintf(
	    prefix, sizeof(prefix), "%s%s/%s#", HELD_LISTENER, app, spec->name);
	TAILQ_FOREACH (h, &m->held, link)
		if (strncmp(h->name, prefix, strlen(prefix)) == 0 &&
		    is_bound_as(h->fd, spec)) {
			snprintf(held, HELD_NAME_MAX, "%s", h->name);
			return link_take_held(m, held);
		}
	return -1;
}

/* What init gave us under that name, which it gives only once: a later edition
 * may want it again. */
static int
copy_given(struct master *m, const struct listener_spec *spec)
{
	char name[HELD_NAME_MAX];
	struct held_fd *h;

	snprintf(name, sizeof(name), "%s%s", HELD_SYSTEMD,
	    spec->kind == LISTENER_SYSTEMD ? spec->systemd_name : spec->name);
	TAILQ_FOREACH (h, &m->held, link)
		if (strcmp(h->name, name) == 0)
			return fcntl(h->fd, F_DUPFD_CLOEXEC, 0);
	return -1;
}

/* A socket for `spec` that is open already; NULL with "" in `why`: none is. */
static struct listener *
obtain_open(struct master *m, const struct generation *gen, const char *app,
    const struct listener_spec *spec, char *held, char *why, size_t why_size)
{
	int fd = take_kept(m, app, spec, held);

	why[0] = '\0';
	if (fd != -1)
		return listener_adopt(spec, fd, why, why_size);
	snprintf(held, HELD_NAME_MAX, "%s%s/%s#%llu", HELD_LISTENER, app,
	    spec->name, (unsigned long long)gen->number);
	fd = copy_given(m, spec);
	if (fd != -1)
		return listener_adopt(spec, fd, why, why_size);
	return listeners_share(m, gen->whole ? NULL : app, spec, why, why_size);
}

static struct listener *
obtain(struct master *m, const struct generation *gen, const char *app,
    const struct listener_spec *spec, char *why, size_t why_size)
{
	char held[HELD_NAME_MAX];
	struct listener *l =
	    obtain_open(m, gen, app, spec, held, why, why_size);

	if (l == NULL && why[0] != '\0')
		return NULL;
	if (l == NULL && spec->kind == LISTENER_SYSTEMD) {
		snprintf(why, why_size,
		    "init gave no socket named \"%s\" "
		    "(FileDescriptorName= of a .socket unit)",
		    spec->systemd_name);
		return NULL;
	}
	if (l == NULL && listener_open(spec, &l, why, why_size) != 0)
		return NULL;
	memcpy(l->held, held, sizeof(l->held));
	listeners_add(m, l, app);
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

		struct listener *same = find_same(old, spec);

		e->listeners[i] = same != NULL ? listener_ref(same)
					       : obtain(m, gen, app->name, spec,
						     why, sizeof(why));
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
