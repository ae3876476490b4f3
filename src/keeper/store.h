/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - descriptors held by name, so that they outlive the master.
 */
#ifndef CLUSTERD_KEEPER_STORE_H
#define CLUSTERD_KEEPER_STORE_H

#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>
#include <clusterd/limits.h>

struct held {
	char name[HELD_NAME_MAX]; /* "": this place is free */
	int fd;			  /* owned */
};

struct store {
	struct held items[HELD_MAX];
	uint32_t high; /* places from here on were never used */
};

/*
 * Hold `fd`, which the store owns after 0; one already held under that name is
 * closed. -ENOSPC: the store is full, -EINVAL: no name.
 */
int store_hold(struct store *s, const char *name, int fd) MUST_CHECK;
int store_drop(struct store *s, const char *name); /* 0 or -ENOENT */
const struct held *store_find(const struct store *s, const char *name);
void store_drop_all(struct store *s);

#endif
