/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sdk.c - libclusterd against a master in the hands of the test.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/fdpass.h>
#include <clusterd/worker.h>

struct scene {
	int master; /* the other end of the channel */
	struct cw *cw;
	int drains, grace_ms;
};

static void
set_channel(int fd)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", fd);
	setenv("CLUSTERD_CHANNEL_FD", text, 1);
}

static void
open_scene(struct scene *s)
{
	int sv[2];

	memset(s, 0, sizeof(*s));
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	s->master = sv[0];
	set_channel(sv[1]);
	cr_assert_eq(cw_open(&s->cw), 0);
	cr_assert_eq(cw_fd(s->cw), sv[1]);
}

static void
close_scene(struct scene *s)
{
	cw_close(s->cw);
	if (s->master != -1)
		close(s->master);
}

static void
say(struct scene *s, const char *text, int fd)
{
	ssize_t n = fdpass_send(s->master, text, strlen(text), &fd, fd != -1);

	cr_assert_eq(n, (ssize_t)strlen(text));
}

/* What the worker has said. */
static const char *
heard(struct scene *s)
{
	static char text[1024];
	ssize_t n;

	n = recv(s->master, text, sizeof(text) - 1, MSG_DONTWAIT);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void
on_drain(void *arg, int grace_ms)
{
	struct scene *s = arg;

	s->drains++;
	s->grace_ms = grace_ms;
}

static bool
same_file(int a, int b)
{
	struct stat sa, sb;

	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 &&
	       sa.st_ino == sb.st_ino && sa.st_dev == sb.st_dev;
}

Test(sdk, without_clusterd_everything_says_so)
{
	struct cw *cw;

	unsetenv("CLUSTERD_CHANNEL_FD");
	cr_assert_eq(cw_open(&cw), -ENOTCONN);
	cr_assert_null(cw);
	cr_assert_eq(cw_listeners(NULL, 0), -ENOTCONN);
	cr_assert_null(cw_listener(NULL, 0));
	cr_assert_eq(cw_listener_fd(NULL, "http"), -ENOTCONN);
	cr_assert_eq(cw_ready(NULL), -ENOTCONN);
	cr_assert_eq(cw_alive(NULL), -ENOTCONN);
	cr_assert_eq(cw_status(NULL, "x"), -ENOTCONN);
	cr_assert_eq(cw_drained(NULL), -ENOTCONN);
	cr_assert_eq(cw_dispatch(NULL), -ENOTCONN);
	cr_assert_eq(cw_fd(NULL), -1);
	cr_assert_eq(cw_drain_left_ms(NULL), -1);
	cw_on_drain(NULL, on_drain, NULL);
	cw_close(NULL);
}

Test(sdk, a_variable_that_names_no_socket_is_refused)
{
	static const char *const rows[] = { "x", "3x", "-1", "999999999999",
		"1000" };
	struct cw *cw;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		setenv("CLUSTERD_CHANNEL_FD", rows[i], 1);
		cr_assert_eq(cw_open(&cw), -EBADF, "%s", rows[i]);
	}
	set_channel(open("/dev/null", O_RDONLY | O_CLOEXEC));
	cr_assert_eq(cw_open(&cw), -EBADF, "a file");
}

Test(sdk, the_channel_is_not_handed_to_children)
{
	struct scene s;

	open_scene(&s);
	cr_assert_null(getenv("CLUSTERD_CHANNEL_FD"));
	cr_assert(fcntl(cw_fd(s.cw), F_GETFD) & FD_CLOEXEC);
	close_scene(&s);
}

Test(sdk, words_go_out_as_lines)
{
	struct scene s;

	open_scene(&s);
	cr_assert_eq(cw_ready(s.cw), 0);
	cr_assert_eq(cw_alive(s.cw), 0);
	cr_assert_eq(cw_status(s.cw, "a\nb"), 0);
	cr_assert_eq(cw_drained(s.cw), 0);
	cr_assert_str_eq(heard(&s), "clusterd/1 ready\nclusterd/1 alive\n"
				    "clusterd/1 status a?b\n"
				    "clusterd/1 drained\n");
	close_scene(&s);
}

Test(sdk, a_long_status_is_cut)
{
	char text[4096];
	struct scene s;

	open_scene(&s);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cr_assert_eq(cw_status(s.cw, text), 0);
	cr_assert_eq(strlen(heard(&s)), strlen("clusterd/1 status \n") + 255);
	close_scene(&s);
}

Test(sdk, a_master_that_does_not_read_blocks_nobody)
{
	struct scene s;
	int i, rc = 0;

	open_scene(&s);
	for (i = 0; i < 100000 && rc == 0; i++)
		rc = cw_alive(s.cw);
	cr_assert_eq(rc, -EAGAIN);
	close_scene(&s);
}

Test(sdk, listeners_come_with_their_names)
{
	int a = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int b = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct scene s;

	open_scene(&s);
	say(&s, "clusterd/1 listener http tcp://0.0.0.0:80\n", a);
	say(&s, "clusterd/1 listener admin unix:/run/a b\n", b);
	say(&s, "clusterd/1 listeners 2\n", -1);
	cr_assert_eq(cw_listeners(s.cw, 5000), 2);
	cr_assert_str_eq(heard(&s), "clusterd/1 hello\n");
	cr_assert_str_eq(cw_listener(s.cw, 0)->name, "http");
	cr_assert_str_eq(cw_listener(s.cw, 1)->address, "unix:/run/a b");
	cr_assert(same_file(cw_listener_fd(s.cw, "http"), a));
	cr_assert(same_file(cw_listener_fd(s.cw, "admin"), b));
	cr_assert(fcntl(cw_listener_fd(s.cw, "http"), F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(cw_listener_fd(s.cw, "nope"), -ENOENT);
	cr_assert_null(cw_listener(s.cw, 2));
	cr_assert_null(cw_listener(s.cw, -1));
	cr_assert_eq(cw_listeners(s.cw, 0), 2, "asked once");
	cr_assert_str_eq(heard(&s), "");
	close_scene(&s);
}

Test(sdk, waiting_for_listeners_ends)
{
	struct scene s;

	open_scene(&s);
	cr_assert_eq(cw_listeners(s.cw, 30), -ETIMEDOUT);
	say(&s, "clusterd/1 listen", -1);
	cr_assert_eq(cw_listeners(s.cw, 30), -ETIMEDOUT);
	say(&s, "ers 0\n", -1);
	cr_assert_eq(cw_listeners(s.cw, 5000), 0);
	cr_assert_str_eq(heard(&s), "clusterd/1 hello\n", "said once");
	close_scene(&s);
}

Test(sdk, a_listener_without_its_descriptor_is_an_error)
{
	struct scene s;

	open_scene(&s);
	say(&s, "clusterd/1 listener http tcp://0.0.0.0:80\n", -1);
	say(&s, "clusterd/1 listeners 1\n", -1);
	cr_assert_eq(cw_listeners(s.cw, 5000), -EPROTO);
	close_scene(&s);
}

Test(sdk, a_drain_order_is_told_once)
{
	struct scene s;

	open_scene(&s);
	cw_on_drain(s.cw, on_drain, &s);
	cr_assert_eq(cw_drain_left_ms(s.cw), -1);
	cr_assert_eq(cw_dispatch(s.cw), 0);
	cr_assert_eq(s.drains, 0);
	say(&s, "clusterd/1 drain 30000\nclusterd/1 drain 20000\n", -1);
	cr_assert_eq(cw_dispatch(s.cw), 0);
	cr_assert_eq(s.drains, 1);
	cr_assert(s.grace_ms > 29000 && s.grace_ms <= 30000);
	cr_assert_leq(cw_drain_left_ms(s.cw), 20000, "the last word counts");
	close_scene(&s);
}

Test(sdk, whoever_waits_for_the_order_says_hello)
{
	struct scene s;

	open_scene(&s);
	cw_on_drain(s.cw, on_drain, &s);
	cr_assert_str_eq(heard(&s), "clusterd/1 hello\n");
	say(&s, "clusterd/1 listeners 0\n", -1);
	cr_assert_eq(cw_listeners(s.cw, 5000), 0);
	cr_assert_str_eq(heard(&s), "", "once");
	close_scene(&s);
}

Test(sdk, a_drain_order_before_the_callback_is_not_lost)
{
	struct scene s;

	open_scene(&s);
	say(&s, "clusterd/1 drain 0\nclusterd/1 listeners 0\n", -1);
	cr_assert_eq(cw_listeners(s.cw, 5000), 0);
	cw_on_drain(s.cw, on_drain, &s);
	cr_assert_eq(s.drains, 1);
	cr_assert_eq(cw_drain_left_ms(s.cw), 0);
	close_scene(&s);
}

Test(sdk, words_it_does_not_know_are_passed_over)
{
	char text[10000];
	struct scene s;

	open_scene(&s);
	cw_on_drain(s.cw, on_drain, &s);
	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 2, "\n", 2);
	say(&s, "{\"cmd\":\"NODE_CLUSTER\"}\nclusterd/1 dance\n", -1);
	say(&s, text, -1);
	say(&s, "clusterd/1 drain 5\n", -1);
	cr_assert_eq(cw_dispatch(s.cw), 0);
	cr_assert_eq(s.drains, 1);
	close_scene(&s);
}

Test(sdk, the_end_of_the_channel_is_told_and_stays)
{
	struct scene s;

	open_scene(&s);
	cw_on_drain(s.cw, on_drain, &s);
	say(&s, "clusterd/1 drain 5\n", -1);
	close(s.master);
	s.master = -1;
	cr_assert_eq(cw_dispatch(s.cw), -EPIPE);
	cr_assert_eq(s.drains, 1, "the last word is heard");
	cr_assert_eq(cw_fd(s.cw), -1);
	cr_assert_eq(cw_dispatch(s.cw), -EPIPE);
	cr_assert_eq(cw_ready(s.cw), -EPIPE);
	cr_assert_eq(cw_listeners(s.cw, 5000), -EPIPE);
	close_scene(&s);
}
