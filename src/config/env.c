/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env.c - the layers of env: of defaults, of the app, and those of --env NAME.
 *
 * Layers are laid over each other as nodes. Only what is left in the end is
 * interpolated, so that a secret of production need not be set elsewhere.
 */
#include <stdio.h>
#include <string.h>

#include <clusterd/suggest.h>

#include "config/read.h"

enum { ENV_VARS_MAX = 1024 };

static struct env_entry *
find_entry(const struct env_draft *env, const char *name)
{
	size_t i;

	for (i = 0; i < env->count; i++)
		if (strcmp(env->entries[i].name, name) == 0)
			return &env->entries[i];
	return NULL;
}

static bool
reserve(struct parse *p, struct env_draft *env, size_t cap)
{
	struct env_entry *entries;

	if (cap <= env->cap)
		return true;
	entries = arena_alloc(p->scratch, cap * sizeof(*entries));
	if (entries == NULL) {
		p->oom = true;
		return false;
	}
	if (env->count > 0)
		memcpy(entries, env->entries, env->count * sizeof(*entries));
	env->entries = entries;
	env->cap = cap;
	return true;
}

/* Over an entry of the same name, in its place; else at the end. */
static bool
put_entry(struct parse *p, struct env_draft *env, const struct env_entry *e)
{
	struct env_entry *old = find_entry(env, e->name);

	if (old != NULL) {
		*old = *e;
		return true;
	}
	if (env->count >= ENV_VARS_MAX) {
		parse_error(p, e->value->pos, e->where,
		    "more than %d variables", ENV_VARS_MAX);
		return false;
	}
	if (env->count == env->cap &&
	    !reserve(p, env, env->cap == 0 ? 8 : env->cap * 2))
		return false;
	env->entries[env->count++] = *e;
	return true;
}

static bool
check_entry(struct parse *p, const struct pair *pair, const char *where)
{
	const struct node *n = pair->value;

	if (pair->key[0] == '\0' || strchr(pair->key, '=') != NULL)
		parse_error(p, pair->pos, where,
		    "\"%.64s\" cannot be a variable's name", pair->key);
	else if (n->kind != NODE_SCALAR)
		parse_error(p, n->pos, where,
		    "wants one value, found %s: write it as a string",
		    n->kind == NODE_LIST ? "a list" : "a map");
	else if (node_is_null(n))
		parse_error(p, n->pos, where,
		    "wants a value, found nothing; \"\" is the empty string");
	else
		return true;
	return false;
}

bool
env_read(struct parse *p, const char *where, const struct node *map,
    struct env_draft *env)
{
	struct env_entry e;
	char found[128];
	bool ok = true;
	size_t i;

	if (map->kind != NODE_MAP) {
		parse_error(p, map->pos, where, "wants %s, found %s",
		    key_type_wants(T_ENV),
		    node_describe(map, found, sizeof(found)));
		return false;
	}
	for (i = 0; i < map->count; i++) {
		e.name = map->pairs[i].key;
		e.value = map->pairs[i].value;
		e.where = parse_where(p, where, e.name);
		if (!check_entry(p, &map->pairs[i], e.where))
			ok = false;
		else if (!put_entry(p, env, &e))
			return false;
	}
	return ok;
}

bool
env_copy(struct parse *p, struct env_draft *to, const struct env_draft *from)
{
	size_t count = from->count;

	*to = (struct env_draft){ NULL, 0, 0 };
	if (!reserve(p, to, count))
		return false;
	if (count > 0)
		memcpy(
		    to->entries, from->entries, count * sizeof(*to->entries));
	to->count = count;
	return true;
}

void
env_finish(struct parse *p, struct draft *d)
{
	struct config_env *env = &d->app.env;
	const struct env_entry *e;
	struct config_var *var;
	size_t i;

	for (i = 0; i < d->env_chosen.count; i++)
		if (!put_entry(p, &d->env, &d->env_chosen.entries[i]))
			return;
	env->vars = parse_alloc(p, d->env.count * sizeof(*env->vars));
	for (i = 0; i < d->env.count && !p->oom; i++) {
		e = &d->env.entries[i];
		var = &env->vars[env->count];
		var->name = parse_printf(p, "%s", e->name);
		var->value =
		    read_text(p, e->where, e->value, "one value", true);
		if (var->value != NULL && !p->oom)
			env->count++;
	}
}

enum { CHOICES_MAX = 64 };

/* The names after env_ that a map of app keys offers, each once. */
static size_t
collect_choices(const struct node *map, const char **names, size_t n)
{
	const char *name;
	size_t i, j;

	for (i = 0; map->kind == NODE_MAP && i < map->count; i++) {
		if (strncmp(map->pairs[i].key, "env_", strlen("env_")) != 0)
			continue;
		name = map->pairs[i].key + strlen("env_");
		for (j = 0; j < n; j++)
			if (strcmp(names[j], name) == 0)
				break;
		if (j == n && n < CHOICES_MAX)
			names[n++] = name;
	}
	return n;
}

static size_t
collect_all_choices(
    const struct node *root, const struct top_level *top, const char **names)
{
	const struct node *apps = top->apps;
	size_t i, n = 0;

	if (top->defaults != NULL)
		n = collect_choices(top->defaults, names, n);
	if (apps == root && root->kind == NODE_MAP)
		return collect_choices(root, names, n);
	for (i = 0; i < apps->count; i++)
		n = collect_choices(apps->kind == NODE_MAP
					? apps->pairs[i].value
					: apps->items[i],
		    names, n);
	return n;
}

void
env_check_chosen(
    struct parse *p, const struct node *root, const struct top_level *top)
{
	const char *names[CHOICES_MAX];
	char list[256] = "";
	size_t i, n, used;

	if (p->env_name == NULL)
		return;
	n = collect_all_choices(root, top, names);
	for (i = 0; i < n; i++)
		if (strcmp(names[i], p->env_name) == 0)
			return;
	for (i = 0; i < n; i++) {
		used = strlen(list);
		snprintf(list + used, sizeof(list) - used, "%senv_%.32s",
		    i > 0 ? ", " : "", names[i]);
	}
	parse_error(p, (struct config_pos){ 0, 0 }, "",
	    "--env %.64s: no app has env_%.64s (there is %s)", p->env_name,
	    p->env_name, n > 0 ? list : "no env_NAME at all");
}
