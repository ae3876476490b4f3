/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.h - bound sockets.
 */
#ifndef MASTER_LISTENER_H
#define MASTER_LISTENER_H

#include "master/master.h"

/*
 * Bind what `spec` says and listen. 0, or -errno with a message in `why` that
 * names the address and, when it is in use, who holds it.
 */
int listener_open(const struct listener_spec *spec, struct listener **out,
    char *why, size_t why_size) MUST_CHECK;

/* Wrap a descriptor that somebody else has bound (taken over on success). */
struct listener *listener_adopt(const struct listener_spec *spec, int fd,
    char *why, size_t why_size) MUST_CHECK;

/* What listener_adopt() leaves as it is, because the socket may have other
 * owners: backlog, and owner and mode of a path. 0 or -errno as above. */
int listener_set_again(struct listener *l, const struct listener_spec *spec,
    char *why, size_t why_size) MUST_CHECK;

/* One reference less; at the last: closed, dropped by the keeper, its unix path
 * removed. NULL is fine. */
struct listener *listener_ref(struct listener *l);
void listener_unref(struct master *m, struct listener *l);

/* True if both would be bound and set in the same way. */
bool listener_spec_same(
    const struct listener_spec *a, const struct listener_spec *b);

/* Length of the accept queue, now; 0 for what has none. */
uint32_t listener_queued(const struct listener *l);

/* Who listens there: "pid 812 (nginx: master process)", or "" if unknown. */
void holder_describe(const struct sockaddr *addr, socklen_t len, int type,
    char *out, size_t size);

#endif
