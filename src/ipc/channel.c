/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.c - messages and descriptors between master and one worker.
 *
 * One end of a stream socketpair in the loop; what waits to leave is sendq.c's.
 * Knows lines, not what they say: that is node.c and native.c.
 *
 * Whose descriptor is it? The kernel may glue earlier bytes to those that carry
 * a descriptor, but ends the read behind them. So the last byte of a read that
 * brought a descriptor is of the message it came with, and it goes with the
 * line which that byte belongs to.
 */
#include <clusterd/channel.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/buf.h>
#include <clusterd/limits.h>

#include "sendq.h"

enum {
	READ_BYTES = 64 * 1024, /* one callback reads no more: others wait */
	REST_BYTES = 1024 * 1024,
	RECEIVED_FDS = 4, /* room for; the kernel closes the rest */
	SEND_RETRY_MS = 20,
};

struct channel {
	struct ev_loop *loop;	       /* borrowed */
	const struct channel_ops *ops; /* borrowed */
	void *arg;		       /* borrowed */
	ev_io readable;
	ev_io writable; /* active while something can leave */
	ev_timer retry; /* the kernel, not the peer, was short of something */
	int fd;		/* owned; -1: closed */
	int line_fd;	/* owned; of the line not yet complete */
	int error;	/* no more can be sent; on_end is due */
	bool reading;	/* bytes are being handed out */
	struct buf in;	/* the beginning of a line */
	struct sendq out;
};

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/* ---- what leaves ------------------------------------------------------- */

static void
stop_sending(struct channel *ch)
{
	sendq_drop(&ch->out);
	ev_io_stop(ch->loop, &ch->writable);
	ev_timer_stop(ch->loop, &ch->retry);
}

/* The peer takes no more: tell by on_end, but not from here. */
static void
fail_later(struct channel *ch, int error)
{
	ch->error = error;
	stop_sending(ch);
	ev_feed_event(ch->loop, &ch->readable, EV_CUSTOM);
}

/* Send what can leave now; 0, or -EPIPE after which on_end is due. */
static int
flush(struct channel *ch)
{
	int rc = sendq_flush(&ch->out, ch->fd);

	switch (rc) {
	case 0:
		ev_io_stop(ch->loop, &ch->writable);
		return 0;
	case -EAGAIN:
		ev_io_start(ch->loop, &ch->writable);
		return 0;
	case -ETOOMANYREFS: /* descriptors on their way to all workers */
	case -ENOBUFS:
	case -ENOMEM:
		ev_io_stop(ch->loop, &ch->writable);
		ev_timer_set(&ch->retry, SEND_RETRY_MS / 1000., 0.);
		ev_timer_start(ch->loop, &ch->retry);
		return 0;
	default:
		fail_later(ch, rc);
		return -EPIPE;
	}
}

static void
on_writable(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop, (void)revents;
	if (flush(w->data) != 0)
		return; /* on_readable tells it */
}

static void
on_retry(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	if (flush(t->data) != 0)
		return; /* on_readable tells it */
}

int
channel_send(
    struct channel *ch, const char *line, size_t len, int fd, unsigned flags)
{
	int rc;

	if (ch->fd == -1 || ch->error != 0)
		return -EPIPE;
	rc = sendq_add(&ch->out, line, len, fd, flags);
	if (rc == -ENOBUFS)
		fail_later(ch, rc);
	if (rc != 0)
		return rc;
	if (ev_is_active(&ch->retry))
		return 0;
	return flush(ch);
}

void
channel_acked(struct channel *ch)
{
	sendq_acked(&ch->out);
	if (ch->fd == -1 || ch->error != 0 || ev_is_active(&ch->retry))
		return;
	if (flush(ch) != 0)
		return; /* on_readable tells it */
}

/* ---- what arrives ------------------------------------------------------ */

static void
end_channel(struct channel *ch, int error)
{
	channel_close(ch);
	ch->ops->on_end(ch->arg, error); /* may free ch */
}

/* Keep the first descriptor of a message, close every other. */
static void
take_fds(struct msghdr *msg, int *fd)
{
	struct cmsghdr *c;
	size_t i, n;
	int got;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(
			    &got, CMSG_DATA(c) + i * sizeof(int), sizeof(got));
			if (*fd == -1)
				*fd = got;
			else
				close(got);
		}
	}
}

/*
 * Not fdpass_recv(), which refuses a message whose descriptors do not fit: when
 * we are out of descriptors the text still counts, and the peer stays.
 */
static ssize_t
receive(int sock, char *data, size_t size, int *fd)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(RECEIVED_FDS * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = data, .iov_len = size };
	struct msghdr msg;
	ssize_t n;

	*fd = -1;
	do {
		memset(&msg, 0, sizeof(msg));
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return -errno;
	take_fds(&msg, fd);
	return n;
}

static void
adopt_fd(struct channel *ch, int *fd)
{
	if (ch->line_fd == -1)
		ch->line_fd = *fd;
	else
		close_fd(fd); /* one a line */
	*fd = -1;
}

/* `data` ends a line, its '\n' is at data[len]: hand the whole line out. */
static int
take_line(struct channel *ch, char *data, size_t len)
{
	struct buf whole = ch->in; /* ours: the callee may close the channel */
	int fd = ch->line_fd;
	int rc = 0;

	ch->line_fd = -1;
	data[len] = '\0';
	if (whole.len == 0) {
		ch->ops->on_line(ch->arg, data, len, fd);
		return 0;
	}
	buf_init(&ch->in, CHANNEL_LINE_MAX + 1);
	rc = buf_append(&whole, data, len + 1);
	if (rc == 0)
		ch->ops->on_line(ch->arg, whole.data, whole.len - 1, fd);
	else
		close_fd(&fd);
	buf_fini(&whole);
	return rc;
}

/* Hand out the lines of `len` bytes, keep the rest. 0 or -errno: drop the peer.
 */
static int
take_bytes(struct channel *ch, char *data, size_t len, int fd)
{
	char *end = data + len;
	char *nl;
	int rc = 0;

	while (rc == 0 && ch->fd != -1 &&
	       (nl = memchr(data, '\n', (size_t)(end - data))) != NULL) {
		if (nl + 1 == end)
			adopt_fd(ch, &fd);
		rc = take_line(ch, data, (size_t)(nl - data));
		data = nl + 1;
	}
	if (rc == 0 && ch->fd != -1 && data < end) {
		adopt_fd(ch, &fd);
		if (ch->in.len + (size_t)(end - data) > CHANNEL_LINE_MAX)
			rc = -ENOBUFS;
		else
			rc = buf_append(&ch->in, data, (size_t)(end - data));
	}
	close_fd(&fd);
	return rc == -ENOBUFS ? -EMSGSIZE : rc;
}

/*
 * Read once and hand out. Returns the bytes read; 0 when nothing is there or
 * the channel has ended, after which it may be freed.
 */
static size_t
read_some(struct channel *ch)
{
	char data[READ_BYTES];
	ssize_t n;
	int rc, fd;

	n = receive(ch->fd, data, sizeof(data), &fd);
	if (n == -EAGAIN) {
		if (ch->error != 0)
			end_channel(ch, ch->error);
		return 0;
	}
	if (n <= 0) {
		end_channel(ch, (int)n);
		return 0;
	}
	ch->reading = true;
	rc = take_bytes(ch, data, (size_t)n, fd);
	ch->reading = false;
	if (rc != 0) {
		end_channel(ch, rc);
		return 0;
	}
	return (size_t)n;
}

static void
on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
	struct channel *ch = w->data;

	(void)revents;
	if (ch->error == -ENOBUFS) {
		end_channel(ch, ch->error);
		return;
	}
	if (read_some(ch) > 0 && ch->fd != -1 && ch->error != 0)
		ev_feed_event(loop, w, EV_CUSTOM); /* hear it to its end */
}

void
channel_read_rest(struct channel *ch)
{
	size_t total = 0;
	size_t n;

	assert(!ch->reading);
	while (ch->fd != -1 && total < REST_BYTES) {
		n = read_some(ch);
		if (n == 0)
			return;
		total += n;
	}
}

/* ---- life -------------------------------------------------------------- */

struct channel *
channel_new(
    struct ev_loop *loop, int fd, const struct channel_ops *ops, void *arg)
{
	struct channel *ch = calloc(1, sizeof(*ch));
	int flags;

	if (ch == NULL)
		return NULL;
	flags = fcntl(fd, F_GETFL);
	if (flags != -1 && (flags & O_NONBLOCK) == 0)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	ch->loop = loop;
	ch->ops = ops;
	ch->arg = arg;
	ch->fd = fd;
	ch->line_fd = -1;
	buf_init(&ch->in, CHANNEL_LINE_MAX + 1);
	sendq_init(&ch->out);
	ev_io_init(&ch->readable, on_readable, fd, EV_READ);
	ev_io_init(&ch->writable, on_writable, fd, EV_WRITE);
	ev_timer_init(&ch->retry, on_retry, 0., 0.);
	ch->readable.data = ch;
	ch->writable.data = ch;
	ch->retry.data = ch;
	ev_io_start(loop, &ch->readable);
	return ch;
}

void
channel_close(struct channel *ch)
{
	if (ch->fd == -1)
		return;
	ev_io_stop(ch->loop, &ch->readable);
	stop_sending(ch);
	buf_fini(&ch->in);
	close_fd(&ch->line_fd);
	close_fd(&ch->fd);
}

void
channel_free(struct channel *ch)
{
	if (ch == NULL)
		return;
	assert(!ch->reading);
	channel_close(ch);
	free(ch);
}

bool
channel_is_open(const struct channel *ch)
{
	return ch->fd != -1;
}

int
channel_fd(const struct channel *ch)
{
	return ch->fd;
}
