/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - an HTTP/1.1 load client that counts every failure by kind.
 *
 * One process, one epoll, a fixed number of connections, each of which sends a
 * GET, reads the whole answer, thinks, and sends the next. Prints one JSON
 * object at the end. Plain sockets: what it counts, the wire did.
 *
 * A connection that the server closes while no request is on it is no failure:
 * the client looks before it sends, as HTTP clients do. A request that went out
 * on a reused connection and met its end is one, of the kind "stale".
 */
#include "load.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, READ_BYTES = 16384 };

static void start_request(struct load *l, struct conn *c);

static void
set_wake(struct load *l, struct conn *c, int64_t at_us)
{
	c->wake_us = at_us;
	if (at_us < l->next_wake_us)
		l->next_wake_us = at_us;
}

static void
drop_socket(struct conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
	c->reused = false;
	c->watched = false;
}

/* The request is over, well or not: think, then the next. */
static void
rest(struct load *l, struct conn *c)
{
	c->state = IDLE;
	set_wake(l, c, tally_now_us() + l->think_us);
}

static void
fail(struct load *l, struct conn *c, enum failure kind, int error)
{
	bool nothing_came = c->reply.bytes == 0;

	if (c->reused && nothing_came &&
	    (kind == FAIL_RESET || kind == FAIL_EOF_BEFORE))
		kind = FAIL_STALE;
	tally_failure(&l->tally, kind, error);
	drop_socket(c);
	rest(l, c);
	/* A server that is not there must not make this a busy loop. */
	if (l->think_us < 1000)
		c->wake_us += 1000;
}

static void
fail_errno(struct load *l, struct conn *c, int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ENOENT:
		fail(l, c, FAIL_REFUSED, error);
		break;
	case ECONNRESET:
	case EPIPE:
		fail(l, c, FAIL_RESET, error);
		break;
	case ETIMEDOUT:
		fail(l, c, FAIL_TIMEOUT, error);
		break;
	default:
		fail(l, c, FAIL_OTHER, error);
	}
}

static void
succeed(struct load *l, struct conn *c)
{
	int status = c->reply.status;

	if (status >= 500)
		tally_failure(&l->tally, FAIL_STATUS_5XX, 0);
	else if (status < 200 || status > 299)
		tally_failure(&l->tally, FAIL_OTHER, 0);
	else
		tally_answer(&l->tally, c->started_us, c->reply.pid);
	if (!c->answered) {
		c->answered = true;
		if (++l->n_answered == l->n_conns && l->announce)
			fputs("answered\n", stderr);
	}
	if (!l->keep || !c->reply.keep_alive)
		drop_socket(c);
	else
		c->reused = true;
	rest(l, c);
}

static void
watch(struct load *l, struct conn *c, uint32_t events)
{
	struct epoll_event ev = { .events = events };
	int op = c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	ev.data.ptr = c;
	c->watched = true;
	if (epoll_ctl(l->epoll, op, c->fd, &ev) == -1) {
		perror("load: epoll_ctl");
		exit(2);
	}
}

static void
send_request(struct load *l, struct conn *c)
{
	ssize_t n;

	c->state = SENDING;
	while (c->sent < l->request_len) {
		n = send(c->fd, l->request + c->sent, l->request_len - c->sent,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			watch(l, c, EPOLLOUT | EPOLLIN);
			return;
		}
		if (n == -1) {
			fail_errno(l, c, errno);
			return;
		}
		c->sent += (size_t)n;
	}
	c->state = READING;
	watch(l, c, EPOLLIN | EPOLLRDHUP);
}

/* A full accept queue of a unix socket says EAGAIN and wants to be asked again.
 */
static void
try_connect(struct load *l, struct conn *c)
{
	if (connect(c->fd, (struct sockaddr *)&l->addr, l->addr_len) == 0) {
		send_request(l, c);
	} else if (errno == EAGAIN && l->addr.ss_family == AF_UNIX) {
		if (tally_now_us() - c->started_us > l->timeout_us)
			fail(l, c, FAIL_TIMEOUT, EAGAIN);
		else
			set_wake(l, c, tally_now_us() + 1000);
	} else if (errno == EINPROGRESS) {
		watch(l, c, EPOLLOUT);
	} else {
		fail_errno(l, c, errno);
	}
}

static void
open_socket(struct load *l, struct conn *c)
{
	int one = 1;

	c->fd = socket(
	    l->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd == -1) {
		fail_errno(l, c, errno);
		return;
	}
	if (l->addr.ss_family != AF_UNIX)
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->state = CONNECTING;
	l->tally.connects++;
	try_connect(l, c);
}

/* True if the server has ended this idle connection, or said something unasked.
 */
static bool
has_ended(const struct conn *c)
{
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n >= 0 || errno != EAGAIN;
}

static void
start_request(struct load *l, struct conn *c)
{
	if (l->stopping) {
		drop_socket(c);
		c->state = DONE;
		c->wake_us = INT64_MAX;
		l->n_done++;
		return;
	}
	if (c->fd != -1 && has_ended(c)) {
		l->tally.idle_closed++;
		drop_socket(c);
	}
	c->started_us = tally_now_us();
	c->sent = 0;
	http_reply_init(&c->reply);
	set_wake(l, c, c->started_us + l->timeout_us);
	l->tally.requests++;
	if (c->fd != -1)
		send_request(l, c);
	else
		open_socket(l, c);
}

static void
on_readable(struct load *l, struct conn *c)
{
	char data[READ_BYTES];
	ssize_t n = recv(c->fd, data, sizeof(data), MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		if (c->reply.bytes > 0 && errno == ECONNRESET)
			fail(l, c, FAIL_EOF_IN, errno);
		else
			fail_errno(l, c, errno);
		return;
	}
	switch (http_reply_feed(&c->reply, data, (size_t)n)) {
	case HTTP_MORE:
		if (n == 0)
			fail(l, c,
			    c->reply.bytes ? FAIL_EOF_IN : FAIL_EOF_BEFORE, 0);
		break;
	case HTTP_WHOLE:
		succeed(l, c);
		break;
	case HTTP_BROKEN:
		fail(l, c, FAIL_OTHER, EBADMSG);
		break;
	}
}

static void
on_connected(struct load *l, struct conn *c)
{
	int error = 0;
	socklen_t len = sizeof(error);

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		fail_errno(l, c, error);
	else
		send_request(l, c);
}

static void
on_event(struct load *l, struct conn *c, uint32_t events)
{
	if (c->fd == -1)
		return; /* an event from before it was dropped */
	switch (c->state) {
	case CONNECTING:
		on_connected(l, c);
		break;
	case SENDING:
		if (events & EPOLLOUT)
			send_request(l, c);
		else
			on_readable(l, c);
		break;
	case READING:
		on_readable(l, c);
		break;
	case IDLE:
		if (has_ended(c)) {
			l->tally.idle_closed++;
			drop_socket(c);
		}
		break;
	case DONE:
		break;
	}
}

static void
on_wake(struct load *l, struct conn *c)
{
	switch (c->state) {
	case IDLE:
		start_request(l, c);
		break;
	case CONNECTING:
		if (l->addr.ss_family == AF_UNIX) {
			try_connect(l, c);
			break;
		}
		fail(l, c, FAIL_TIMEOUT, 0);
		break;
	case SENDING:
	case READING:
		fail(l, c, FAIL_TIMEOUT, 0);
		break;
	case DONE:
		break;
	}
}

/* Every connection whose time has come; also finds the next such time. */
static void
wake_due(struct load *l, int64_t now_us)
{
	l->next_wake_us = INT64_MAX;
	for (size_t i = 0; i < l->n_conns; i++) {
		struct conn *c = &l->conns[i];

		if (c->wake_us <= now_us)
			on_wake(l, c);
		if (c->state != DONE && c->wake_us < l->next_wake_us)
			l->next_wake_us = c->wake_us;
	}
}

/* No new requests; those that think are done. */
static void
stop(struct load *l)
{
	l->stopping = true;
	l->next_wake_us = 0;
	for (size_t i = 0; i < l->n_conns; i++)
		if (l->conns[i].state == IDLE)
			l->conns[i].wake_us = 0;
}

static bool
stdin_closed(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	char data[256];

	return poll(&p, 1, 0) == 1 && read(0, data, sizeof(data)) <= 0;
}

static int
wait_ms(const struct load *l, int64_t end_us)
{
	int64_t now_us = tally_now_us(), until = l->next_wake_us;

	if (!l->stopping && !l->until_stdin && end_us < until)
		until = end_us;
	if (until <= now_us)
		return 0;
	until = (until - now_us + 999) / 1000;
	return until > 100 ? 100 : (int)until;
}

void
load_run(struct load *l)
{
	struct epoll_event events[EVENTS_MAX];
	int64_t begin_us = tally_now_us(), now_us = begin_us, look_us = 0;

	for (size_t i = 0; i < l->n_conns; i++)
		set_wake(l, &l->conns[i], now_us);
	while (l->n_done < l->n_conns) {
		int n = epoll_wait(l->epoll, events, EVENTS_MAX,
		    wait_ms(l, begin_us + l->duration_us));

		for (int i = 0; i < n; i++)
			on_event(l, events[i].data.ptr, events[i].events);
		now_us = tally_now_us();
		if (now_us >= l->next_wake_us)
			wake_due(l, now_us);
		if (l->stopping || now_us < look_us)
			continue;
		look_us = now_us + 5000;
		if (l->until_stdin ? stdin_closed()
				   : now_us - begin_us >= l->duration_us)
			stop(l);
	}
	l->tally.duration_us = tally_now_us() - begin_us;
}
