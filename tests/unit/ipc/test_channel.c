/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_channel.c - lines and descriptors through one channel, with the other
 * end in the hands of the test.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/channel.h>
#include <clusterd/fdpass.h>
#include <clusterd/limits.h>

enum { SEEN_MAX = 16, DEADLINE_S = 5 };

struct seen {
	struct ev_loop *loop;
	struct channel *ch;
	int peer; /* the worker's end */
	char line[SEEN_MAX][256];
	size_t len[SEEN_MAX];
	int fd[SEEN_MAX];
	size_t nlines;
	int ends, error;
	bool close_on_line, free_on_end, sending, end_in_send;
};

static void
on_line(void *arg, char *line, size_t len, int fd)
{
	struct seen *s = arg;
	size_t i = s->nlines++;

	ev_break(s->loop, EVBREAK_ONE);
	cr_assert_eq(line[len], '\0');
	if (i < SEEN_MAX) {
		snprintf(s->line[i], sizeof(s->line[i]), "%.200s", line);
		s->len[i] = len;
		s->fd[i] = fd;
	} else if (fd != -1) {
		close(fd);
	}
	if (s->close_on_line)
		channel_close(s->ch);
	/* The line must outlive the close. */
	cr_assert_eq(line[len], '\0');
}

static void
on_end(void *arg, int error)
{
	struct seen *s = arg;

	ev_break(s->loop, EVBREAK_ONE);
	s->ends++;
	s->error = error;
	s->end_in_send = s->sending;
	cr_assert_not(channel_is_open(s->ch));
	if (s->free_on_end) {
		channel_free(s->ch);
		s->ch = NULL;
	}
}

static const struct channel_ops ops = { .on_line = on_line, .on_end = on_end };

static void
open_seen(struct seen *s)
{
	int sv[2];

	memset(s, 0, sizeof(*s));
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	s->loop = ev_loop_new(0);
	s->peer = sv[1];
	s->ch = channel_new(s->loop, sv[0], &ops, s);
	cr_assert_not_null(s->ch);
}

static void
close_seen(struct seen *s)
{
	channel_free(s->ch);
	ev_loop_destroy(s->loop);
	if (s->peer != -1)
		close(s->peer);
}

static void
on_deadline(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)t, (void)revents;
	ev_break(loop, EVBREAK_ALL);
	cr_assert_fail("deadline");
}

/* Run the loop until there are so many lines and ends. */
static void
run_until(struct seen *s, size_t nlines, int ends)
{
	ev_timer t;

	ev_timer_init(&t, on_deadline, DEADLINE_S, 0.);
	ev_timer_start(s->loop, &t);
	while (s->nlines < nlines || s->ends < ends)
		ev_run(s->loop, EVRUN_ONCE);
	ev_timer_stop(s->loop, &t);
}

static void
turn(struct seen *s)
{
	ev_run(s->loop, EVRUN_NOWAIT);
}

static void
say(struct seen *s, const char *text, int fd)
{
	ssize_t n = fdpass_send(s->peer, text, strlen(text), &fd, fd != -1);

	cr_assert_eq(n, (ssize_t)strlen(text));
}

static int
send_line(struct seen *s, const char *line, int fd, unsigned flags)
{
	int rc;

	s->sending = true;
	rc = channel_send(s->ch, line, strlen(line), fd, flags);
	s->sending = false;
	return rc;
}

/* What the worker can read now, as text. */
static const char *
heard(struct seen *s, int *fd)
{
	static char text[4096];
	size_t nfds = 1, len = 0;
	ssize_t n;

	*fd = -1;
	(void)fcntl(s->peer, F_SETFL, O_NONBLOCK);
	while ((n = fdpass_recv(s->peer, text + len, sizeof(text) - 1 - len, fd,
		    &nfds)) > 0) {
		len += (size_t)n;
		if (nfds > 0)
			break;
		nfds = 1;
	}
	text[len] = '\0';
	return text;
}

static bool
same_file(int a, int b)
{
	struct stat sa, sb;

	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 &&
	       sa.st_ino == sb.st_ino && sa.st_dev == sb.st_dev;
}

static int
count_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

Test(channel, lines_arrive_whole_and_in_order)
{
	struct seen s;

	open_seen(&s);
	say(&s, "one\ntwo\nthr", -1);
	run_until(&s, 2, 0);
	turn(&s);
	cr_assert_eq(s.nlines, 2);
	say(&s, "ee\n\n", -1);
	run_until(&s, 4, 0);
	cr_assert_str_eq(s.line[0], "one");
	cr_assert_str_eq(s.line[1], "two");
	cr_assert_str_eq(s.line[2], "three");
	cr_assert_str_eq(s.line[3], "");
	close_seen(&s);
}

Test(channel, a_long_line_in_pieces_arrives_whole)
{
	struct seen s;
	size_t len = CHANNEL_LINE_MAX, sent = 0;
	char *text = malloc(len + 1);
	ssize_t n;

	memset(text, 'x', len);
	text[len] = '\n';
	open_seen(&s);
	while (sent < len + 1) {
		n = send(s.peer, text + sent, len + 1 - sent, MSG_DONTWAIT);
		if (n > 0)
			sent += (size_t)n;
		turn(&s);
	}
	run_until(&s, 1, 0);
	cr_assert_eq(s.len[0], len);
	free(text);
	close_seen(&s);
}

Test(channel, a_line_over_the_bound_ends_it)
{
	struct seen s;
	char text[65536];

	memset(text, 'x', sizeof(text));
	open_seen(&s);
	while (s.ends == 0) {
		(void)!send(
		    s.peer, text, sizeof(text), MSG_DONTWAIT | MSG_NOSIGNAL);
		turn(&s);
	}
	cr_assert_eq(s.error, -EMSGSIZE);
	cr_assert_eq(s.nlines, 0);
	close_seen(&s);
}

Test(channel, a_callback_reads_a_bounded_amount)
{
	struct seen s;
	char text[4096];
	int i;

	memset(text, '\n', sizeof(text));
	open_seen(&s);
	for (i = 0; i < 40; i++)
		cr_assert_eq(send(s.peer, text, sizeof(text), 0), 4096);
	while (s.nlines == 0)
		turn(&s);
	cr_assert_leq(s.nlines, 64 * 1024);
	run_until(&s, 40 * sizeof(text), 0);
	close_seen(&s);
}

Test(channel, a_descriptor_goes_with_its_line)
{
	struct seen s;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	open_seen(&s);
	say(&s, "plain\n", -1);
	say(&s, "carrier\n", file);
	say(&s, "after\n", -1);
	run_until(&s, 3, 0);
	cr_assert_eq(s.fd[0], -1);
	cr_assert(same_file(s.fd[1], file));
	cr_assert(fcntl(s.fd[1], F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(s.fd[2], -1);
	close_seen(&s);
}

Test(channel, a_descriptor_waits_for_the_end_of_its_line)
{
	struct seen s;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	open_seen(&s);
	say(&s, "car", file);
	turn(&s);
	turn(&s);
	cr_assert_eq(s.nlines, 0);
	say(&s, "rier\nafter\n", -1);
	run_until(&s, 2, 0);
	cr_assert_str_eq(s.line[0], "carrier");
	cr_assert(same_file(s.fd[0], file));
	cr_assert_eq(s.fd[1], -1);
	close_seen(&s);
}

Test(channel, more_than_one_descriptor_a_line_is_closed)
{
	struct seen s;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int many[40];
	int before, i;

	for (i = 0; i < 40; i++)
		many[i] = file;
	open_seen(&s);
	before = count_fds();
	cr_assert_eq(fdpass_send(s.peer, "a\n", 2, many, 40), 2);
	say(&s, "b", file);
	say(&s, "c\n", file);
	run_until(&s, 2, 0);
	cr_assert_neq(s.fd[0], -1);
	cr_assert_neq(s.fd[1], -1);
	cr_assert_eq(count_fds(), before + 2);
	say(&s, "half", file);
	turn(&s);
	turn(&s);
	channel_close(s.ch);
	cr_assert_eq(count_fds(), before + 1, "the end itself is closed too");
	close_seen(&s);
}

Test(channel, the_end_of_the_peer_is_told_once)
{
	struct seen s;

	open_seen(&s);
	say(&s, "last\nhalf", -1);
	close(s.peer);
	s.peer = -1;
	run_until(&s, 1, 1);
	turn(&s);
	cr_assert_eq(s.ends, 1);
	cr_assert_eq(s.error, 0);
	cr_assert_eq(s.nlines, 1, "half a line is none");
	cr_assert_eq(send_line(&s, "x", -1, 0), -EPIPE);
	close_seen(&s);
}

Test(channel, may_be_closed_from_on_line)
{
	struct seen s;

	open_seen(&s);
	s.close_on_line = true;
	say(&s, "ha", -1);
	turn(&s);
	turn(&s);
	say(&s, "lf\nnever\n", -1);
	run_until(&s, 1, 0);
	turn(&s);
	cr_assert_eq(s.nlines, 1);
	cr_assert_str_eq(s.line[0], "half");
	cr_assert_eq(s.ends, 0, "we closed it ourselves");
	close_seen(&s);
}

Test(channel, may_be_freed_from_on_end)
{
	struct seen s;

	open_seen(&s);
	s.free_on_end = true;
	close(s.peer);
	s.peer = -1;
	run_until(&s, 0, 1);
	cr_assert_null(s.ch);
	close_seen(&s);
}

Test(channel, what_is_sent_arrives_with_its_descriptor)
{
	struct seen s;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int fd;

	open_seen(&s);
	cr_assert_eq(send_line(&s, "plain", -1, 0), 0);
	cr_assert_eq(send_line(&s, "carrier", file, 0), 0);
	cr_assert_neq(fcntl(file, F_GETFD), -1, "the caller keeps its own");
	cr_assert_str_eq(heard(&s, &fd), "plain\ncarrier\n");
	cr_assert(same_file(fd, file));
	close_seen(&s);
}

Test(channel, behind_a_handle_only_urgent_lines_leave)
{
	struct seen s;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int fd;

	open_seen(&s);
	cr_assert_eq(send_line(&s, "handle", file, CHANNEL_WAIT_ACK), 0);
	cr_assert_eq(send_line(&s, "later", file, CHANNEL_WAIT_ACK), 0);
	cr_assert_eq(send_line(&s, "last", -1, 0), 0);
	cr_assert_eq(send_line(&s, "ack", -1, CHANNEL_URGENT), 0);
	cr_assert_str_eq(heard(&s, &fd), "handle\n");
	cr_assert_neq(fd, -1);
	cr_assert_str_eq(heard(&s, &fd), "ack\n");
	cr_assert_eq(fd, -1);
	channel_acked(s.ch);
	cr_assert_str_eq(heard(&s, &fd), "later\n");
	cr_assert_neq(fd, -1);
	cr_assert_str_eq(heard(&s, &fd), "");
	channel_acked(s.ch);
	cr_assert_str_eq(heard(&s, &fd), "last\n");
	close_seen(&s);
}

Test(channel, a_full_socket_is_written_on_when_it_empties)
{
	struct seen s;
	char text[8192], got[65536];
	size_t sent = 0, received = 0;
	ssize_t n;
	int i;

	memset(text, 'y', sizeof(text));
	open_seen(&s);
	for (i = 0; i < 200; i++) {
		cr_assert_eq(channel_send(s.ch, text, sizeof(text), -1, 0), 0);
		sent += sizeof(text) + 1;
	}
	while (received < sent) {
		n = recv(s.peer, got, sizeof(got), MSG_DONTWAIT);
		if (n > 0)
			received += (size_t)n;
		else
			turn(&s);
	}
	cr_assert_eq(received, sent);
	cr_assert_eq(s.ends, 0);
	close_seen(&s);
}

Test(channel, a_peer_that_does_not_read_is_dropped_at_the_bound)
{
	struct seen s;
	char *text = calloc(1, 65536);
	size_t total = 0;
	int rc;

	memset(text, 'z', 65536);
	open_seen(&s);
	s.sending = true;
	while ((rc = channel_send(s.ch, text, 65536, -1, 0)) == 0) {
		total += 65536;
		cr_assert_lt(total, 2 * (size_t)CHANNEL_QUEUE_MAX);
	}
	cr_assert_eq(rc, -ENOBUFS);
	cr_assert_eq(channel_send(s.ch, text, 1, -1, 0), -EPIPE);
	s.sending = false;
	cr_assert_eq(s.ends, 0, "never from within channel_send");
	run_until(&s, 0, 1);
	cr_assert_eq(s.error, -ENOBUFS);
	free(text);
	close_seen(&s);
}

Test(channel, descriptors_that_wait_are_bounded)
{
	struct seen s;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int rc = 0, n = 0;

	open_seen(&s);
	while (rc == 0 && n < 2000) {
		rc = send_line(&s, "handle", file, CHANNEL_WAIT_ACK);
		n++;
	}
	cr_assert_eq(rc, -ENOBUFS);
	run_until(&s, 0, 1);
	close_seen(&s);
}

Test(channel, sending_to_a_peer_that_is_gone_hears_its_last_words)
{
	struct seen s;

	open_seen(&s);
	say(&s, "goodbye\n", -1);
	close(s.peer);
	s.peer = -1;
	cr_assert_eq(send_line(&s, "x", -1, 0), -EPIPE);
	cr_assert_eq(s.ends, 0);
	run_until(&s, 1, 1);
	cr_assert_str_eq(s.line[0], "goodbye");
	cr_assert_not(s.end_in_send);
	close_seen(&s);
}

Test(channel, a_peer_that_only_stops_reading_is_told_too)
{
	struct seen s;

	open_seen(&s);
	shutdown(s.peer, SHUT_RD);
	cr_assert_eq(send_line(&s, "x", -1, 0), -EPIPE);
	run_until(&s, 0, 1);
	cr_assert_eq(s.error, -EPIPE);
	close_seen(&s);
}

Test(channel, the_rest_can_be_read_without_the_loop)
{
	struct seen s;

	open_seen(&s);
	say(&s, "one\ntwo\n", -1);
	channel_read_rest(s.ch);
	cr_assert_eq(s.nlines, 2);
	cr_assert_eq(s.ends, 0);
	say(&s, "three\n", -1);
	close(s.peer);
	s.peer = -1;
	s.free_on_end = true;
	channel_read_rest(s.ch);
	cr_assert_eq(s.nlines, 3);
	cr_assert_eq(s.ends, 1);
	close_seen(&s);
}

Test(channel, close_is_idempotent_and_keeps_no_descriptor)
{
	struct seen s;
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int before = count_fds();

	open_seen(&s);
	cr_assert_eq(send_line(&s, "a", file, CHANNEL_WAIT_ACK), 0);
	cr_assert_eq(send_line(&s, "b", file, CHANNEL_WAIT_ACK), 0);
	channel_close(s.ch);
	channel_close(s.ch);
	cr_assert_eq(channel_fd(s.ch), -1);
	close_seen(&s);
	cr_assert_eq(count_fds(), before);
}
