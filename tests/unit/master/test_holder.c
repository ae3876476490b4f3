/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_holder.c - who has an address, found in /proc.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "master/listener.h"

static char who[256];

/* A child that holds `fd`, which is closed here. */
static pid_t
give_away(int fd)
{
	int ends[2];
	pid_t pid;
	char c;

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		fcntl(fd, F_SETFD, 0);
		execl("/bin/sleep", "sleep", "999", NULL);
		_exit(127);
	}
	close(ends[1]);
	cr_assert_eq(read(ends[0], &c, 1), 0); /* exec is over */
	close(ends[0]);
	close(fd);
	return pid;
}

/* Bind it, give it to a child, ask who holds it. */
static void
check(int family, int type, struct sockaddr *sa, socklen_t len)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);
	char expect[64];
	pid_t pid;

	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, sa, len), 0);
	if (family != AF_UNIX)
		cr_assert_eq(getsockname(fd, sa, &len), 0);
	if (type == SOCK_STREAM)
		cr_assert_eq(listen(fd, 1), 0);
	pid = give_away(fd);
	holder_describe(sa, len, type, who, sizeof(who));
	snprintf(expect, sizeof(expect), "pid %d (sleep 999)", (int)pid);
	cr_assert_str_eq(who, expect);
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	holder_describe(sa, len, type, who, sizeof(who));
	cr_assert_str_eq(who, "");
}

Test(holder, of_tcp)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	check(AF_INET, SOCK_STREAM, (struct sockaddr *)&in, sizeof(in));
}

Test(holder, of_udp)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	check(AF_INET, SOCK_DGRAM, (struct sockaddr *)&in, sizeof(in));
}

Test(holder, of_tcp6_asked_for_by_an_ipv4_address)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in6);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	if (fd == -1)
		cr_skip_test("no IPv6 here");
	cr_assert_eq(bind(fd, (struct sockaddr *)&in6, len), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&in6, &len), 0);
	cr_assert_eq(listen(fd, 1), 0);
	pid = give_away(fd);
	in.sin_port = in6.sin6_port;
	holder_describe(
	    (struct sockaddr *)&in, sizeof(in), SOCK_STREAM, who, sizeof(who));
	cr_assert_not_null(strstr(who, "(sleep 999)"), "%s", who);
	kill(pid, SIGKILL);
}

Test(holder, of_an_abstract_name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int n = snprintf(sun.sun_path + 1, 60, "clusterd-holder-%d", getpid());

	check(AF_UNIX, SOCK_STREAM, (struct sockaddr *)&sun,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
			(size_t)n));
}

Test(holder, of_a_path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path),
	    "/tmp/clusterd-test-holder-%d", getpid());
	check(AF_UNIX, SOCK_STREAM, (struct sockaddr *)&sun, sizeof(sun));
	unlink(sun.sun_path);
}
