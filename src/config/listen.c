/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.c - the value of `listen`: one address or many, their names, options.
 */
#include "config/listen.h"

#include <stdio.h>
#include <string.h>

#include "config/address.h"
#include "config/read.h"
#include "config/scalars.h"

#define SPEC(field) offsetof(struct listener_spec, field)

enum {
	TCP = 1 << LISTENER_TCP,
	UDP = 1 << LISTENER_UDP,
	UNIX = 1 << LISTENER_UNIX,
	SYSTEMD = 1 << LISTENER_SYSTEMD,
	ANY = TCP | UDP | UNIX | SYSTEMD,
};

/* clang-format off */
static const struct config_key rows[] = {
	{ .name = "backlog", .type = T_INT, .dflt = "0", .min = 0,
	  .max = 1 << 20, .offset = SPEC(backlog),
	  .kinds = TCP | UNIX | SYSTEMD,
	  .help = "Connections that wait to be accepted; 0: as many as the "
		  "kernel allows." },
	{ .name = "defer_accept", .type = T_MSEC, .dflt = "0", .min = 0,
	  .max = 3600 * 1000, .offset = SPEC(defer_accept_ms), .kinds = TCP,
	  .help = "Wake a worker only when data has come (TCP_DEFER_ACCEPT); "
		  "0: off." },
	{ .name = "fastopen", .type = T_INT, .dflt = "0", .min = 0,
	  .max = 65535, .offset = SPEC(fastopen), .kinds = TCP,
	  .help = "Queue length of TCP_FASTOPEN; 0: off." },
	{ .name = "group", .type = T_STRING, .offset = SPEC(group),
	  .kinds = UNIX, .dflt_help = "unchanged",
	  .help = "Group of the socket's file." },
	{ .name = "ipv6only", .type = T_FLAG, .offset = SPEC(ipv6only),
	  .kinds = TCP | UDP, .dflt_help = "false",
	  .help = "Whether an IPv6 address takes IPv6 alone; [::] takes "
		  "IPv4, too, unless this says no." },
	{ .name = "mode", .type = T_MODE, .offset = SPEC(mode), .kinds = UNIX,
	  .dflt_help = "by umask",
	  .help = "Permission bits of the socket's file, in octal." },
	{ .name = "nodelay", .type = T_BOOL, .dflt = "true",
	  .offset = SPEC(nodelay), .kinds = TCP | SYSTEMD,
	  .help = "TCP_NODELAY, inherited by the connections." },
	{ .name = "nonblock", .type = T_BOOL, .dflt = "true",
	  .offset = SPEC(nonblock), .kinds = ANY,
	  .help = "O_NONBLOCK, shared by all workers; PHP-FPM wants false." },
	{ .name = "reuse_port", .type = T_BOOL, .dflt = "false",
	  .offset = SPEC(reuse_port), .kinds = TCP | UDP,
	  .help = "SO_REUSEPORT." },
	{ .name = "user", .type = T_STRING, .offset = SPEC(user),
	  .kinds = UNIX, .dflt_help = "unchanged",
	  .help = "Owner of the socket's file." },
};
/* clang-format on */

static const struct key_table table = { rows, COUNT(rows) };

const struct key_table *
keys_of_listen(void)
{
	return &table;
}

/* A listener being read. */
struct reading {
	struct parse *p;
	const char *where;
	struct listener_spec *spec;
	unsigned seen; /* a bit for each row */
	char *options; /* behind the address's '?'; NULL: none. In the arena */
};

static bool
is_address_key(const char *key)
{
	return strcmp(key, "address") == 0 || strcmp(key, "url") == 0;
}

static bool
has_address_key(const struct node *map)
{
	return node_find(map, "address") != NULL ||
	       node_find(map, "url") != NULL;
}

static bool
read_address(struct reading *r, const struct node *n, const char *where)
{
	struct listener_spec *spec = r->spec;
	const char *text;
	char *address, why[256];

	text = read_text(r->p, where, n, "an address", false);
	address = text != NULL ? parse_printf(r->p, "%s", text) : NULL;
	if (address == NULL)
		return false;
	r->options = strchr(address, '?');
	if (r->options != NULL)
		*r->options++ = '\0';
	spec->text = text;
	spec->pos = n->pos;
	if (address_parse(address, r->p->config->dir, spec, why, sizeof(why)) ==
	    0)
		return true;
	parse_error(r->p, n->pos, where, "%s", why);
	return false;
}

static void
name_kinds(unsigned kinds, char *out, size_t size)
{
	unsigned kind;
	size_t used;

	out[0] = '\0';
	for (kind = LISTENER_TCP; kind <= LISTENER_SYSTEMD; kind++) {
		used = strlen(out);
		if ((kinds & 1U << kind) != 0)
			snprintf(out + used, size - used, "%s%s",
			    used > 0 ? ", " : "", address_kind_name(kind));
	}
}

/* Why an option does not go with this address, or NULL. */
static const char *
find_misfit(const struct config_key *k, const struct listener_spec *spec,
    char *out, size_t size)
{
	const struct sockaddr *sa = (const struct sockaddr *)&spec->addr;
	char kinds[64];

	if ((k->kinds & 1U << spec->kind) == 0) {
		name_kinds(k->kinds, kinds, sizeof(kinds));
		snprintf(out, size, "%s does not go with %.80s: it is for %s",
		    k->name, spec->text, kinds);
		return out;
	}
	if (k->type == T_FLAG && sa->sa_family != AF_INET6) {
		snprintf(out, size,
		    "%s does not go with %.80s: it is for IPv6 addresses",
		    k->name, spec->text);
		return out;
	}
	if (k->kinds == UNIX && sa->sa_data[0] == '\0') {
		snprintf(out, size,
		    "%s does not go with %.80s: an abstract socket has no file",
		    k->name, spec->text);
		return out;
	}
	return NULL;
}

static bool
read_option(struct reading *r, const char *key, struct config_pos pos,
    const struct node *n)
{
	const struct config_key *k = key_find(&table, key);
	char why[256];
	unsigned bit;

	if (k == NULL) {
		key_explain_unknown(&table, key, why, sizeof(why));
		parse_error(r->p, pos, r->where, "%s", why);
		return false;
	}
	bit = 1U << (k - rows);
	if ((r->seen & bit) != 0) {
		parse_error(r->p, pos, r->where, "%s is given twice", k->name);
		return false;
	}
	r->seen |= bit;
	if (find_misfit(k, r->spec, why, sizeof(why)) != NULL) {
		parse_error(r->p, pos, r->where, "%s", why);
		return false;
	}
	return read_value(
	    r->p, k, parse_where(r->p, r->where, k->name), n, r->spec);
}

/* NAME=VALUE&NAME=VALUE; a NAME alone is true. */
static bool
read_query(struct reading *r)
{
	struct node n = { .kind = NODE_SCALAR,
		.quoted = true,
		.literal = true,
		.pos = r->spec->pos };
	char *option, *value, *rest = r->options;
	bool ok = true;

	while (rest != NULL && (option = strsep(&rest, "&")) != NULL) {
		value = strchr(option, '=');
		if (value != NULL)
			*value++ = '\0';
		n.text = value != NULL ? value : "true";
		ok = read_option(r, option, r->spec->pos, &n) && ok;
	}
	return ok;
}

static bool
read_name(struct reading *r, const struct node *n)
{
	const char *where = parse_where(r->p, r->where, "name");
	const char *name;

	name = read_text(r->p, where, n, "a name", false);
	if (name != NULL)
		r->spec->name = name;
	return name != NULL;
}

/* {address: ..., name: ..., backlog: ...} */
static bool
read_map(struct reading *r, const struct node *map)
{
	const struct pair *address = NULL, *pair;
	bool ok = true;
	size_t i;

	for (i = 0; i < map->count; i++) {
		if (!is_address_key(map->pairs[i].key))
			continue;
		if (address != NULL) {
			parse_error(r->p, map->pairs[i].pos, r->where,
			    "address and url are the same key");
			return false;
		}
		address = &map->pairs[i];
	}
	if (address == NULL) {
		parse_error(r->p, map->pos, r->where,
		    "has no address: write address: tcp://HOST:PORT");
		return false;
	}
	if (!read_address(
		r, address->value, parse_where(r->p, r->where, address->key)))
		return false;
	for (i = 0; i < map->count; i++) {
		pair = &map->pairs[i];
		if (pair == address)
			continue;
		ok = (strcmp(pair->key, "name") == 0
			     ? read_name(r, pair->value)
			     : read_option(
				   r, pair->key, pair->pos, pair->value)) &&
		     ok;
	}
	return ok;
}

static bool
check_name(struct reading *r, const struct app_config *app)
{
	const char *name = r->spec->name;
	size_t i;

	if (!scalar_is_label(name) || strlen(name) >= LISTENER_NAME_MAX) {
		parse_error(r->p, r->spec->pos, r->where,
		    "\"%.64s\" is no listener's name: letters, digits and "
		    ". _ -, at most %d",
		    name, LISTENER_NAME_MAX - 1);
		return false;
	}
	for (i = 0; i < app->n_listeners; i++)
		if (strcmp(app->listeners[i].name, name) == 0) {
			parse_error(r->p, r->spec->pos, r->where,
			    "two listeners are named \"%s\", the first in "
			    "line %d",
			    name, app->listeners[i].pos.line);
			return false;
		}
	return true;
}

/* One listener to the end of app->listeners, which has room. */
static bool
read_one(struct parse *p, const char *where, const struct node *n,
    const char *name, struct app_config *app)
{
	struct reading r = { .p = p,
		.where = where,
		.spec = &app->listeners[app->n_listeners] };
	size_t i;

	r.spec->name = name;
	r.spec->ipv6only = -1;
	r.spec->mode = -1;
	for (i = 0; i < COUNT(rows); i++)
		if (!read_default(p, &rows[i], r.spec))
			return false;
	if (n->kind == NODE_MAP ? !read_map(&r, n)
				: !read_address(&r, n, where))
		return false;
	if (!read_query(&r) || !check_name(&r, app))
		return false;
	app->n_listeners++;
	return true;
}

static bool
read_each(struct parse *p, const char *where, const struct node *n,
    struct app_config *app)
{
	const char *name, *at;
	bool ok = true;
	size_t i;

	for (i = 0; i < n->count && !p->oom; i++) {
		name = n->kind == NODE_MAP
			   ? parse_printf(p, "%s", n->pairs[i].key)
			   : parse_printf(p, "%zu", i);
		if (name == NULL)
			return false;
		at = arena_printf(p->scratch,
		    n->kind == NODE_MAP ? "%s.%.64s" : "%s[%s]", where, name);
		p->oom = p->oom || at == NULL;
		ok = !p->oom &&
		     read_one(p, at,
			 n->kind == NODE_MAP ? n->pairs[i].value : n->items[i],
			 name, app) &&
		     ok;
	}
	return ok;
}

bool
listen_read(struct parse *p, const char *where, const struct node *n,
    struct app_config *app)
{
	bool lone = n->kind == NODE_SCALAR || has_address_key(n);
	size_t count = lone ? 1 : n->count;
	char found[128];

	if (node_is_null(n)) {
		parse_error(p, n->pos, where, "wants %s, found %s",
		    key_type_wants(T_LISTEN),
		    node_describe(n, found, sizeof(found)));
		return false;
	}
	if (count > LISTENERS_MAX) {
		parse_error(p, n->pos, where, "%zu listeners: at most %d",
		    count, LISTENERS_MAX);
		return false;
	}
	app->n_listeners = 0; /* those of `defaults` give way */
	app->listeners = parse_alloc(p, count * sizeof(*app->listeners));
	if (app->listeners == NULL)
		return false;
	if (lone)
		return read_one(p, where, n, "default", app);
	return read_each(p, where, n, app);
}
