/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.c - an ecosystem file's text to a struct config.
 *
 * The steps: text to nodes, nodes to drafts (one an app), drafts resolved, apps
 * held against each other. Later steps run although earlier ones found errors
 * wherever they can, so that one look shows them all.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/files.h>
#include <clusterd/paths.h>

#include "config/read.h"

enum {
	CONFIG_ARENA_MAX = 64 * 1024 * 1024,
	SCRATCH_ARENA_MAX = 128 * 1024 * 1024,
};

void
parse_error(struct parse *p, struct config_pos pos, const char *where,
    const char *fmt, ...)
{
	char text[896];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	config_errors_add(p->errors, p->path, pos, "%.200s%s%s", where,
	    where[0] != '\0' ? ": " : "", text);
}

void *
parse_alloc(struct parse *p, size_t bytes)
{
	void *mem = arena_alloc(p->arena, bytes);

	p->oom = p->oom || mem == NULL;
	return mem;
}

char *
parse_printf(struct parse *p, const char *fmt, ...)
{
	char *text = NULL, *copy;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	copy = n < 0 ? NULL : arena_strdup(p->arena, text);
	if (n >= 0)
		free(text);
	p->oom = p->oom || copy == NULL;
	return copy;
}

const char *
parse_where(struct parse *p, const char *where, const char *key)
{
	const char *text;

	text = arena_printf(p->scratch, "%.160s%s%.64s", where,
	    where[0] != '\0' && key[0] != '[' ? "." : "", key);
	p->oom = p->oom || text == NULL;
	return text != NULL ? text : "";
}

static bool
is_bare_app(const struct node *root)
{
	const struct config_key *k;
	size_t i;

	for (i = 0; i < root->count; i++) {
		k = key_find(keys_of_app(), root->pairs[i].key);
		if (k != NULL && (strcmp(k->name, "script") == 0 ||
				     strcmp(k->name, "command") == 0))
			return true;
	}
	return false;
}

static void
read_top_key(struct parse *p, const struct pair *pair, struct top_level *top)
{
	const struct config_key *k = key_find(keys_of_top(), pair->key);
	const struct node **field;
	char why[256];

	if (k == NULL) {
		key_explain_unknown(keys_of_top(), pair->key, why, sizeof(why));
		parse_error(p, pair->pos, "", "%s", why);
		return;
	}
	field = (const struct node **)(void *)((char *)top + k->offset);
	if (*field != NULL)
		parse_error(p, pair->pos, pair->key,
		    "is given twice, in two spellings");
	*field = pair->value;
}

/* The three shapes a file may have: with `apps`, a bare list, one bare app. */
static bool
read_top_level(struct parse *p, const struct node *root, struct top_level *top)
{
	const struct config_pos pos = root->pos;
	char found[128];
	size_t i;

	if (root->kind == NODE_LIST) {
		top->apps = root;
		return true;
	}
	if (root->kind != NODE_MAP) {
		parse_error(p, pos, "", "wants a map with apps, found %s",
		    node_describe(root, found, sizeof(found)));
		return false;
	}
	if (node_find(root, "apps") == NULL && is_bare_app(root)) {
		top->apps = root;
		return true;
	}
	for (i = 0; i < root->count; i++)
		read_top_key(p, &root->pairs[i], top);
	if (top->apps == NULL)
		parse_error(
		    p, pos, "", "no apps: add a list `apps` of what is to run");
	return top->apps != NULL;
}

static void
find_log_dir(struct parse *p, const struct top_level *top)
{
	char path[4096];
	const char *text;

	if (top->log_dir == NULL) {
		if (paths_log_dir(path, sizeof(path)) == 0)
			p->log_dir = parse_printf(p, "%s", path);
		return;
	}
	text = read_text(
	    p, "log_dir", top->log_dir, key_type_wants(T_PATH), false);
	if (text != NULL)
		p->log_dir = resolve_path(
		    p, top->log_dir->pos, "log_dir", p->config->dir, text);
}

static void
read_app(struct parse *p, const struct draft *base, const struct node *n,
    const char *where, const char *name)
{
	struct app_config *app = &p->config->apps[p->config->n_apps];
	struct draft *d;
	char found[128];

	if (n->kind != NODE_MAP) {
		parse_error(p, n->pos, where, "wants a map of keys, found %s",
		    node_describe(n, found, sizeof(found)));
		return;
	}
	d = arena_alloc(p->scratch, sizeof(*d));
	p->oom = p->oom || d == NULL;
	if (d == NULL || !draft_init(p, d, base))
		return;
	d->app.pos = n->pos;
	d->app.name = name;
	draft_read(p, d, n, where, false);
	if (p->oom)
		return;
	if (name != NULL && draft_given(d, "name") != NULL)
		parse_error(p, draft_pos(d, "name"), draft_where(p, d, "name"),
		    "the app has its name, %.64s, from the map of apps", name);
	resolve_app(p, d);
	*app = d->app;
	p->config->n_apps++;
}

static bool
check_app_count(struct parse *p, const struct node *apps)
{
	char found[128];

	if (apps->kind == NODE_SCALAR)
		parse_error(p, apps->pos, "apps", "wants %s, found %s",
		    key_type_wants(T_APPS),
		    node_describe(apps, found, sizeof(found)));
	else if (apps->count == 0)
		parse_error(p, apps->pos, "apps", "names no app");
	else if (apps->count > APPS_MAX)
		parse_error(p, apps->pos, "apps", "%zu apps: at most %d",
		    apps->count, APPS_MAX);
	else if (apps->kind == NODE_MAP && is_bare_app(apps) &&
		 apps->pairs[0].value->kind == NODE_SCALAR)
		parse_error(p, apps->pos, "apps",
		    "is one app: put it into a list, [ ... ] or behind a -");
	else
		return true;
	return false;
}

static void
read_named_app(
    struct parse *p, const struct draft *base, const struct pair *pair)
{
	const char *where = parse_where(p, "apps", pair->key);
	struct node key = { .kind = NODE_SCALAR,
		.pos = pair->pos,
		.text = pair->key,
		.quoted = true,
		.literal = true };
	struct app_config named = { .name = NULL };
	const struct config_key *k = key_find(keys_of_app(), "name");

	if (read_value(p, k, where, &key, &named))
		read_app(p, base, pair->value, where, named.name);
}

static void
read_apps(struct parse *p, const struct draft *base, const struct node *root,
    const struct node *apps)
{
	struct config *c = p->config;
	char index[32];
	size_t i, n = apps == root && root->kind == NODE_MAP ? 1 : apps->count;

	c->apps = parse_alloc(p, n * sizeof(*c->apps));
	if (c->apps == NULL)
		return;
	if (apps == root && root->kind == NODE_MAP) {
		read_app(p, base, root, "", NULL);
		return;
	}
	for (i = 0; i < n && !p->oom; i++) {
		if (apps->kind == NODE_MAP) {
			read_named_app(p, base, &apps->pairs[i]);
			continue;
		}
		snprintf(index, sizeof(index), "[%zu]", i);
		read_app(p, base, apps->items[i],
		    parse_where(p, apps == root ? "" : "apps", index), NULL);
	}
}

static void
read_root(struct parse *p, const struct node *root)
{
	struct top_level top = { NULL, NULL, NULL };
	struct draft *base;
	char found[128];

	if (!read_top_level(p, root, &top))
		return;
	base = arena_alloc(p->scratch, sizeof(*base));
	p->oom = p->oom || base == NULL;
	if (base == NULL || !draft_init(p, base, NULL))
		return;
	find_log_dir(p, &top);
	if (top.defaults != NULL && top.defaults->kind != NODE_MAP)
		parse_error(p, top.defaults->pos, "defaults",
		    "wants a map of app keys, found %s",
		    node_describe(top.defaults, found, sizeof(found)));
	else if (top.defaults != NULL)
		draft_read(p, base, top.defaults, "defaults", true);
	if (top.apps != root && !check_app_count(p, top.apps))
		return;
	if (root->kind == NODE_LIST && !check_app_count(p, root))
		return;
	if (!p->oom)
		read_apps(p, base, root, top.apps);
	if (p->oom)
		return;
	env_check_chosen(p, root, &top);
	check_conflicts(p);
}

/* Absolute path of the file, and its folder. */
static int
set_paths(struct config *c, const char *path, const char *env_name)
{
	char cwd[4096], full[4096], *slash, *dir;

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		return -errno;
	if (path_join(cwd, path, full, sizeof(full)) < 0)
		return -ENAMETOOLONG;
	c->path = arena_strdup(c->arena, full);
	slash = strrchr(full, '/');
	if (slash != NULL)
		slash[slash == full ? 1 : 0] = '\0';
	c->dir = dir = arena_strdup(c->arena, full);
	if (env_name != NULL)
		c->env_name = arena_strdup(c->arena, env_name);
	if (c->path == NULL || dir == NULL ||
	    (env_name != NULL && c->env_name == NULL))
		return -ENOMEM;
	/* "/srv/." is "/srv" */
	while (strlen(dir) > 2 && strcmp(dir + strlen(dir) - 2, "/.") == 0)
		dir[strlen(dir) - 2] = '\0';
	return 0;
}

static struct config *
new_config(void)
{
	struct arena *a = arena_new(CONFIG_ARENA_MAX);
	struct config *c;

	if (a == NULL)
		return NULL;
	c = arena_alloc(a, sizeof(*c));
	if (c == NULL)
		arena_free(a);
	else
		c->arena = a;
	return c;
}

int
config_parse(const char *text, size_t len, const char *path,
    const char *env_name, struct config **out, struct config_errors *errors)
{
	struct parse p = {
		.errors = errors, .path = path, .env_name = env_name
	};
	size_t errors_before = errors->count;
	struct node *root;
	int rc;

	p.config = new_config();
	p.scratch = arena_new(SCRATCH_ARENA_MAX);
	if (p.config == NULL || p.scratch == NULL) {
		config_free(p.config);
		arena_free(p.scratch);
		return -ENOMEM;
	}
	p.arena = p.config->arena;
	rc = set_paths(p.config, path, env_name);
	p.config->text = arena_strndup(p.arena, text, len);
	p.config->text_len = len;
	if (p.config->text == NULL)
		rc = -ENOMEM;
	if (rc < 0 && rc != -ENOMEM)
		parse_error(&p, (struct config_pos){ 0, 0 }, "",
		    "cannot find out the file's folder: %s", strerror(-rc));
	if (rc == 0) {
		root = document_read(&p, text, len);
		if (root != NULL)
			read_root(&p, root);
	}
	arena_free(p.scratch);
	if (p.oom || rc == -ENOMEM)
		rc = -ENOMEM;
	else if (errors->count > errors_before)
		rc = -EINVAL;
	if (rc < 0) {
		config_free(p.config);
		return rc == -ENOMEM ? -ENOMEM : -EINVAL;
	}
	*out = p.config;
	return 0;
}
