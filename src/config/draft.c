/* SPDX-License-Identifier: Apache-2.0 */
/*
 * draft.c - the keys of one app, each read by its row of the table.
 */
#include <stdio.h>
#include <string.h>

#include "config/read.h"

/* One map being read: which rows it has named so far, and how. */
struct reading {
	struct parse *p;
	struct draft *d;
	const char *where;
	bool in_defaults;
	const char *spelled[APP_KEYS_MAX]; /* borrowed from the tree */
};

static size_t
row_of(const char *key)
{
	const struct key_table *t = keys_of_app();

	return (size_t)(key_find(t, key) - t->rows);
}

bool
draft_init(struct parse *p, struct draft *d, const struct draft *from)
{
	const struct key_table *t = keys_of_app();
	const char **none;
	size_t i;

	if (from != NULL) {
		*d = *from;
		return env_copy(p, &d->env, &from->env) &&
		       env_copy(p, &d->env_chosen, &from->env_chosen);
	}
	none = parse_alloc(p, sizeof(*none));
	d->app.args.items = none;
	d->app.interpreter_args.items = none;
	d->app.command.items = none;
	d->where = "";
	for (i = 0; i < t->count; i++)
		if (!read_default(p, &t->rows[i], &d->app))
			return false;
	return none != NULL;
}

static void
say_unknown(struct reading *r, const struct pair *pair)
{
	char why[256];

	key_explain_unknown(keys_of_app(), pair->key, why, sizeof(why));
	parse_error(r->p, pair->pos, r->where, "%s", why);
}

/* env_NAME: laid over env when it is the one of --env, else only looked at. */
static void
read_env_choice(struct reading *r, const struct pair *pair)
{
	const char *name = pair->key + strlen("env_");
	struct env_draft ignored = { NULL, 0, 0 };
	bool chosen =
	    r->p->env_name != NULL && strcmp(r->p->env_name, name) == 0;

	if (name[0] == '\0' || strcmp(pair->key, "env_file") == 0) {
		say_unknown(r, pair);
		return;
	}
	env_read(r->p, parse_where(r->p, r->where, pair->key), pair->value,
	    chosen ? &r->d->env_chosen : &ignored);
}

/* PM2 calls the script `command`, too. */
static const struct config_key *
find_row(const struct pair *pair)
{
	const struct config_key *k = key_find(keys_of_app(), pair->key);

	if (k != NULL && k->type == T_COMMAND &&
	    pair->value->kind == NODE_SCALAR)
		return key_find(keys_of_app(), "script");
	return k;
}

static bool
check_allowed(
    struct reading *r, const struct config_key *k, const struct pair *pair)
{
	const char **spelled = &r->spelled[k - keys_of_app()->rows];

	if (r->in_defaults && k->per_app) {
		parse_error(r->p, pair->pos, r->where,
		    "%s cannot be shared by all apps: say it in each app",
		    k->name);
		return false;
	}
	if (*spelled != NULL) {
		parse_error(r->p, pair->pos, r->where,
		    "%s is given twice, as \"%s\" and as \"%.64s\"", k->name,
		    *spelled, pair->key);
		return false;
	}
	*spelled = pair->key;
	return true;
}

static void
read_pair(struct reading *r, const struct pair *pair)
{
	const struct config_key *k = find_row(pair);
	struct draft *d = r->d;
	const char *where;
	bool ok;

	if (k == NULL && strncmp(pair->key, "env_", strlen("env_")) == 0) {
		read_env_choice(r, pair);
		return;
	}
	if (k == NULL) {
		say_unknown(r, pair);
		return;
	}
	if (!check_allowed(r, k, pair))
		return;
	where = parse_where(r->p, r->where, pair->key);
	if (k->type == T_ENV)
		ok = env_read(r->p, where, pair->value, &d->env);
	else if (k->type == T_LISTEN)
		ok = listen_read(r->p, where, pair->value, &d->app);
	else
		ok = read_value(r->p, k, where, pair->value, &d->app);
	/* Given, if wrong: what follows must not say that it is missing. */
	d->given[k - keys_of_app()->rows] = pair->value;
	d->spelled[k - keys_of_app()->rows] = where;
	d->broken = d->broken || !ok;
}

void
draft_read(struct parse *p, struct draft *d, const struct node *map,
    const char *where, bool in_defaults)
{
	struct reading r = {
		.p = p, .d = d, .where = where, .in_defaults = in_defaults
	};
	size_t i;

	d->where = where;
	for (i = 0; i < map->count && !p->oom; i++)
		read_pair(&r, &map->pairs[i]);
}

const struct node *
draft_given(const struct draft *d, const char *key)
{
	return d->given[row_of(key)];
}

struct config_pos
draft_pos(const struct draft *d, const char *key)
{
	const struct node *n = draft_given(d, key);

	return n != NULL ? n->pos : d->app.pos;
}

const char *
draft_where(struct parse *p, const struct draft *d, const char *key)
{
	const char *spelled = d->spelled[row_of(key)];

	return spelled != NULL ? spelled : parse_where(p, d->where, key);
}
