/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.c - descriptors held by name.
 */
#include "store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct held *
find(struct store *s, const char *name)
{
	for (uint32_t i = 0; i < s->high; i++) {
		if (strcmp(s->items[i].name, name) == 0)
			return &s->items[i];
	}
	return NULL;
}

const struct held *
store_find(const struct store *s, const char *name)
{
	return name[0] == '\0' ? NULL : find((struct store *)(size_t)s, name);
}

int
store_hold(struct store *s, const char *name, int fd)
{
	struct held *h;

	if (name[0] == '\0' || strlen(name) >= HELD_NAME_MAX)
		return -EINVAL;
	h = find(s, name);
	if (h != NULL) {
		close(h->fd);
		h->fd = fd;
		return 0;
	}
	h = find(s, ""); /* a free place */
	if (h == NULL) {
		if (s->high == HELD_MAX)
			return -ENOSPC;
		h = &s->items[s->high++];
	}
	strcpy(h->name, name);
	h->fd = fd;
	return 0;
}

static void
drop(struct held *h)
{
	close(h->fd);
	h->name[0] = '\0';
}

int
store_drop(struct store *s, const char *name)
{
	struct held *h = name[0] == '\0' ? NULL : find(s, name);

	if (h == NULL)
		return -ENOENT;
	drop(h);
	return 0;
}

void
store_drop_all(struct store *s)
{
	for (uint32_t i = 0; i < s->high; i++) {
		if (s->items[i].name[0] != '\0')
			drop(&s->items[i]);
	}
}
