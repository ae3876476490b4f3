/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_notify.c - sd_notify datagrams: what they say and who says it.
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
#include <sys/un.h>
#include <unistd.h>

#include <clusterd/fdpass.h>
#include <clusterd/notify.h>

static void
parse(const char *text, struct notify_message *m)
{
	notify_parse(text, strlen(text), m);
}

Test(notify, every_field_is_read)
{
	struct notify_message m;

	parse("STATUS=loading\nREADY=1\nMAINPID=4711\nWATCHDOG=1\n"
	      "RELOADING=1\nSTOPPING=1\nEXTEND_TIMEOUT_USEC=5000000\n",
	    &m);
	cr_assert(m.ready && m.reloading && m.stopping && m.watchdog);
	cr_assert_eq(m.main_pid, 4711);
	cr_assert_eq(m.extend_timeout_us, 5000000);
	cr_assert_str_eq(m.status, "loading");
}

Test(notify, nothing_is_said_by_an_empty_or_a_broken_message)
{
	static const char *const rows[] = { "", "\n\n", "READY",
		"READY=", "READY=0", "READY=11", "ready=1", " READY=1",
		"XREADY=1", "MAINPID=-4", "MAINPID=4x", "WATCHDOG=trigger",
		"EXTEND_TIMEOUT_USEC=99999999999999999999" };
	struct notify_message m;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		parse(rows[i], &m);
		cr_assert_not(
		    m.ready || m.reloading || m.stopping || m.watchdog, "%s",
		    rows[i]);
		cr_assert_eq(m.main_pid, 0);
		cr_assert_eq(m.extend_timeout_us, -1);
		cr_assert_str_eq(m.status, "");
	}
}

Test(notify, a_status_is_cut_between_characters_and_cleaned)
{
	char text[400] = "STATUS=";
	struct notify_message m;
	size_t i;

	parse("STATUS=a\x1b[2Jb\tc", &m);
	cr_assert_str_eq(m.status, "a?[2Jb?c");

	strcat(text, "x"); /* so that the two-byte letters end odd */
	for (i = 0; i < 100; i++)
		strcat(text, "\xc3\xa4");
	parse(text, &m);
	cr_assert_eq(strlen(m.status), 127);
	parse(text + 0, &m);
	memmove(text + 7, text + 8, strlen(text + 8) + 1);
	parse(text, &m);
	cr_assert_eq(strlen(m.status), 126, "not inside a character");
}

struct scene {
	char dir[64], path[96];
	int sock, sender;
};

static void
open_scene(struct scene *s)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	strcpy(s->dir, "/tmp/clusterd-notify-XXXXXX");
	cr_assert_not_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/notify", s->dir);
	s->sock = notify_bind(s->path);
	cr_assert_geq(s->sock, 0);
	s->sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strcpy(sa.sun_path, s->path);
	cr_assert_eq(connect(s->sender, (struct sockaddr *)&sa, sizeof(sa)), 0);
}

static void
close_scene(struct scene *s)
{
	close(s->sock);
	close(s->sender);
	unlink(s->path);
	rmdir(s->dir);
}

Test(notify, a_datagram_comes_with_the_pid_of_its_sender)
{
	struct notify_message m;
	struct scene s;
	struct stat st;
	pid_t pid;

	open_scene(&s);
	cr_assert_eq(stat(s.path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0666);
	cr_assert_eq(notify_recv(s.sock, &m, &pid), 0, "none waits");
	cr_assert_eq(send(s.sender, "READY=1", 7, 0), 7);
	cr_assert_eq(notify_recv(s.sock, &m, &pid), 1);
	cr_assert(m.ready);
	cr_assert_eq(pid, getpid());
	close_scene(&s);
}

Test(notify, a_barrier_is_let_go_once_it_is_read)
{
	struct notify_message m;
	struct pollfd p;
	struct scene s;
	int pipefd[2];
	pid_t pid;

	open_scene(&s);
	cr_assert_eq(pipe2(pipefd, O_CLOEXEC), 0);
	cr_assert_eq(fdpass_send(s.sender, "BARRIER=1", 9, &pipefd[1], 1), 9);
	close(pipefd[1]);
	p = (struct pollfd){ .fd = pipefd[0], .events = POLLIN };
	cr_assert_eq(poll(&p, 1, 0), 0);
	cr_assert_eq(notify_recv(s.sock, &m, &pid), 1);
	cr_assert_eq(poll(&p, 1, 5000), 1);
	cr_assert(p.revents & POLLHUP);
	close(pipefd[0]);
	close_scene(&s);
}

Test(notify, a_datagram_that_does_not_fit_says_nothing)
{
	struct notify_message m;
	char big[16384];
	struct scene s;
	pid_t pid;

	open_scene(&s);
	memset(big, '\n', sizeof(big));
	memcpy(big, "READY=1", 7);
	cr_assert_eq(send(s.sender, big, sizeof(big), 0), (ssize_t)sizeof(big));
	cr_assert_eq(notify_recv(s.sock, &m, &pid), 1);
	cr_assert_not(m.ready);
	close_scene(&s);
}

Test(notify, a_stale_socket_is_replaced_and_a_file_is_not)
{
	struct scene s;
	int fd;

	open_scene(&s);
	fd = notify_bind(s.path);
	cr_assert_geq(fd, 0);
	close(fd);
	unlink(s.path);
	fd = open(s.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	cr_assert_eq(notify_bind(s.path), -EADDRINUSE);
	cr_assert_eq(access(s.path, F_OK), 0);
	close_scene(&s);
}

Test(notify, a_path_that_is_too_long_is_refused)
{
	char path[200];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	cr_assert_eq(notify_bind(path), -ENAMETOOLONG);
}
