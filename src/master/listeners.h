/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listeners.h - which sockets are bound now, by whichever edition.
 *
 * A port can be bound once, so an address that goes from one listener to
 * another (its app or its key got another name, an option of it changed, it
 * moved to another app) goes with its socket and whoever waits in its queue.
 */
#ifndef MASTER_LISTENERS_H
#define MASTER_LISTENERS_H

#include "master/listener.h"

/* `l` is bound for that app; listener_unref() takes it off the list. */
void listeners_add(struct master *m, struct listener *l, const char *app);

/*
 * The same socket again, as another listener that is set as `spec` says, when
 * the address is bound already by a listener of `app` (NULL: of any app). NULL
 * when it is not, or, with a message in `why`, when the options fail.
 */
struct listener *listeners_share(struct master *m, const char *app,
    const struct listener_spec *spec, char *why, size_t why_size) MUST_CHECK;

/* Is the socket of that address, which may have any port for port 0, meant? */
bool listeners_fit(
    const struct listener_spec *spec, const struct sockaddr_storage *addr);

/* Does another one have the same name in the keeper, the same path? */
bool listeners_name_used(const struct master *m, const struct listener *l);
bool listeners_path_used(const struct master *m, const struct listener *l);

#endif
