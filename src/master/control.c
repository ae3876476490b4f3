/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.c - the control socket: clients, their lines, their answers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/log.h>

#include "master/control.h"
#include "master/methods.h"

enum { READ_BYTES = 16 * 1024 };

struct client {
	TAILQ_ENTRY(client) link;
	struct control *control; /* borrowed */
	uint64_t number;
	ev_io in, out;
	struct buf received, unsent;
	bool ended; /* it says no more; what it asked for is still answered */
};

struct control {
	struct master *m;
	ev_io accepting;
	TAILQ_HEAD(, client) clients; /* owned */
	unsigned n_clients;
	uint64_t next_number;
};

static void
client_free(struct client *c)
{
	struct control *k = c->control;

	ev_io_stop(k->m->loop, &c->in);
	ev_io_stop(k->m->loop, &c->out);
	close(c->in.fd);
	buf_fini(&c->received);
	buf_fini(&c->unsent);
	TAILQ_REMOVE(&k->clients, c, link);
	k->n_clients--;
	free(c);
	ev_io_start(k->m->loop, &k->accepting); /* there is room again */
}

/* Write what can be written; the rest when the client reads. False: it is gone.
 */
static bool
client_flush(struct client *c)
{
	struct ev_loop *loop = c->control->m->loop;

	while (c->unsent.len > 0) {
		ssize_t n = send(c->out.fd, c->unsent.data, c->unsent.len,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			ev_io_start(loop, &c->out);
			return true;
		}
		if (n < 0)
			return false;
		buf_consume(&c->unsent, (size_t)n);
	}
	ev_io_stop(loop, &c->out);
	return true;
}

static void
on_client_writable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct client *c = io->data;

	(void)loop, (void)revents;
	if (!client_flush(c) || (c->ended && c->unsent.len == 0))
		client_free(c);
}

static struct client *
find_client(struct master *m, uint64_t number)
{
	struct client *c;

	if (m->control == NULL)
		return NULL;
	TAILQ_FOREACH (c, &m->control->clients, link)
		if (c->number == number)
			return c;
	return NULL;
}

/* After a write into unsent: send, or drop a client that does not read. */
static void
client_written(struct client *c, int rc)
{
	if (rc == -ENOBUFS)
		log_warning("a client of the control socket does not read its "
			    "answers; it is dropped");
	if (rc != 0) {
		buf_consume(&c->unsent, c->unsent.len);
		c->ended = true;
		(void)shutdown(c->in.fd, SHUT_RDWR); /* freed by its watcher */
		return;
	}
	/* Not from here: the caller may be walking this client's lines. */
	ev_io_start(c->control->m->loop, &c->out);
}

void
ticket_fini(struct ticket *t)
{
	json_decref(t->id);
	t->id = NULL;
}

void
control_answer(struct master *m, struct ticket *t, json_t *result)
{
	struct client *c = find_client(m, t->client);

	if (c == NULL || t->id == NULL)
		json_decref(result);
	else
		client_written(c, rpc_write_result(&c->unsent, t->id, result));
	ticket_fini(t);
}

void
control_refuse(struct master *m, struct ticket *t, int code,
    const char *message, json_t *data)
{
	struct client *c = find_client(m, t->client);

	if (c == NULL || t->id == NULL)
		json_decref(data);
	else
		client_written(
		    c, rpc_write_error(&c->unsent, t->id, code, message, data));
	ticket_fini(t);
}

void
control_event(struct master *m, const struct ticket *t, const char *method,
    json_t *params)
{
	struct client *c = find_client(m, t->client);

	/* Progress is news: one that does not keep up misses some of it. */
	if (c == NULL || t->id == NULL || c->unsent.len > RPC_QUEUE_MAX / 2)
		json_decref(params);
	else
		client_written(c, rpc_write_event(&c->unsent, method, params));
}

static void
client_line(struct client *c, const char *line, size_t len)
{
	struct master *m = c->control->m;
	struct ticket t = { .client = c->number };
	struct rpc_request r;
	const char *why = NULL;
	int code = rpc_request_parse(line, len, &r, &why);

	if (code != 0) {
		t.id = json_null();
		control_refuse(m, &t, code, why, NULL);
		return;
	}
	t.id = r.id != NULL ? json_incref(r.id) : NULL;
	method_call(m, &t, r.method, r.params);
	ticket_fini(&t); /* nothing if the method has kept or used it */
	rpc_request_fini(&r);
}

static void
client_lines(struct client *c)
{
	char *end;

	while (
	    c->received.len > 0 && !c->ended &&
	    (end = memchr(c->received.data, '\n', c->received.len)) != NULL) {
		size_t len = (size_t)(end - c->received.data);

		if (len > 0)
			client_line(c, c->received.data, len);
		buf_consume(&c->received, len + 1);
	}
}

static void
client_too_long(struct client *c)
{
	struct ticket t = { .client = c->number, .id = json_null() };

	control_refuse(c->control->m, &t, RPC_INVALID_REQUEST,
	    "a request is one line of at most 256 KiB", NULL);
	c->ended = true;
	ev_io_stop(c->control->m->loop, &c->in);
	buf_consume(&c->received, c->received.len);
}

static void
on_client_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct client *c = io->data;
	char data[READ_BYTES];
	ssize_t n;

	(void)revents;
	n = recv(io->fd, data, sizeof(data), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* It may have shut down its sending side only: what is
		 * answered already still goes out. */
		c->ended = true;
		ev_io_stop(loop, io);
		if (n < 0 || c->unsent.len == 0)
			client_free(c);
		return;
	}
	if (buf_append(&c->received, data, (size_t)n) != 0) {
		client_too_long(c);
		return;
	}
	client_lines(c);
}

/* Only the user clusterd runs as, and root. */
static bool
may_connect(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	       (who.uid == 0 || who.uid == geteuid());
}

static void
client_new(struct control *k, int fd)
{
	struct client *c = may_connect(fd) ? calloc(1, sizeof(*c)) : NULL;

	if (c == NULL) {
		close(fd);
		return;
	}
	c->control = k;
	c->number = ++k->next_number;
	buf_init(&c->received, RPC_LINE_MAX);
	buf_init(&c->unsent, RPC_QUEUE_MAX);
	ev_io_init(&c->in, on_client_readable, fd, EV_READ);
	ev_io_init(&c->out, on_client_writable, fd, EV_WRITE);
	c->in.data = c->out.data = c;
	TAILQ_INSERT_TAIL(&k->clients, c, link);
	k->n_clients++;
	ev_io_start(k->m->loop, &c->in);
}

static void
on_connection(struct ev_loop *loop, ev_io *io, int revents)
{
	struct control *k = io->data;
	int fd;

	(void)revents;
	if (k->n_clients >= RPC_CLIENTS_MAX) {
		ev_io_stop(loop, io); /* they wait in the queue */
		return;
	}
	fd = accept4(io->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd != -1)
		client_new(k, fd);
}

int
control_start(struct master *m)
{
	struct control *k = calloc(1, sizeof(*k));
	int flags = fcntl(FD_CONTROL, F_GETFL);

	if (k == NULL)
		return -ENOMEM;
	(void)fcntl(FD_CONTROL, F_SETFL, flags | O_NONBLOCK);
	k->m = m;
	TAILQ_INIT(&k->clients);
	ev_io_init(&k->accepting, on_connection, FD_CONTROL, EV_READ);
	k->accepting.data = k;
	ev_io_start(m->loop, &k->accepting);
	m->control = k;
	return 0;
}

void
control_stop(struct master *m)
{
	struct control *k = m->control;

	if (k == NULL)
		return;
	while (!TAILQ_EMPTY(&k->clients))
		client_free(TAILQ_FIRST(&k->clients));
	ev_io_stop(m->loop, &k->accepting);
	free(k);
	m->control = NULL;
}

bool
control_is_flushed(const struct master *m)
{
	struct client *c;

	if (m->control == NULL)
		return true;
	TAILQ_FOREACH (c, &m->control->clients, link)
		if (c->unsent.len > 0)
			return false;
	return true;
}
