/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_channel.c - what a worker may do on its channel, as a small program: the
 * first byte of each step says what, the rest is what is written.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/channel.h>
#include <clusterd/fdpass.h>

#include "fuzz.h"

enum step {
	STEP_WRITE,
	STEP_WRITE_FD,
	STEP_WRITE_FDS,
	STEP_LOOP,
	STEP_SEND,
	STEP_SEND_FD,
	STEP_ACKED,
	STEP_READ, /* the worker reads */
	STEP_REST,
	STEP_CLOSE_PEER,
	STEP_SHUTDOWN_PEER,
	STEP_CLOSE,
	NSTEPS,
};

struct scene {
	struct ev_loop *loop;
	struct channel *ch;
	int peer;
	int file;
	int ends;
	bool sending;
};

static void
on_line(void *arg, char *line, size_t len, int fd)
{
	struct scene *s = arg;

	if (line[len] != '\0' || memchr(line, '\n', len) != NULL || s->ends > 0)
		abort();
	if (fd != -1)
		close(fd);
	if (len == 5 && memcmp(line, "close", 5) == 0)
		channel_close(s->ch);
}

static void
on_end(void *arg, int error)
{
	struct scene *s = arg;

	if (error > 0 || ++s->ends > 1 || s->sending || channel_is_open(s->ch))
		abort();
}

static const struct channel_ops ops = { on_line, on_end };

static void
write_some(struct scene *s, const uint8_t *data, size_t len, size_t nfds)
{
	int fds[8], i;

	for (i = 0; i < 8; i++)
		fds[i] = s->file;
	if (s->peer != -1 && len > 0)
		(void)!fdpass_send(s->peer, data, len, fds, nfds);
}

static void
send_some(struct scene *s, const uint8_t *data, size_t len, int fd)
{
	unsigned flags = len > 0 ? data[0] & 3 : 0;

	s->sending = true;
	(void)!channel_send(s->ch, (const char *)data, len, fd, flags);
	s->sending = false;
}

static void
close_peer(struct scene *s)
{
	if (s->peer != -1)
		close(s->peer);
	s->peer = -1;
}

static void
take_step(struct scene *s, enum step step, const uint8_t *data, size_t len)
{
	char sink[4096];

	switch (step) {
	case STEP_WRITE:
		write_some(s, data, len, 0);
		break;
	case STEP_WRITE_FD:
		write_some(s, data, len, 1);
		break;
	case STEP_WRITE_FDS:
		write_some(s, data, len, 8);
		break;
	case STEP_SEND:
		send_some(s, data, len, -1);
		break;
	case STEP_SEND_FD:
		send_some(s, data, len, s->file);
		break;
	case STEP_ACKED:
		channel_acked(s->ch);
		break;
	case STEP_READ:
		if (s->peer != -1)
			(void)!recv(s->peer, sink, sizeof(sink), MSG_DONTWAIT);
		break;
	case STEP_REST:
		channel_read_rest(s->ch);
		break;
	case STEP_CLOSE_PEER:
		close_peer(s);
		break;
	case STEP_SHUTDOWN_PEER:
		if (s->peer != -1)
			shutdown(s->peer, len & 1 ? SHUT_RD : SHUT_WR);
		break;
	case STEP_CLOSE:
		channel_close(s->ch);
		break;
	case STEP_LOOP:
	case NSTEPS:
		break;
	}
	ev_run(s->loop, EVRUN_NOWAIT);
}

/* A step is one byte of kind and length together, then so many bytes. */
static void
run_program(struct scene *s, const uint8_t *data, size_t len)
{
	size_t n;
	enum step step;

	while (len > 0) {
		step = (enum step)(data[0] % NSTEPS);
		n = data[0] / NSTEPS * 8u;
		data++;
		len--;
		if (n > len)
			n = len;
		take_step(s, step, data, n);
		data += n;
		len -= n;
	}
}

static int
count_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct scene s = { .peer = -1 };
	int sv[2], before = count_fds();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		sv) == -1)
		return 0;
	s.file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s.loop = ev_loop_new(EVBACKEND_POLL);
	s.peer = sv[1];
	s.ch = channel_new(s.loop, sv[0], &ops, &s);
	if (s.ch == NULL)
		abort();
	run_program(&s, data, len);
	channel_free(s.ch);
	ev_loop_destroy(s.loop);
	close_peer(&s);
	close(s.file);
	if (count_fds() != before)
		abort(); /* a descriptor was forgotten */
	return 0;
}
