/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.c - a trivial prefork server: one connection at a time on
 * descriptor 3.
 *
 * Takes one connection whenever it wakes, so that a volley of connections is
 * shared out among as many of them as there are.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { LISTENER = 3 };

static void
serve(int fd, const char *answer, size_t len)
{
	struct timeval patience = { .tv_sec = 1 };
	char request[4096];

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (recv(fd, request, sizeof(request), 0) > 0 &&
	    send(fd, answer, len, MSG_NOSIGNAL) == -1)
		perror("send");
	close(fd);
}

int
main(void)
{
	static const char ready[] = "clusterd/1 ready\n";
	struct pollfd listener = { .fd = LISTENER, .events = POLLIN };
	const char *channel = getenv("CLUSTERD_CHANNEL_FD");
	char answer[128];
	int len = snprintf(answer, sizeof(answer),
	    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n"
	    "X-Pid: %d\r\n\r\nok",
	    (int)getpid());

	if (channel && write(atoi(channel), ready, sizeof(ready) - 1) == -1)
		return 1;
	for (;;) {
		int fd;

		poll(&listener, 1, -1);
		fd = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC);
		if (fd != -1)
			serve(fd, answer, (size_t)len);
	}
}
