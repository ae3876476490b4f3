/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - the state of the load client: its connections and what they do.
 */
#ifndef CLUSTERD_TESTS_LOAD_H
#define CLUSTERD_TESTS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "http.h"
#include "tally.h"

enum { CONNECTIONS_MAX = 4096 };

enum state {
	IDLE,	    /* thinking; the socket may be open */
	CONNECTING, /* connect(2) is under way, or is to be tried again */
	SENDING,
	READING,
	DONE,
};

struct conn {
	int fd; /* owned; -1 while there is none */
	enum state state;
	bool watched;	    /* by the epoll */
	bool reused;	    /* this request is not the first on its socket */
	bool answered;	    /* an answer has come, ever */
	size_t sent;	    /* bytes of the request */
	int64_t started_us; /* of the request, connect included */
	int64_t wake_us;    /* when to look again: think over, timeout */
	struct http_reply reply;
};

struct load {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	char request[1024];
	size_t request_len;
	bool keep;
	bool announce;
	bool until_stdin;
	bool stopping;
	int64_t think_us, duration_us, timeout_us;
	size_t n_conns, n_done, n_answered;
	struct conn *conns; /* owned */
	int epoll;
	int64_t next_wake_us; /* no connection's wake_us is earlier */
	struct tally tally;
};

/* Until the duration is over or stdin closes, then until all answers are in. */
void load_run(struct load *l);

#endif
