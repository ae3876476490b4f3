/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generation.h - counted configurations, editions and their listeners.
 */
#ifndef MASTER_GENERATION_H
#define MASTER_GENERATION_H

#include "master/master.h"

/* Takes `config` over; one reference for the caller. NULL: out of memory. */
struct generation *generation_new(
    uint64_t number, struct config *config) MUST_CHECK;
struct generation *generation_ref(struct generation *g);
void generation_unref(struct generation *g); /* NULL is fine */

/*
 * An app with its sockets: those of `old` (may be NULL) that are the same are
 * taken from it, then those handed over by the keeper, the others are bound and
 * given to the keeper to hold. NULL with a message in `errors`; then nothing
 * new is left bound.
 */
struct edition *edition_new(struct master *m, struct generation *gen,
    const struct app_config *app, const struct edition *old,
    struct config_errors *errors) MUST_CHECK;
struct edition *edition_ref(struct edition *e);
void edition_unref(struct master *m, struct edition *e); /* NULL is fine */

#endif
