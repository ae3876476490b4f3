/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fdpass.c - one message with descriptors over a unix socket.
 */
#include <clusterd/fdpass.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Credentials too: a peer's SO_PASSCRED must not look like truncation. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * FDPASS_MAX) +
		   CMSG_SPACE(sizeof(struct ucred))];
};

ssize_t
fdpass_send(int sock, const void *data, size_t len, const int *fds, size_t nfds)
{
	struct iovec iov = { .iov_base = (void *)(size_t)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control;
	ssize_t n;

	if (nfds > FDPASS_MAX)
		return -E2BIG;
	if (nfds > 0) {
		struct cmsghdr *c = &control.align;

		memset(&control, 0, CMSG_SPACE(sizeof(int) * nfds));
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == ECONNRESET ? -EPIPE : -errno;
	return n;
}

/* Gathers what came, at most FDPASS_MAX since the buffer holds no more. */
static size_t
collect(struct msghdr *msg, int *fds)
{
	size_t total = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	     c = CMSG_NXTHDR(msg, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(
			    &fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (total < FDPASS_MAX)
				fds[total++] = fd;
			else
				close(fd);
		}
	}
	return total;
}

ssize_t
fdpass_recv(int sock, void *data, size_t size, int *fds, size_t *nfds)
{
	struct iovec iov = { .iov_base = data, .iov_len = size };
	union control control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	int came[FDPASS_MAX];
	size_t count, room = *nfds;
	ssize_t n;

	*nfds = 0;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -errno;
	count = collect(&msg, came);
	if (count > room || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
		bool full =
		    count < FDPASS_MAX && (msg.msg_flags & MSG_CTRUNC) != 0;

		/* The buffer had room for them: it was our table that had
		 * not. */
		fdpass_close(came, count);
		return full ? -EMFILE : -EMSGSIZE;
	}
	if (count > 0)
		memcpy(fds, came, count * sizeof(int));
	*nfds = count;
	return n;
}

void
fdpass_close(const int *fds, size_t nfds)
{
	for (size_t i = 0; i < nfds; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}
