/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conflicts.c - apps held against each other: names, addresses.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "config/address.h"
#include "config/parse.h"

static void
check_names(struct parse *p)
{
	const struct config *c = p->config;
	size_t i, j;

	for (i = 0; i < c->n_apps; i++)
		for (j = 0; j < i; j++)
			if (c->apps[i].name[0] != '\0' &&
			    strcmp(c->apps[i].name, c->apps[j].name) == 0) {
				parse_error(p, c->apps[i].pos, "",
				    "two apps are named \"%s\", the first in "
				    "line %d: give each its own name",
				    c->apps[i].name, c->apps[j].pos.line);
				break;
			}
}

struct use {
	const struct app_config *app;
	const struct listener_spec *spec;
};

static int
compare_addresses(const struct listener_spec *a, const struct listener_spec *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind == LISTENER_SYSTEMD)
		return strcmp(a->systemd_name, b->systemd_name);
	if (a->addr_len != b->addr_len)
		return a->addr_len < b->addr_len ? -1 : 1;
	return memcmp(&a->addr, &b->addr, a->addr_len);
}

/* Equal addresses in the order of the file: apps lie in one array. */
static int
compare_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = compare_addresses(x->spec, y->spec);

	if (order != 0)
		return order;
	if (x->app != y->app)
		return x->app < y->app ? -1 : 1;
	return x->spec < y->spec ? -1 : x->spec > y->spec;
}

/* The kernel chooses another port for each. */
static bool
has_port_0(const struct listener_spec *spec)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&spec->addr;
	const struct sockaddr_in6 *v6 =
	    (const struct sockaddr_in6 *)&spec->addr;

	if (spec->kind == LISTENER_UNIX || spec->kind == LISTENER_SYSTEMD)
		return false;
	return (v4->sin_family == AF_INET ? v4->sin_port : v6->sin6_port) == 0;
}

static void
check_addresses(struct parse *p)
{
	const struct config *c = p->config;
	struct use *uses;
	size_t i, j, n = 0;

	for (i = 0; i < c->n_apps; i++)
		n += c->apps[i].n_listeners;
	uses = arena_alloc(p->scratch, n * sizeof(*uses));
	if (uses == NULL) {
		p->oom = true;
		return;
	}
	n = 0;
	for (i = 0; i < c->n_apps; i++)
		for (j = 0; j < c->apps[i].n_listeners; j++)
			uses[n++] = (struct use){ &c->apps[i],
				&c->apps[i].listeners[j] };
	qsort(uses, n, sizeof(*uses), compare_uses);
	for (i = 1; i < n; i++) {
		const struct use *first = &uses[i - 1], *again = &uses[i];

		if (compare_addresses(first->spec, again->spec) != 0 ||
		    has_port_0(again->spec))
			continue;
		parse_error(p, again->spec->pos, "",
		    "%s: %.80s is already a listener of %s, in line %d",
		    again->app->name, again->spec->text, first->app->name,
		    first->spec->pos.line);
	}
}

void
check_conflicts(struct parse *p)
{
	check_names(p);
	check_addresses(p);
}
