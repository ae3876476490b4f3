/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo.h - the parts of clusterd-demo: requests, connections, the program.
 */
#ifndef WORKER_DEMO_H
#define WORKER_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include <clusterd/compiler.h>

enum {
	HEAD_BYTES_MAX = 8 * 1024, /* of one request */
	ANSWER_BYTES_MAX = 1024,
	BODY_BYTES_MAX = 1024 * 1024, /* of a request; read and thrown away */
	SLOW_MS_MAX = 60 * 1000,
	CONNS_MAX = 4096,
	LINGER_MS = 1000, /* idle connections are kept while draining */
	DEMO_LISTENERS_MAX = 32,
};

/* ---- demo_http.c: text only -------------------------------------------- */

struct request {
	int status;	   /* of the answer: 200, or why it is refused */
	bool head_only;	   /* HEAD: the answer has no body */
	bool close;	   /* the client, or an error, ends the connection */
	int slow_ms;	   /* /slow: answer after so long */
	int exit_code;	   /* /exit: end with it once answered; -1: no */
	size_t body_bytes; /* follow the head */
};

/*
 * Read the head of one request. Returns its bytes, the empty line included; 0
 * when it is not complete, and fewer than HEAD_BYTES_MAX are here. Nonsense is
 * a request too, with an error status.
 */
size_t request_parse(const char *data, size_t len, struct request *r);

/* Writes at most ANSWER_BYTES_MAX bytes and returns how many. */
size_t answer_write(char out[ANSWER_BYTES_MAX], const struct request *r,
    const char *text, bool close, time_t now);

/* ---- demo_listen.c: a socket without clusterd --------------------------- */

/* A listening socket, "ADDRESS:PORT"; -EINVAL: it is not that, or -errno. */
int listen_on(const char *address);

/* ---- demo_conn.c: connections ------------------------------------------ */

/* What an epoll event is about: the first member of what it points to. */
enum source { FROM_LISTENER, FROM_CONN, FROM_SIGNAL, FROM_CLUSTERD };

enum conn_state {
	CONN_READING, /* waits for a request, or for the rest of one */
	CONN_WAITING, /* /slow: waits for its time */
	CONN_WRITING, /* the client does not take the answer yet */
	CONN_CLOSING, /* answered; reads until the client has closed */
	CONN_GONE,    /* closed; freed when nobody is at work on it */
	CONN_NSTATES,
};

struct conn;
TAILQ_HEAD(conn_list, conn);

struct demo {
	int epoll_fd;	  /* owned */
	const char *text; /* borrowed; the answer to GET / */
	struct conn_list conns[CONN_NSTATES]; /* owned, by time of entry */
	int nconns;
	bool draining;
	bool lingered;	      /* idle connections need not be kept */
	int64_t linger_at_ms; /* monotonic */
	int64_t drain_at_ms;  /* give up what is still open */
	int exit_code;	      /* of an answered /exit; -1: none */
};

void demo_init(struct demo *d, int epoll_fd, const char *text);
void demo_fini(struct demo *d); /* closes all connections */

/* Serve `fd`, taken over. False: not taken (closed), the table is full. */
bool conn_add(struct demo *d, int fd);

/* epoll has said something about `source`, the conn of a FROM_CONN event. */
void conn_event(struct demo *d, enum source *source, uint32_t events);

/*
 * From now on every answer ends its connection. Idle connections are kept for
 * LINGER_MS more, for a request that is on its way already.
 */
void conns_drain(struct demo *d, int grace_ms);

/* Do what is due at `now_ms`; returns when to come again, -1: no need. */
int64_t conns_expire(struct demo *d, int64_t now_ms);

#endif
