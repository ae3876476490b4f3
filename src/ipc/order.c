/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.c - one order or report between the keeper and its children.
 */
#include <clusterd/order.h>

#include <errno.h>
#include <string.h>

#include <clusterd/fdpass.h>

int
order_send(int link, const struct order *o, const int *fds, size_t nfds)
{
	ssize_t n = fdpass_send(link, o, sizeof(*o), fds, nfds);

	return n < 0 ? (int)n : 0; /* SOCK_SEQPACKET: all of it or nothing */
}

int
order_recv(int link, struct order *o, int *fds, size_t *nfds)
{
	size_t room = *nfds;
	ssize_t n = fdpass_recv(link, o, sizeof(*o), fds, nfds);

	if (n == -ECONNRESET) {
		/* The peer died with our messages unread. The kernel says so
		 * once; what it had sent is behind that. */
		*nfds = room;
		n = fdpass_recv(link, o, sizeof(*o), fds, nfds);
	}
	if (n == 0 && *nfds == 0)
		return 0;
	if (n < 0)
		return n == -EMSGSIZE ? -EPROTO : (int)n;
	if ((size_t)n != sizeof(*o) ||
	    memchr(o->name, '\0', sizeof(o->name)) == NULL) {
		fdpass_close(fds, *nfds);
		*nfds = 0;
		return -EPROTO;
	}
	return 1;
}
