/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - a scalar's text with ${...} filled in.
 */
#include <errno.h>
#include <string.h>

#include "config/interpolate.h"
#include "config/read.h"

const char *
text_fill_in(struct parse *p, const char *where, struct config_pos pos,
    const char *raw, bool deferred)
{
	const char *text = NULL;
	struct buf out;
	char why[256];
	int rc;

	if (strchr(raw, '$') == NULL) {
		text = arena_strdup(p->arena, raw);
		p->oom = p->oom || text == NULL;
		return text;
	}
	buf_init(&out, INTERPOLATED_MAX);
	rc = interpolate(raw, deferred, &out, why, sizeof(why));
	if (rc == 0) {
		text = arena_strndup(
		    p->arena, out.data != NULL ? out.data : "", out.len);
		p->oom = p->oom || text == NULL;
	} else if (rc == -ENOMEM) {
		p->oom = true;
	} else {
		parse_error(p, pos, where, "%s", why);
	}
	buf_fini(&out);
	return text;
}

const char *
read_text(struct parse *p, const char *where, const struct node *n,
    const char *wants, bool deferred)
{
	char found[128];
	const char *text;

	if (n->kind != NODE_SCALAR || node_is_null(n)) {
		parse_error(p, n->pos, where, "wants %s, found %s", wants,
		    node_describe(n, found, sizeof(found)));
		return NULL;
	}
	if (n->literal) {
		text = arena_strdup(p->arena, n->text);
		p->oom = p->oom || text == NULL;
		return text;
	}
	return text_fill_in(p, where, n->pos, n->text, deferred);
}
