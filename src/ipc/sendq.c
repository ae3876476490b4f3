/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sendq.c - the lines that wait to leave on a channel.
 *
 * A line is sent whole before the next begins, and its descriptor goes with its
 * first byte. Node's rule is kept here: behind a handle nothing but urgent
 * lines leaves until it has been acknowledged.
 */
#include "sendq.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/channel.h>
#include <clusterd/fdpass.h>
#include <clusterd/limits.h>

enum { SENDQ_FDS_MAX = 256 };

struct message {
	TAILQ_ENTRY(message) link;
	int fd; /* owned; -1: none, or it has left */
	unsigned flags;
	size_t len, sent; /* bytes of text */
	char text[];	  /* the line and its '\n' */
};

void
sendq_init(struct sendq *q)
{
	memset(q, 0, sizeof(*q));
	TAILQ_INIT(&q->urgent);
	TAILQ_INIT(&q->lines);
}

/* The descriptor has left, or never will. */
static void
close_fd(struct sendq *q, struct message *m)
{
	if (m->fd == -1)
		return;
	close(m->fd);
	m->fd = -1;
	q->fds--;
}

static void
message_free(struct sendq *q, struct message *m)
{
	close_fd(q, m);
	q->bytes -= sizeof(*m) + m->len;
	free(m);
}

static void
drop_list(struct sendq *q, struct message_list *list)
{
	struct message *m;

	while ((m = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, m, link);
		message_free(q, m);
	}
}

void
sendq_drop(struct sendq *q)
{
	if (q->current != NULL)
		message_free(q, q->current);
	q->current = NULL;
	drop_list(q, &q->urgent);
	drop_list(q, &q->lines);
}

static bool
has_room(const struct sendq *q, size_t len, int fd)
{
	size_t cost = sizeof(struct message) + len + 1;

	if (len > CHANNEL_QUEUE_MAX || q->bytes + cost > CHANNEL_QUEUE_MAX)
		return false;
	return fd == -1 || q->fds < SENDQ_FDS_MAX;
}

/* `fd` becomes the message's on success. */
static struct message *
message_new(const char *line, size_t len, int fd, unsigned flags)
{
	struct message *m = malloc(sizeof(*m) + len + 1);

	if (m == NULL)
		return NULL;
	m->fd = fd;
	m->flags = flags;
	m->len = len + 1;
	m->sent = 0;
	memcpy(m->text, line, len);
	m->text[len] = '\n';
	return m;
}

int
sendq_add(struct sendq *q, const char *line, size_t len, int fd, unsigned flags)
{
	struct message_list *list = &q->lines;
	struct message *m;
	int own = -1;

	if (!has_room(q, len, fd))
		return -ENOBUFS;
	if (fd != -1 && (own = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1)
		return -errno;
	m = message_new(line, len, own, flags);
	if (m == NULL) {
		if (own != -1)
			close(own);
		return -ENOMEM;
	}
	if ((flags & CHANNEL_URGENT) != 0)
		list = &q->urgent;
	TAILQ_INSERT_TAIL(list, m, link);
	q->bytes += sizeof(*m) + m->len;
	q->fds += own != -1;
	return 0;
}

/* Make the next line that may leave the current one; NULL: none may. */
static struct message *
next_message(struct sendq *q)
{
	struct message_list *list = &q->urgent;

	if (q->current != NULL)
		return q->current;
	if (TAILQ_EMPTY(list) && !q->wait_ack)
		list = &q->lines;
	q->current = TAILQ_FIRST(list);
	if (q->current != NULL)
		TAILQ_REMOVE(list, q->current, link);
	return q->current;
}

static void
message_sent(struct sendq *q, struct message *m, size_t bytes)
{
	if (m->sent == 0 && (m->flags & CHANNEL_WAIT_ACK) != 0)
		q->wait_ack = true;
	close_fd(q, m);
	m->sent += bytes;
	if (m->sent == m->len) {
		q->current = NULL;
		message_free(q, m);
	}
}

int
sendq_flush(struct sendq *q, int sock)
{
	struct message *m;
	ssize_t n;

	while ((m = next_message(q)) != NULL) {
		n = fdpass_send(sock, m->text + m->sent, m->len - m->sent,
		    &m->fd, m->fd == -1 ? 0 : 1);
		if (n < 0)
			return (int)n;
		message_sent(q, m, (size_t)n);
	}
	return 0;
}

void
sendq_acked(struct sendq *q)
{
	q->wait_ack = false;
}
