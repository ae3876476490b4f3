/* SPDX-License-Identifier: Apache-2.0 */
#include <clusterd/fdpass.h>
#include <clusterd/loglink.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int pair[2];
static struct log_message worker;

static void
open_pair(void)
{
	cr_assert_eq(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, pair),
	    0);
	worker = (struct log_message){ .type = LOG_WORKER,
		.index = 2,
		.uid = 9,
		.app = "api",
		.out_file = "/var/log/api.log" };
}

static int
carry(const struct log_message *m, size_t nfds)
{
	struct log_message got;
	int fds[FDPASS_MAX], two[3] = { 0, 1, 2 }, rc;
	size_t n = FDPASS_MAX;

	cr_assert_eq(loglink_send(pair[0], m, two, nfds), 0);
	rc = loglink_recv(pair[1], &got, fds, &n);
	cr_assert_eq(n, rc == 1 ? nfds : 0);
	if (rc == 1)
		cr_assert_eq(memcmp(m, &got, sizeof(got)), 0);
	fdpass_close(fds, n);
	return rc;
}

TestSuite(loglink, .init = open_pair);

Test(loglink, carries_a_worker_with_and_without_pipes)
{
	struct log_message reopen = { .type = LOG_REOPEN };

	cr_expect_eq(carry(&worker, 2), 1);
	cr_expect_eq(carry(&worker, 0), 1);
	cr_expect_eq(carry(&reopen, 0), 1);
}

Test(loglink, refuses_what_does_not_hold_together)
{
	struct log_message m = worker;

	cr_expect_eq(carry(&m, 1), -EPROTO);
	cr_expect_eq(carry(&m, 3), -EPROTO);
	m.index = WORKERS_MAX;
	cr_expect_eq(carry(&m, 2), -EPROTO);
	m = worker;
	m.uid = 0;
	cr_expect_eq(carry(&m, 2), -EPROTO);
	m = worker;
	m.format = 7;
	cr_expect_eq(carry(&m, 2), -EPROTO);
	m = worker;
	strcpy(m.error_file, "relative.log");
	cr_expect_eq(carry(&m, 2), -EPROTO);
	m = worker;
	memset(m.log_file, '/', sizeof(m.log_file));
	cr_expect_eq(carry(&m, 2), -EPROTO);
	m = worker;
	memset(m.app, 'a', sizeof(m.app));
	cr_expect_eq(carry(&m, 2), -EPROTO);
	m = worker;
	m.type = 9;
	cr_expect_eq(carry(&m, 0), -EPROTO);
}

Test(loglink, the_end_is_zero)
{
	struct log_message m;
	int fds[FDPASS_MAX];
	size_t n = FDPASS_MAX;

	cr_assert_eq(loglink_recv(pair[1], &m, fds, &n), -EAGAIN);
	close(pair[0]);
	n = FDPASS_MAX;
	cr_assert_eq(loglink_recv(pair[1], &m, fds, &n), 0);
}
