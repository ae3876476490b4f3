/* SPDX-License-Identifier: Apache-2.0 */
/*
 * puppet.c - stands in for master and logger: gives all it has to the test and
 * ends when told to.
 */
#include <clusterd/fdpass.h>
#include <clusterd/order.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "rig.h"

static int
connect_test(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *path = getenv("KEEPER_TEST_SOCKET");
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (path == NULL)
		return -1;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	return connect(sock, (struct sockaddr *)&sa, sizeof(sa)) == -1 ? -1
								       : sock;
}

static void
list_fds(char *out, size_t size)
{
	size_t len = 0;

	for (int fd = 0; fd < 64; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			len += (size_t)snprintf(out + len, size - len, "%s%d",
			    len > 0 ? " " : "", fd);
	}
}

static void
describe(struct hello *h, int argc, char **argv)
{
	struct stat in, null;
	size_t len = 0;

	list_fds(h->open_fds, sizeof(h->open_fds));
	h->pid = getpid();
	h->session = getsid(0);
	h->is_master = strcmp(argv[0], "clusterd: master") == 0;
	h->stdin_is_null = fstat(0, &in) == 0 &&
			   stat("/dev/null", &null) == 0 &&
			   in.st_rdev == null.st_rdev && S_ISCHR(in.st_mode);
	if (getcwd(h->cwd, sizeof(h->cwd)) == NULL)
		h->cwd[0] = '\0';
	for (int i = 0; i < argc; i++)
		len += (size_t)snprintf(
		    h->args + len, sizeof(h->args) - len, "%s\n", argv[i]);
	snprintf(h->listen_fds, sizeof(h->listen_fds), "%s%s%s",
	    getenv("LISTEN_FDS") ? "L" : "", getenv("NOTIFY_SOCKET") ? "N" : "",
	    getenv("WATCHDOG_USEC") ? "W" : "");
}

int
main(int argc, char **argv)
{
	int fds[PUPPET_FDS] = { FD_LINK, FD_BOARD, FD_LOGLINK, FD_CONTROL,
		FD_NOTIFY };
	struct hello hello = { 0 };
	int sock, status = 0;

	if (argc > 1 && strcmp(argv[1], "--test") == 0) {
		for (int i = 1; i < argc; i++)
			puts(argv[i]);
		return 4;
	}
	describe(&hello, argc, argv);
	sock = connect_test();
	if (sock == -1)
		return 99;
	if (fdpass_send(
		sock, &hello, sizeof(hello), fds, hello.is_master ? 5 : 3) < 0)
		return 98;
	/* The test has them now: its death must be the end of the link. */
	fdpass_close(fds, hello.is_master ? 5 : 3);
	if (recv(sock, &status, sizeof(status), 0) != sizeof(status))
		return 97;
	if (status < 0)
		raise(-status);
	return status;
}
