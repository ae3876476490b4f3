/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sdk.c - libclusterd: a worker's side of the channel (clusterd/worker.h).
 *
 * Speaks the words of native.h. A line here is short: it leaves in one piece or
 * not at all, so there is no queue; what arrives is kept in one small buffer.
 */
#include <clusterd/worker.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <clusterd/limits.h>
#include <clusterd/native.h>

enum {
	LINE_BYTES = 4096, /* longer lines are not for us */
	ADDRESS_BYTES = 256,
	STATUS_BYTES = 255,
	DISPATCH_READS = 16,
	RECEIVED_FDS = 4,
};

static const char channel_env[] = "CLUSTERD_CHANNEL_FD";

struct slot {
	struct cw_listener listener; /* its strings are the two below */
	char name[LISTENER_NAME_MAX];
	char address[ADDRESS_BYTES];
};

struct cw {
	int fd;	       /* owned */
	bool ended;    /* nothing more comes, nothing more leaves */
	int line_fd;   /* owned; came, its line is not complete yet */
	bool asked;    /* hello has been said */
	bool complete; /* all listeners are here */
	bool lost_fds; /* the kernel had no room for a descriptor */
	bool skipping; /* inside a line that is too long */
	int error;     /* of the listeners: -EPROTO, -EMFILE */
	int nlisteners;
	size_t len;	     /* bytes held in line */
	int64_t drain_at_ms; /* monotonic deadline; -1: no order */
	bool drain_told;
	void (*on_drain)(void *arg, int grace_ms);
	void *on_drain_arg; /* borrowed */
	struct slot slots[LISTENERS_MAX];
	char line[LINE_BYTES];
};

/* The library stands alone: no clock.c. */
static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- life -------------------------------------------------------------- */

/* The number in the environment; -ENOTCONN: none, -EBADF: no socket. */
static int
channel_from_env(void)
{
	const char *text = getenv(channel_env);
	struct stat st;
	char *end;
	long fd;

	if (text == NULL || *text == '\0')
		return -ENOTCONN;
	errno = 0;
	fd = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || fd < 0 || fd > INT_MAX)
		return -EBADF;
	if (fstat((int)fd, &st) == -1 || !S_ISSOCK(st.st_mode))
		return -EBADF;
	return (int)fd;
}

int
cw_open(struct cw **out)
{
	struct cw *cw;
	int fd = channel_from_env();

	*out = NULL;
	if (fd < 0)
		return fd;
	cw = calloc(1, sizeof(*cw));
	if (cw == NULL)
		return -ENOMEM;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)unsetenv(channel_env);
	cw->fd = fd;
	cw->line_fd = -1;
	cw->drain_at_ms = -1;
	*out = cw;
	return 0;
}

void
cw_close(struct cw *cw)
{
	if (cw == NULL)
		return;
	if (cw->line_fd != -1)
		close(cw->line_fd);
	close(cw->fd);
	free(cw);
}

int
cw_fd(const struct cw *cw)
{
	return cw == NULL || cw->ended ? -1 : cw->fd;
}

/* ---- what we say ------------------------------------------------------- */

static int
say(struct cw *cw, const char *line, size_t len)
{
	ssize_t n;

	if (cw == NULL)
		return -ENOTCONN;
	if (cw->ended)
		return -EPIPE;
	do
		n = send(cw->fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return 0;
}

#define SAY(cw, words)                                                         \
	say(cw, NATIVE_PREFIX words "\n", sizeof(NATIVE_PREFIX words "\n") - 1)

/* Once: from then on clusterd knows that we listen to it. */
static int
say_hello(struct cw *cw)
{
	int rc;

	if (cw == NULL)
		return -ENOTCONN;
	if (cw->asked)
		return 0;
	rc = SAY(cw, "hello");
	cw->asked = rc == 0;
	return rc;
}

int
cw_ready(struct cw *cw)
{
	return SAY(cw, "ready");
}

int
cw_alive(struct cw *cw)
{
	return SAY(cw, "alive");
}

int
cw_drained(struct cw *cw)
{
	return SAY(cw, "drained");
}

int
cw_status(struct cw *cw, const char *text)
{
	char line[STATUS_BYTES + 64];
	char *c;
	int n;

	n = snprintf(line, sizeof(line), NATIVE_PREFIX "status %.*s",
	    STATUS_BYTES, text);
	for (c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == '\x7f')
			*c = '?';
	}
	line[n] = '\n';
	return say(cw, line, (size_t)n + 1);
}

/* ---- what we hear ------------------------------------------------------ */

static void
fail_listeners(struct cw *cw, int error)
{
	if (cw->error == 0)
		cw->error = error;
}

static void
hear_listener(struct cw *cw, const struct native_message *m)
{
	struct slot *slot;
	int fd = cw->line_fd;

	cw->line_fd = -1;
	if (fd == -1) {
		fail_listeners(cw, cw->lost_fds ? -EMFILE : -EPROTO);
		return;
	}
	if (cw->complete || cw->nlisteners == LISTENERS_MAX) {
		close(fd);
		return;
	}
	slot = &cw->slots[cw->nlisteners++];
	snprintf(slot->name, sizeof(slot->name), "%s", m->name);
	snprintf(slot->address, sizeof(slot->address), "%s", m->address);
	slot->listener.name = slot->name;
	slot->listener.address = slot->address;
	slot->listener.fd = fd;
}

static void
hear_listeners(struct cw *cw, int64_t count)
{
	if (count != cw->nlisteners)
		fail_listeners(cw, -EPROTO);
	cw->complete = true;
}

static void
tell_drain(struct cw *cw)
{
	if (cw->on_drain == NULL || cw->drain_told)
		return;
	cw->drain_told = true;
	cw->on_drain(cw->on_drain_arg, cw_drain_left_ms(cw));
}

static void
hear_drain(struct cw *cw, int64_t grace_ms)
{
	if (grace_ms > INT_MAX)
		grace_ms = INT_MAX;
	cw->drain_at_ms = now_ms() + grace_ms;
	tell_drain(cw);
}

/* Words that are not for a worker, or not known yet, are passed over. */
static void
hear_line(struct cw *cw, char *line)
{
	struct native_message m;

	if (native_parse(line, &m) != 0)
		return;
	if (m.verb == NATIVE_LISTENER)
		hear_listener(cw, &m);
	else if (m.verb == NATIVE_LISTENERS)
		hear_listeners(cw, m.number);
	else if (m.verb == NATIVE_DRAIN)
		hear_drain(cw, m.number);
}

/* Hear the complete lines in the buffer and keep the rest. */
static void
hear_lines(struct cw *cw)
{
	char *at = cw->line, *end = cw->line + cw->len, *nl;

	while ((nl = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		*nl = '\0';
		if (!cw->skipping)
			hear_line(cw, at);
		cw->skipping = false;
		at = nl + 1;
	}
	cw->len = (size_t)(end - at);
	if (cw->len == sizeof(cw->line)) {
		cw->skipping = true;
		cw->len = 0;
	}
	memmove(cw->line, at, cw->len);
}

/* A listener line carries one; any more is not ours to keep. */
static void
take_fds(struct cw *cw, struct msghdr *msg)
{
	struct cmsghdr *c;
	size_t i, n;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (cw->line_fd == -1)
				cw->line_fd = fd;
			else
				close(fd);
		}
	}
	if (msg->msg_flags & MSG_CTRUNC)
		cw->lost_fds = true;
}

/* One read: 1 something was heard, 0 nothing is there, -EPIPE ended. */
static int
hear_some(struct cw *cw)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(RECEIVED_FDS * sizeof(int))];
	} control;
	struct iovec iov;
	struct msghdr msg;
	ssize_t n;

	do {
		memset(&msg, 0, sizeof(msg));
		iov.iov_base = cw->line + cw->len;
		iov.iov_len = sizeof(cw->line) - cw->len;
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(cw->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		/* Not closed: epoll would keep it if others hold it too. */
		cw->ended = true;
		return -EPIPE;
	}
	take_fds(cw, &msg);
	cw->len += (size_t)n;
	hear_lines(cw);
	return 1;
}

int
cw_dispatch(struct cw *cw)
{
	int i, rc = 1;

	if (cw == NULL)
		return -ENOTCONN;
	if (cw->ended)
		return -EPIPE;
	for (i = 0; i < DISPATCH_READS && rc == 1; i++)
		rc = hear_some(cw);
	return rc < 0 ? rc : 0;
}

/* ---- listeners --------------------------------------------------------- */

/* 0: something is there to read; -ETIMEDOUT or -errno. */
static int
wait_readable(struct cw *cw, int timeout_ms, int64_t until_ms)
{
	struct pollfd p = { .fd = cw->fd, .events = POLLIN };
	int64_t left_ms = -1;
	int n;

	if (timeout_ms >= 0) {
		left_ms = until_ms - now_ms();
		if (left_ms < 0)
			left_ms = 0;
	}
	n = poll(&p, 1, (int)left_ms);
	if (n == -1)
		return errno == EINTR ? 0 : -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

int
cw_listeners(struct cw *cw, int timeout_ms)
{
	int64_t until_ms = now_ms() + timeout_ms;
	int rc = say_hello(cw);

	while (rc == 0 && !cw->complete) {
		rc = cw_dispatch(cw);
		if (rc == 0 && !cw->complete)
			rc = wait_readable(cw, timeout_ms, until_ms);
	}
	if (cw != NULL && cw->complete)
		rc = cw->error;
	return rc != 0 ? rc : cw->nlisteners;
}

const struct cw_listener *
cw_listener(const struct cw *cw, int index)
{
	if (cw == NULL || index < 0 || index >= cw->nlisteners)
		return NULL;
	return &cw->slots[index].listener;
}

int
cw_listener_fd(const struct cw *cw, const char *name)
{
	int i;

	if (cw == NULL)
		return -ENOTCONN;
	for (i = 0; i < cw->nlisteners; i++) {
		if (strcmp(cw->slots[i].name, name) == 0)
			return cw->slots[i].listener.fd;
	}
	return -ENOENT;
}

/* ---- drain ------------------------------------------------------------- */

void
cw_on_drain(struct cw *cw, void (*fn)(void *arg, int grace_ms), void *arg)
{
	if (cw == NULL)
		return;
	cw->on_drain = fn;
	cw->on_drain_arg = arg;
	(void)say_hello(cw);
	if (cw->drain_at_ms != -1)
		tell_drain(cw);
}

int
cw_drain_left_ms(const struct cw *cw)
{
	int64_t left_ms;

	if (cw == NULL || cw->drain_at_ms == -1)
		return -1;
	left_ms = cw->drain_at_ms - now_ms();
	return left_ms < 0 ? 0 : (int)left_ms;
}
