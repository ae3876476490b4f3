/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node_sockets.h - which socket a Node worker gets when it asks to listen.
 *
 * The configured one when port and address fit; else one bound on demand,
 * shared by all workers of the app that ask for the same, and held by the
 * keeper.
 */
#ifndef MASTER_NODE_SOCKETS_H
#define MASTER_NODE_SOCKETS_H

#include <clusterd/node.h>

#include "master/master.h"

enum { NODE_SOCKETS_MAX = 256 }; /* bound on demand, one app */

/*
 * The socket for this queryServer, now held by the worker; 0 or a negative
 * Linux errno for the answer. `*s` is set also on -EADDRINUSE if there is one.
 */
int node_sockets_query(struct worker *w, const struct node_message *msg,
    struct node_socket **s) MUST_CHECK;

/* The worker accepts no more on that key. */
void node_sockets_close(struct worker *w, const char *key);
void node_sockets_forget_worker(struct worker *w);
void node_sockets_init(struct pool *p);
void node_sockets_free(struct pool *p);

#endif
