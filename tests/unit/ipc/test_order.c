/* SPDX-License-Identifier: Apache-2.0 */
#include <clusterd/fdpass.h>
#include <clusterd/order.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int pair[2];

static void
open_pair(void)
{
	cr_assert_eq(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, pair),
	    0);
}

TestSuite(order, .init = open_pair);

Test(order, arrives_as_it_was_sent)
{
	struct order o = { .type = ORDER_HOLD,
		.index = 3,
		.uid = 1ULL << 40,
		.value = -7,
		.flags = ORDER_GROUP,
		.name = "listener:api/http" };
	struct order got;
	int fds[FDPASS_MAX], two[2] = { 0, 1 };
	size_t n = FDPASS_MAX;

	cr_assert_eq(order_send(pair[0], &o, two, 2), 0);
	cr_assert_eq(order_recv(pair[1], &got, fds, &n), 1);
	cr_assert_eq(n, 2);
	cr_assert_eq(memcmp(&o, &got, sizeof(o)), 0);
}

Test(order, a_message_of_another_size_is_refused)
{
	struct order o = { .type = ORDER_QUIT };
	char text[sizeof(o) + 1] = "";
	int fds[FDPASS_MAX], one = 1, before = dup(2);
	size_t n = FDPASS_MAX;

	close(before);
	cr_assert_eq(fdpass_send(pair[0], &o, sizeof(o) - 1, &one, 1),
	    (ssize_t)sizeof(o) - 1);
	cr_assert_eq(order_recv(pair[1], &o, fds, &n), -EPROTO);
	cr_assert_eq(n, 0);
	n = FDPASS_MAX;
	cr_assert_eq(fdpass_send(pair[0], text, sizeof(text), &one, 1),
	    (ssize_t)sizeof(text));
	cr_assert_eq(order_recv(pair[1], &o, fds, &n), -EPROTO);
	cr_assert_eq(dup(2), before);
}

Test(order, a_name_without_an_end_is_refused)
{
	struct order o = { .type = ORDER_HOLD };
	int fds[FDPASS_MAX];
	size_t n = FDPASS_MAX;

	memset(o.name, 'x', sizeof(o.name));
	cr_assert_eq(order_send(pair[0], &o, NULL, 0), 0);
	cr_assert_eq(order_recv(pair[1], &o, fds, &n), -EPROTO);
}

Test(order, the_last_words_of_a_peer_that_read_nothing_are_heard)
{
	struct order o = { .type = ORDER_QUIT, .value = 3 }, got;
	int fds[FDPASS_MAX];
	size_t n = FDPASS_MAX;

	cr_assert_eq(order_send(pair[1], &o, NULL, 0), 0); /* stays unread */
	cr_assert_eq(order_send(pair[0], &o, NULL, 0), 0);
	close(pair[0]);
	cr_assert_eq(order_recv(pair[1], &got, fds, &n), 1);
	cr_assert_eq(got.value, 3);
	n = FDPASS_MAX;
	cr_assert_eq(order_recv(pair[1], &got, fds, &n), 0);
}
