/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_listen.c - a listening socket of clusterd-demo's own, when there is no
 * clusterd to give it one.
 */
#include "demo.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
open_address(const struct addrinfo *ai)
{
	int on = 1, fd, rc;

	fd = socket(
	    ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == -1 ||
	    listen(fd, SOMAXCONN) == -1) {
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

/* Cut "127.0.0.1:8080" or "[::1]:8080" into host and port. */
static const char *
split(const char *address, char *host, size_t size)
{
	const char *colon = strrchr(address, ':');
	size_t len;

	if (colon == NULL || (len = (size_t)(colon - address)) >= size)
		return NULL;
	if (len > 1 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	memcpy(host, address, len);
	host[len] = '\0';
	return colon + 1;
}

int
listen_on(const char *address)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *ai;
	const char *port;
	char host[64];
	int fd;

	port = split(address, host, sizeof(host));
	if (port == NULL || getaddrinfo(host, port, &hints, &ai) != 0)
		return -EINVAL;
	fd = open_address(ai);
	freeaddrinfo(ai);
	return fd;
}
