/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jlist.h - workers in the shape of `pm2 jlist`, for the scripts that read it.
 */
#ifndef CTL_JLIST_H
#define CTL_JLIST_H

#include <jansson.h>
#include <stddef.h>

/*
 * The environment of an app, as one of its workers gets it: an answer of `env`,
 * borrowed; NULL when there is none.
 */
typedef const json_t *jlist_env_fn(void *arg, const json_t *worker);

/* A new array, of the result of `describe`; NULL when out of memory. */
json_t *jlist_make(const json_t *workers, jlist_env_fn *env, void *arg);

#endif
