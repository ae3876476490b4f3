/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selector.h - which slots somebody means: a name, an id, `all`, /regex/, a
 * namespace, or several with commas. Names win over namespaces.
 */
#ifndef MASTER_SELECTOR_H
#define MASTER_SELECTOR_H

#include "master/master.h"

struct selection {
	struct slot_ctx **slots; /* owned array of borrowed slots, by id */
	size_t count;
	bool whole_pools; /* no single id: whole apps are meant */
};

/*
 * 0; -ENOENT: nothing matches, -EINVAL: a bad regex, -ENOMEM; then a message is
 * in `why`. `text` NULL means all; that may be empty.
 */
int selector_resolve(struct master *m, const char *text, struct selection *sel,
    char *why, size_t why_size) MUST_CHECK;
void selection_fini(struct selection *sel);

/* The pools of it, each once; how many. `out` has room for APPS_MAX. */
size_t selection_pools(const struct selection *sel, struct pool **out);

#endif
