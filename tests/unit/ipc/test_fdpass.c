/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/fdpass.h>

static int pair[2];

static void
open_pair(void)
{
	cr_assert_eq(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, pair),
	    0);
}

static bool
same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino &&
	       x.st_dev == y.st_dev;
}

/* The lowest free number: shows whether a descriptor has leaked. */
static int
lowest_free(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

TestSuite(fdpass, .init = open_pair);

Test(fdpass, data_and_descriptors_arrive_close_on_exec)
{
	int ends[2], got[4];
	size_t n = COUNT(got);
	char text[16];

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(fdpass_send(pair[0], "hello", 5, ends, 2), 5);
	cr_assert_eq(fdpass_recv(pair[1], text, sizeof(text), got, &n), 5);
	cr_assert_eq(n, 2);
	cr_assert_eq(memcmp(text, "hello", 5), 0);
	cr_assert(same_file(got[0], ends[0]));
	cr_assert(same_file(got[1], ends[1]));
	cr_assert_eq(fcntl(got[0], F_GETFD), FD_CLOEXEC);
	cr_assert_neq(fcntl(ends[0], F_GETFD), -1); /* still the sender's */
}

Test(fdpass, as_many_as_a_message_holds)
{
	int fds[FDPASS_MAX + 1], got[FDPASS_MAX];
	size_t n = FDPASS_MAX;
	char c;

	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = STDERR_FILENO;
	cr_assert_eq(fdpass_send(pair[0], "x", 1, fds, FDPASS_MAX), 1);
	cr_assert_eq(fdpass_recv(pair[1], &c, 1, got, &n), 1);
	cr_assert_eq(n, FDPASS_MAX);
	cr_assert_eq(fdpass_send(pair[0], "x", 1, fds, FDPASS_MAX + 1), -E2BIG);
}

Test(fdpass, what_does_not_fit_is_closed)
{
	int fds[3] = { 2, 2, 2 }, got[2], before = lowest_free();
	size_t n = 2;
	char c;

	cr_assert_eq(fdpass_send(pair[0], "x", 1, fds, 3), 1);
	cr_assert_eq(fdpass_recv(pair[1], &c, 1, got, &n), -EMSGSIZE);
	cr_assert_eq(n, 0);
	n = 2;
	cr_assert_eq(fdpass_send(pair[0], "xy", 2, fds, 1), 2);
	cr_assert_eq(fdpass_recv(pair[1], &c, 1, got, &n), -EMSGSIZE);
	cr_assert_eq(n, 0);
	cr_assert_eq(lowest_free(), before);
}

Test(fdpass, a_full_table_is_told_from_a_bad_message)
{
	int fds[3] = { 2, 2, 2 }, got[8], before = lowest_free();
	struct rlimit rl = { (rlim_t)before + 1, (rlim_t)before + 1 };
	size_t n = COUNT(got);
	char c = 0;

	cr_assert_eq(fdpass_send(pair[0], "x", 1, fds, 3), 1);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &rl), 0);
	cr_assert_eq(fdpass_recv(pair[1], &c, 1, got, &n), -EMFILE);
	cr_assert_eq(n, 0);
	cr_assert_eq(c, 'x');
	cr_assert_eq(lowest_free(), before);
}

Test(fdpass, says_when_it_would_block_and_when_the_peer_is_gone)
{
	size_t n = 0;
	int rc;
	char c;

	cr_assert_eq(fdpass_recv(pair[1], &c, 1, NULL, &n), -EAGAIN);
	while ((rc = (int)fdpass_send(pair[0], "x", 1, NULL, 0)) == 1)
		continue;
	cr_assert_eq(rc, -EAGAIN);
	close(pair[1]);
	cr_assert_eq(fdpass_send(pair[0], "x", 1, NULL, 0), -EPIPE);
}

Test(fdpass, the_end_is_zero)
{
	size_t n = 0;
	char c;

	close(pair[0]);
	cr_assert_eq(fdpass_recv(pair[1], &c, 1, NULL, &n), 0);
}
