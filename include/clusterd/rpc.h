/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc.h - the control protocol: JSON-RPC 2.0, one object a line, over a unix
 * socket. docs/control.md lists the methods.
 */
#ifndef CLUSTERD_RPC_H
#define CLUSTERD_RPC_H

#include <jansson.h>
#include <stddef.h>

#include <clusterd/buf.h>
#include <clusterd/compiler.h>

/* Codes of JSON-RPC 2.0 section 5.1, then our own. */
enum rpc_code {
	RPC_PARSE_ERROR = -32700,
	RPC_INVALID_REQUEST = -32600,
	RPC_METHOD_NOT_FOUND = -32601,
	RPC_INVALID_PARAMS = -32602,
	RPC_FAILED = 1,		/* it was tried; the message says why not */
	RPC_NOT_FOUND = 2,	/* the selector matches nothing */
	RPC_CONFIG_INVALID = 4, /* nothing was changed */
	RPC_DENIED = 5,
	RPC_BUSY = 6,
};

struct rpc_request {
	json_t *id;	    /* owned; NULL: a notification, gets no answer */
	const char *method; /* borrowed from root */
	json_t *params; /* borrowed from root; an object, NULL when absent */
	json_t *root;	/* owned */
};

/*
 * Parse one line. 0, or an rpc_code for the answer (`*why` says what is wrong,
 * a constant); after 0 rpc_request_fini().
 */
int rpc_request_parse(const char *line, size_t len, struct rpc_request *r,
    const char **why) MUST_CHECK;
void rpc_request_fini(struct rpc_request *r);

/*
 * Append one line, '\n' included. `id` is borrowed; `result` and `data` (which
 * may be NULL) are stolen, on failure too, and then `out` is as it was.
 */
int rpc_write_result(struct buf *out, json_t *id, json_t *result) MUST_CHECK;
int rpc_write_error(struct buf *out, json_t *id, int code, const char *message,
    json_t *data) MUST_CHECK;
/* A notification of the server, "progress": {text}. `params` is stolen. */
int rpc_write_event(
    struct buf *out, const char *method, json_t *params) MUST_CHECK;
/* A request of the client. `params` is stolen, may be NULL. */
int rpc_write_request(
    struct buf *out, int id, const char *method, json_t *params) MUST_CHECK;

/*
 * The client's side, blocking. rpc_connect: a connected socket or -errno.
 * rpc_call: sends, reads until the answer; `on_event` (may be NULL) gets every
 * notification before it. Returns 0 with `*result` (owned by the caller), 1
 * with the server's error object in `*result`, or -errno (-EPIPE: the server
 * went away, -EPROTO: it speaks something else, -ETIMEDOUT after timeout_ms
 * without a byte; 0 waits for ever). `params` is stolen, may be NULL.
 */
int rpc_connect(const char *path) MUST_CHECK;
int rpc_call(int sock, const char *method, json_t *params, int timeout_ms,
    void (*on_event)(const char *method, json_t *params, void *arg), void *arg,
    json_t **result) MUST_CHECK;

#endif
