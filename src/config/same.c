/* SPDX-License-Identifier: Apache-2.0 */
/*
 * same.c - whether two apps would start the same worker.
 *
 * Keys marked live are left out: they steer what clusterd does with a worker,
 * and hold from the moment they are read.
 */
#include <string.h>

#include "config/keys.h"
#include "config/listen.h"

#include <clusterd/config.h>

typedef bool (*same_fn)(const void *a, const void *b);

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_string(const void *a, const void *b)
{
	return same_text(*(const char *const *)a, *(const char *const *)b);
}

static bool
same_bool(const void *a, const void *b)
{
	return *(const bool *)a == *(const bool *)b;
}

static bool
same_int(const void *a, const void *b)
{
	return *(const int *)a == *(const int *)b;
}

static bool
same_msec(const void *a, const void *b)
{
	return *(const int64_t *)a == *(const int64_t *)b;
}

static bool
same_instances(const void *a, const void *b)
{
	const struct config_instances *x = a, *y = b;

	return x->kind == y->kind && x->n == y->n;
}

static bool
same_strings(const void *a, const void *b)
{
	const struct config_strings *x = a, *y = b;
	size_t i;

	if (x->count != y->count)
		return false;
	for (i = 0; i < x->count; i++)
		if (strcmp(x->items[i], y->items[i]) != 0)
			return false;
	return true;
}

/* The order of variables is nothing a program can count on. */
static bool
same_env(const void *a, const void *b)
{
	const struct config_env *x = a, *y = b;
	size_t i, j;

	if (x->count != y->count)
		return false;
	for (i = 0; i < x->count; i++) {
		for (j = 0; j < y->count; j++)
			if (strcmp(x->vars[i].name, y->vars[j].name) == 0)
				break;
		if (j == y->count ||
		    strcmp(x->vars[i].value, y->vars[j].value) != 0)
			return false;
	}
	return true;
}

static const same_fn same[N_KEY_TYPES] = {
	[T_STRING] = same_string,
	[T_LABEL] = same_string,
	[T_VARIABLE] = same_string,
	[T_PATH] = same_string,
	[T_BOOL] = same_bool,
	[T_FLAG] = same_int,
	[T_INT] = same_int,
	[T_MSEC] = same_msec,
	[T_MODE] = same_int,
	[T_WORD] = same_int,
	[T_SIGNAL] = same_int,
	[T_INSTANCES] = same_instances,
	[T_STRINGS] = same_strings,
	[T_COMMAND] = same_strings,
	[T_LOG_FILE] = same_string,
	[T_ENV] = same_env,
};

static bool
same_rows(const struct key_table *t, const void *a, const void *b)
{
	const struct config_key *k;

	for (k = t->rows; k < t->rows + t->count; k++)
		if (!k->live && same[k->type] != NULL &&
		    !same[k->type]((const char *)a + k->offset,
			(const char *)b + k->offset))
			return false;
	return true;
}

static bool
same_listener(const struct listener_spec *a, const struct listener_spec *b)
{
	return strcmp(a->name, b->name) == 0 && a->kind == b->kind &&
	       a->addr_len == b->addr_len &&
	       memcmp(&a->addr, &b->addr, a->addr_len) == 0 &&
	       same_text(a->systemd_name, b->systemd_name) &&
	       same_rows(keys_of_listen(), a, b);
}

bool
config_app_same(const struct app_config *a, const struct app_config *b)
{
	size_t i;

	if (a->n_listeners != b->n_listeners)
		return false;
	for (i = 0; i < a->n_listeners; i++)
		if (!same_listener(&a->listeners[i], &b->listeners[i]))
			return false;
	return same_rows(keys_of_app(), a, b);
}
