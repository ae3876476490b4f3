/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node.h - the lines of Node's cluster module: parse what a worker says, write
 * what the primary answers. No state, no descriptors: policy is the master's.
 *
 * Source: Node's lib/internal/cluster/{child,primary,shared_handle}.js and
 * lib/internal/child_process.js, versions 12 to 26.
 */
#ifndef CLUSTERD_NODE_H
#define CLUSTERD_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/buf.h>
#include <clusterd/compiler.h>

enum node_kind {
	NODE_APP,   /* a message of the app itself, not of Node */
	NODE_READY, /* of the app: the string "ready" */
	NODE_ONLINE,
	NODE_QUERY_SERVER,
	NODE_LISTENING,
	NODE_CLOSE,		      /* accepts no more on `key` */
	NODE_EXITED_AFTER_DISCONNECT, /* wants to go; wait for our answer */
	NODE_HANDLE, /* the app sent a handle; must be acknowledged */
	NODE_HANDLE_ACK,
	NODE_HANDLE_NACK,
	NODE_REPLY, /* an answer to one of our messages: `ack`, `accepted` */
	NODE_OTHER, /* internal, of no interest */
};

enum node_address {
	NODE_TCP4,
	NODE_TCP6,
	NODE_UDP4,
	NODE_UDP6,
	NODE_PATH, /* unix socket */
	NODE_FD,   /* a number in the primary's table */
};

struct node_message {
	enum node_kind kind;
	uint64_t seq;
	uint64_t ack;
	bool accepted;
	/* NODE_QUERY_SERVER, NODE_LISTENING */
	enum node_address family;
	bool any;	   /* no address given, 0.0.0.0 or :: */
	char address[128]; /* IP or unix path; "": none; longer: bad line */
	int port;	   /* 0 when absent */
	int fd;		   /* -1 when absent */
	int index;
	unsigned flags; /* 1: ipv6Only (TCP), 4: reuseAddr (UDP) */
	int backlog;
	char key[224]; /* NODE_QUERY_SERVER: made by node_key(); NODE_CLOSE:
			  given */
	char *data; /* owned: JSON text of "data", NULL when absent or null */
};

/*
 * Parse one line. 0, -EBADMSG (not JSON, or a NODE_CLUSTER message whose
 * members have wrong types or sizes), -ENOMEM. node_message_fini() after 0. A
 * leading byte 0x02 (Bun) is skipped. A message of the app itself is not looked
 * into: it may be more than our JSON reader takes.
 */
int node_parse(const char *line, size_t len, struct node_message *m) MUST_CHECK;
void node_message_fini(struct node_message *m);

/*
 * Append the line (without '\n') to `out`; 0 or a buf error.
 *
 * node_write_handle: the answer to a queryServer that carries the listening
 * descriptor. node_write_error: the answer without one; `err` is positive.
 * `data`: JSON text to echo, or NULL. `seq`: our own counter, one per worker.
 */
int node_write_handle(struct buf *out, const char *key, uint64_t ack,
    const char *data, uint64_t seq) MUST_CHECK;
int node_write_error(struct buf *out, const char *key, uint64_t ack, int err,
    const char *data, uint64_t seq) MUST_CHECK;
int node_write_disconnect(struct buf *out, uint64_t seq) MUST_CHECK;
int node_write_ack(struct buf *out, uint64_t ack, uint64_t seq) MUST_CHECK;

/* Whole lines that never change. */
#define NODE_LINE_HANDLE_ACK "{\"cmd\":\"NODE_HANDLE_ACK\"}"
#define NODE_LINE_SHUTDOWN   "\"shutdown\""

/* The identity of a socket: address:port:type:fd, with :index when port is 0.
 */
void node_key(const struct node_message *m, char *out, size_t size);

#endif
