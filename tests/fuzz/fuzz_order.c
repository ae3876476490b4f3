/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_order.c - a message on the keeper's or on the logger's link, with as
 * many descriptors as its first byte says.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/fdpass.h>
#include <clusterd/loglink.h>
#include <clusterd/order.h>

#include "fuzz.h"

static int
count_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 128; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
receive_order(int sock)
{
	int fds[FDPASS_MAX];
	size_t nfds = COUNT(fds);
	struct order o;

	if (order_recv(sock, &o, fds, &nfds) != 1)
		return;
	if (memchr(o.name, '\0', sizeof(o.name)) == NULL)
		abort();
	fdpass_close(fds, nfds);
}

static void
receive_log_message(int sock)
{
	int fds[FDPASS_MAX];
	size_t nfds = COUNT(fds);
	struct log_message m;

	if (loglink_recv(sock, &m, fds, &nfds) != 1)
		return;
	if (memchr(m.app, '\0', sizeof(m.app)) == NULL ||
	    memchr(m.out_file, '\0', sizeof(m.out_file)) == NULL)
		abort();
	fdpass_close(fds, nfds);
}

/* A short input is filled up: else all but one length is refused at once. */
static void
pass(const uint8_t *data, size_t len, size_t fill, void (*receive)(int sock))
{
	static uint8_t text[16384];
	int sv[2], fds[FDPASS_MAX];
	size_t i, nfds = len > 0 ? data[0] % 4 : 0;

	if (len > sizeof(text))
		len = sizeof(text);
	memset(text, 0, sizeof(text));
	if (len > 0)
		memcpy(text, data, len);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		return;
	for (i = 0; i < nfds; i++)
		fds[i] = sv[0];
	(void)!fdpass_send(sv[0], text, len < fill ? fill : len, fds, nfds);
	shutdown(sv[0], SHUT_WR);
	receive(sv[1]);
	close(sv[0]);
	close(sv[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int before = count_fds();

	pass(data, len, sizeof(struct order), receive_order);
	pass(data, len, sizeof(struct log_message), receive_log_message);
	pass(data, len, 1, receive_order);
	if (count_fds() != before)
		abort(); /* a descriptor was forgotten */
	return 0;
}
