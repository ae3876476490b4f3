/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_conn.c - the connections of clusterd-demo, from accept to close.
 *
 * Edge-triggered, so that a request costs one epoll_wait, one recv and one
 * send: a connection is registered once, and only if its first request is not
 * there yet or it is kept alive.
 */
#include "demo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/clock.h>

struct conn {
	enum source source; /* first: epoll's pointer is to it */
	enum conn_state state;
	TAILQ_ENTRY(conn) link;
	int fd;		  /* owned; -1 in CONN_GONE */
	int64_t since_ms; /* in this state; CONN_WAITING: when it is due */
	bool registered;  /* with epoll */
	bool readable;	  /* recv may have something */
	bool close;	  /* after this answer */
	struct request request;
	size_t in_len; /* bytes in `in` */
	size_t skip;   /* bytes of a body still to come */
	size_t out_len, out_sent;
	char in[HEAD_BYTES_MAX];
	char out[ANSWER_BYTES_MAX];
};

enum { STEPS_MAX = 32 }; /* of one connection, before the next is served */

/* How long a connection may stay in a state. */
static const int limit_ms[] = {
	[CONN_READING] = 60 * 1000,
	[CONN_WAITING] = 0,
	[CONN_WRITING] = 30 * 1000,
	[CONN_CLOSING] = 1000,
	[CONN_GONE] = 0,
};

_Static_assert(COUNT(limit_ms) == CONN_NSTATES, "a limit for every state");

/* ---- states ------------------------------------------------------------ */

/* Lists are in the order of since_ms; only /slow comes out of order. */
static void
insert(struct conn_list *list, struct conn *c)
{
	struct conn *before = TAILQ_LAST(list, conn_list);

	while (before != NULL && before->since_ms > c->since_ms)
		before = TAILQ_PREV(before, conn_list, link);
	if (before == NULL)
		TAILQ_INSERT_HEAD(list, c, link);
	else
		TAILQ_INSERT_AFTER(list, before, c, link);
}

static void
enter(struct demo *d, struct conn *c, enum conn_state state, int64_t since_ms)
{
	TAILQ_REMOVE(&d->conns[c->state], c, link);
	c->state = state;
	c->since_ms = since_ms;
	insert(&d->conns[state], c);
}

/* Its memory goes with sweep(), when nobody is at work on it. */
static void
conn_close(struct demo *d, struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	d->nconns--;
	enter(d, c, CONN_GONE, 0);
}

static void
sweep(struct demo *d)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&d->conns[CONN_GONE])) != NULL) {
		TAILQ_REMOVE(&d->conns[CONN_GONE], c, link);
		free(c);
	}
}

static int
register_for(struct demo *d, struct conn *c, uint32_t events)
{
	struct epoll_event ev = { .events = events | EPOLLIN | EPOLLET,
		.data.ptr = &c->source };
	int op = c->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	c->registered = true;
	return epoll_ctl(d->epoll_fd, op, c->fd, &ev);
}

/* ---- answers ----------------------------------------------------------- */

/*
 * The answer is out. Closing with unread bytes in the socket would reset the
 * connection and may take the answer with it: then let the client close first.
 */
static void
conn_answered(struct demo *d, struct conn *c)
{
	if (c->request.exit_code != -1)
		d->exit_code = c->request.exit_code;
	if (!c->close) {
		enter(d, c, CONN_READING, clock_mono_ms());
	} else if (c->skip == 0 && c->in_len == 0 && c->request.status == 200) {
		conn_close(d, c);
	} else {
		shutdown(c->fd, SHUT_WR);
		enter(d, c, CONN_CLOSING, clock_mono_ms());
	}
}

static void
conn_write(struct demo *d, struct conn *c)
{
	ssize_t n;

	while (c->out_sent < c->out_len) {
		n = send(c->fd, c->out + c->out_sent, c->out_len - c->out_sent,
		    MSG_NOSIGNAL);
		if (n >= 0) {
			c->out_sent += (size_t)n;
		} else if (errno == EAGAIN) {
			if (c->state == CONN_WRITING)
				return;
			enter(d, c, CONN_WRITING, clock_mono_ms());
			if (register_for(d, c, EPOLLOUT) == -1)
				conn_close(d, c);
			return;
		} else if (errno != EINTR) {
			conn_close(d, c);
			return;
		}
	}
	conn_answered(d, c);
}

static void
conn_answer(struct demo *d, struct conn *c)
{
	c->close = c->request.close || d->draining;
	c->out_len =
	    answer_write(c->out, &c->request, d->text, c->close, time(NULL));
	c->out_sent = 0;
	conn_write(d, c);
}

/* ---- requests ---------------------------------------------------------- */

static void
consume(struct conn *c, size_t n)
{
	c->in_len -= n;
	memmove(c->in, c->in + n, c->in_len);
}

static void
skip_body(struct conn *c)
{
	size_t n = c->skip < c->in_len ? c->skip : c->in_len;

	c->skip -= n;
	consume(c, n);
}

/* True: a request was there, and is answered or will be. */
static bool
conn_request(struct demo *d, struct conn *c)
{
	size_t n;

	if (c->in_len == 0)
		return false;
	n = request_parse(c->in, c->in_len, &c->request);
	if (n == 0)
		return false;
	consume(c, n);
	c->skip = c->request.body_bytes;
	skip_body(c);
	if (c->request.slow_ms > 0 && c->request.status == 200)
		enter(d, c, CONN_WAITING, clock_mono_ms() + c->request.slow_ms);
	else
		conn_answer(d, c);
	return true;
}

/* True: something has come, if only the end. */
static bool
conn_read(struct demo *d, struct conn *c)
{
	size_t room = sizeof(c->in) - c->in_len;
	ssize_t n;

	if (!c->readable)
		return false;
	do
		n = recv(c->fd, c->in + c->in_len, room, 0);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN) {
		c->readable = false;
		return false;
	}
	if (n <= 0) {
		conn_close(d, c);
		return true;
	}
	c->readable = (size_t)n == room;
	c->in_len += (size_t)n;
	skip_body(c);
	return true;
}

/* One step; false when there is nothing to do but wait. */
static bool
conn_step(struct demo *d, struct conn *c)
{
	switch (c->state) {
	case CONN_READING:
		return conn_request(d, c) || conn_read(d, c);
	case CONN_CLOSING:
		c->in_len = 0;
		return conn_read(d, c);
	default:
		return false;
	}
}

static void
conn_run(struct demo *d, struct conn *c)
{
	int steps = 0;

	while (steps < STEPS_MAX && conn_step(d, c))
		steps++;
	if (c->state == CONN_GONE)
		return;
	/* Writable as it is, EPOLLOUT brings us back to the rest at once. */
	if (steps == STEPS_MAX && register_for(d, c, EPOLLOUT) == -1)
		conn_close(d, c);
	else if (!c->registered && register_for(d, c, 0) == -1)
		conn_close(d, c);
}

/* ---- from outside ------------------------------------------------------ */

void
demo_init(struct demo *d, int epoll_fd, const char *text)
{
	size_t i;

	memset(d, 0, sizeof(*d));
	d->epoll_fd = epoll_fd;
	d->exit_code = -1;
	d->text = text;
	for (i = 0; i < CONN_NSTATES; i++)
		TAILQ_INIT(&d->conns[i]);
}

void
demo_fini(struct demo *d)
{
	struct conn *c;
	size_t i;

	for (i = 0; i < CONN_GONE; i++) {
		while ((c = TAILQ_FIRST(&d->conns[i])) != NULL)
			conn_close(d, c);
	}
	sweep(d);
}

bool
conn_add(struct demo *d, int fd)
{
	struct conn *c;

	if (d->nconns == CONNS_MAX || (c = malloc(sizeof(*c))) == NULL) {
		close(fd);
		return false;
	}
	memset(c, 0, offsetof(struct conn, in));
	c->source = FROM_CONN;
	c->state = CONN_READING;
	c->fd = fd;
	c->since_ms = clock_mono_ms();
	c->readable = true;
	insert(&d->conns[CONN_READING], c);
	d->nconns++;
	conn_run(d, c);
	sweep(d);
	return true;
}

void
conn_event(struct demo *d, enum source *source, uint32_t events)
{
	struct conn *c = container_of(source, struct conn, source);

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		c->readable = true;
	if (c->state == CONN_WRITING)
		conn_write(d, c);
	conn_run(d, c);
	sweep(d);
}

void
conns_drain(struct demo *d, int grace_ms)
{
	int64_t now_ms = clock_mono_ms();

	if (d->draining)
		return;
	d->draining = true;
	d->drain_at_ms = now_ms + grace_ms;
	d->linger_at_ms =
	    now_ms + (grace_ms < LINGER_MS ? grace_ms : LINGER_MS);
}

/*
 * The linger is over: whoever wanted to send a request has sent it. A last look
 * at each idle connection, then it is closed.
 */
static void
close_idle(struct demo *d)
{
	struct conn *c, *next;

	d->lingered = true;
	for (c = TAILQ_FIRST(&d->conns[CONN_READING]); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		c->readable = true;
		conn_run(d, c);
		if (c->state == CONN_READING && c->in_len == 0 && c->skip == 0)
			conn_close(d, c);
	}
}

static void
expire(struct demo *d, struct conn *c)
{
	if (c->state == CONN_WAITING) {
		conn_answer(d, c);
		conn_run(d, c);
	} else {
		conn_close(d, c);
	}
}

/* The earlier of two times, of which -1 is never. */
static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms == -1 || (b_ms != -1 && b_ms < a_ms) ? b_ms : a_ms;
}

int64_t
conns_expire(struct demo *d, int64_t now_ms)
{
	int64_t next_ms = d->draining ? d->drain_at_ms : -1;
	struct conn *c;
	size_t i;

	if (d->draining && !d->lingered && now_ms >= d->linger_at_ms)
		close_idle(d);
	if (d->draining && !d->lingered)
		next_ms = earlier(next_ms, d->linger_at_ms);
	for (i = 0; i < CONN_GONE; i++) {
		while ((c = TAILQ_FIRST(&d->conns[i])) != NULL &&
		       c->since_ms + limit_ms[i] <= now_ms)
			expire(d, c);
		if (c != NULL)
			next_ms = earlier(next_ms, c->since_ms + limit_ms[i]);
	}
	sweep(d);
	return next_ms;
}
