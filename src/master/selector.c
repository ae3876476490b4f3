/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selector.c - which slots somebody means.
 */
#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/suggest.h>

#include "master/pool.h"
#include "master/selector.h"

enum { PART_MAX = 256 };

static int
compare_ids(const void *a, const void *b)
{
	const struct slot_ctx *const *x = a, *const *y = b;

	return ((*x)->slot.pm_id > (*y)->slot.pm_id) -
	       ((*x)->slot.pm_id < (*y)->slot.pm_id);
}

static bool
is_number(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n < 10 && text[n] == '\0';
}

/* What one part of a selector is compared with. */
struct matcher {
	enum { BY_ALL, BY_NAME, BY_ID, BY_REGEX, BY_NAMESPACE } by;
	const char *text;
	uint32_t id;
	regex_t regex;
};

static bool
matches(const struct matcher *k, const struct slot_ctx *ctx)
{
	const struct pool *p = ctx->pool;

	switch (k->by) {
	case BY_ALL:
		return true;
	case BY_NAME:
		return strcmp(p->name, k->text) == 0;
	case BY_ID:
		return ctx->slot.pm_id == k->id;
	case BY_REGEX:
		return regexec(&k->regex, p->name, 0, NULL, 0) == 0;
	case BY_NAMESPACE:
		return strcmp(p->edition->app->namespace, k->text) == 0;
	}
	return false;
}

/*
 * Can the C library be trusted with it? It copies what is repeated by + and {},
 * nested ones multiply, and a back reference is tried in every way: some dozen
 * bytes would hold up the master for hours.
 */
static bool
is_affordable(const char *regex)
{
	enum { COPIES_MAX = 4096 };
	unsigned long copies = 1;

	for (const char *c = regex; *c != '\0' && copies <= COPIES_MAX; c++) {
		unsigned long n;
		char *end;

		if (*c == '\\' && isdigit((unsigned char)c[1]))
			return false;
		if (*c == '\\' && c[1] != '\0')
			c++;
		else if (*c == '+')
			copies *= 2;
		else if (*c == '{') {
			n = strtoul(c + 1, &end, 10);
			if (*end == ',')
				n = strtoul(end + 1, NULL, 10) > n
					? strtoul(end + 1, NULL, 10)
					: n + 1;
			copies *= n < 2 ? 2 : n <= COPIES_MAX ? n : COPIES_MAX;
		}
	}
	return copies <= COPIES_MAX;
}

static int
matcher_init(
    struct matcher *k, struct master *m, char *part, char *why, size_t why_size)
{
	size_t len = strlen(part);
	char problem[128];
	int rc;

	k->text = part;
	if (len > 2 && part[0] == '/' && part[len - 1] == '/') {
		part[len - 1] = '\0';
		k->by = BY_REGEX;
		if (!is_affordable(part + 1)) {
			snprintf(why, why_size,
			    "the regular expression %s/ is too costly: no back "
			    "references, and few + and {}",
			    part);
			return -EINVAL;
		}
		rc = regcomp(&k->regex, part + 1, REG_EXTENDED | REG_NOSUB);
		if (rc == 0)
			return 0;
		regerror(rc, &k->regex, problem, sizeof(problem));
		snprintf(why, why_size, "bad regular expression %s/: %s", part,
		    problem);
		return -EINVAL;
	}
	k->by = BY_NAMESPACE;
	if (strcmp(part, "all") == 0) {
		k->by = BY_ALL;
	} else if (pool_find(m, part) != NULL) {
		k->by = BY_NAME;
	} else if (is_number(part)) {
		k->by = BY_ID;
		k->id = (uint32_t)atoi(part);
	}
	return 0;
}

/* True if something matches, be it selected already. */
static bool
add_matching(struct master *m, const struct matcher *k, struct selection *sel)
{
	size_t before = sel->count; /* of the parts so far */
	bool found = false;
	struct slot_ctx *ctx;
	struct pool *p;

	TAILQ_FOREACH (p, &m->pools, link)
		TAILQ_FOREACH (ctx, &p->slots, link) {
			bool known = false;

			if (ctx->slot.removing || !matches(k, ctx))
				continue;
			found = true;
			for (size_t i = 0; i < before && !known; i++)
				known = sel->slots[i] == ctx;
			if (!known && sel->count < WORKERS_MAX)
				sel->slots[sel->count++] = ctx;
		}
	return found;
}

static void
say_nothing_matches(
    struct master *m, const char *part, char *why, size_t why_size)
{
	const char *names[APPS_MAX], *near;
	size_t n = 0;
	struct pool *p;

	TAILQ_FOREACH (p, &m->pools, link)
		if (n < APPS_MAX)
			names[n++] = p->name;
	near = suggest_closest(part, names, n);
	snprintf(why, why_size, "no app, id or namespace matches \"%s\"%s%s%s",
	    part, near != NULL ? "; did you mean \"" : "",
	    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

static int
add_part(struct master *m, const char *part, struct selection *sel, char *why,
    size_t why_size)
{
	struct matcher k;
	char copy[PART_MAX];
	bool found;
	int rc;

	if (strlen(part) >= sizeof(copy)) {
		snprintf(why, why_size, "a selector is at most %d bytes long",
		    PART_MAX - 1);
		return -EINVAL;
	}
	strcpy(copy, part);
	rc = matcher_init(&k, m, copy, why, why_size);
	if (rc != 0)
		return rc;
	found = add_matching(m, &k, sel);
	if (k.by == BY_REGEX)
		regfree(&k.regex);
	if (found || k.by == BY_ALL)
		return 0;
	say_nothing_matches(m, part, why, why_size);
	return -ENOENT;
}

/* A part ends at a comma, but not within /.../. */
static char *
part_end(char *part)
{
	char *slash = part[0] == '/' ? strchr(part + 1, '/') : NULL;

	return strchr(slash != NULL ? slash : part, ',');
}

int
selector_resolve(struct master *m, const char *text, struct selection *sel,
    char *why, size_t why_size)
{
	char *copy = strdup(text != NULL ? text : "all"), *part, *end;
	int rc = 0;

	*sel = (struct selection){ .whole_pools = true };
	sel->slots = calloc(WORKERS_MAX, sizeof(*sel->slots));
	if (copy == NULL || sel->slots == NULL) {
		snprintf(why, why_size, "out of memory");
		rc = -ENOMEM;
	}
	for (part = copy; rc == 0 && part != NULL; part = end) {
		end = part_end(part);
		if (end != NULL)
			*end++ = '\0';
		if (is_number(part) && pool_find(m, part) == NULL)
			sel->whole_pools = false;
		rc = add_part(m, part, sel, why, why_size);
	}
	free(copy);
	if (rc != 0)
		selection_fini(sel);
	else
		qsort(sel->slots, sel->count, sizeof(struct slot_ctx *),
		    compare_ids);
	return rc;
}

void
selection_fini(struct selection *sel)
{
	free(sel->slots);
	sel->slots = NULL;
	sel->count = 0;
}

size_t
selection_pools(const struct selection *sel, struct pool **out)
{
	size_t n = 0;

	for (size_t i = 0; i < sel->count; i++) {
		struct pool *p = sel->slots[i]->pool;
		bool known = false;

		for (size_t k = 0; k < n && !known; k++)
			known = out[k] == p;
		if (!known && n < APPS_MAX)
			out[n++] = p;
	}
	return n;
}
