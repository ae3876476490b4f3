/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_listener.c - sockets bound as the file says.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_link.h"
#include "master/listener.h"
#include "master_rig.h"

static struct master *m;
static char dir[64], why[512];

static void
set_up(void)
{
	strcpy(dir, "/tmp/clusterd-test-listener-XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
	m = master_rig_new("apps: [{name: api, script: x.js}]");
}

static void
tear_down(void)
{
	char command[128];

	master_rig_free(m);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	cr_assert_eq(system(command), 0);
}

TestSuite(listener, .init = set_up, .fini = tear_down);

static struct listener_spec
tcp_spec(int port)
{
	struct listener_spec spec = {
		.name = "http",
		.text = "tcp://127.0.0.1:0",
		.kind = LISTENER_TCP,
		.ipv6only = -1,
		.nonblock = true,
		.nodelay = true,
		.mode = -1,
	};
	struct sockaddr_in *in = (void *)&spec.addr;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons((uint16_t)port);
	spec.addr_len = sizeof(*in);
	return spec;
}

static struct listener_spec
unix_spec(const char *path)
{
	struct listener_spec spec = {
		.name = "local",
		.text = path,
		.kind = LISTENER_UNIX,
		.nonblock = true,
		.mode = -1,
	};
	struct sockaddr_un *sun = (void *)&spec.addr;

	sun->sun_family = AF_UNIX;
	snprintf(sun->sun_path, sizeof(sun->sun_path), "%s", path);
	spec.addr_len = sizeof(*sun);
	return spec;
}

static struct listener *
must_open(const struct listener_spec *spec)
{
	struct listener *l = NULL;
	int rc = listener_open(spec, &l, why, sizeof(why));

	cr_assert_eq(rc, 0, "%s", why);
	return l;
}

static int
must_fail(const struct listener_spec *spec)
{
	struct listener *l = NULL;
	int rc = listener_open(spec, &l, why, sizeof(why));

	cr_assert_lt(rc, 0);
	cr_assert_null(l);
	return rc;
}

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	cr_assert_eq(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static bool
is_nonblocking(int fd)
{
	return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

Test(listener, tcp_listens_with_the_usual_options)
{
	struct listener_spec spec = tcp_spec(0);
	struct listener *l = must_open(&spec);
	int port;

	cr_assert_eq(option(l->fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
	cr_assert_neq(option(l->fd, IPPROTO_TCP, TCP_NODELAY), 0);
	cr_assert_neq(option(l->fd, SOL_SOCKET, SO_REUSEADDR), 0);
	cr_assert_eq(option(l->fd, SOL_SOCKET, SO_REUSEPORT), 0);
	cr_assert(is_nonblocking(l->fd));
	cr_assert(fcntl(l->fd, F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(sscanf(l->address, "127.0.0.1:%d", &port), 1);
	cr_assert_gt(port, 0);
	cr_assert_gt(l->inode, 0);
	cr_assert_eq(l->type, SOCK_STREAM);
	listener_unref(m, l);
}

Test(listener, options_are_set_as_said)
{
	struct listener_spec spec = tcp_spec(0);
	struct listener *l;

	spec.nonblock = spec.nodelay = false;
	spec.reuse_port = true;
	spec.defer_accept_ms = 2500;
	spec.fastopen = 16;
	l = must_open(&spec);
	cr_assert_not(is_nonblocking(l->fd));
	cr_assert_eq(option(l->fd, IPPROTO_TCP, TCP_NODELAY), 0);
	cr_assert_neq(option(l->fd, SOL_SOCKET, SO_REUSEPORT), 0);
	cr_assert_geq(option(l->fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 3);
	cr_assert_eq(option(l->fd, IPPROTO_TCP, TCP_FASTOPEN), 16);
	listener_unref(m, l);
}

Test(listener, the_backlog_is_the_kernels_largest_or_as_said)
{
	struct listener_spec spec = tcp_spec(0);
	struct tcp_info info;
	socklen_t len = sizeof(info);
	struct listener *l;
	int somaxconn = 0;
	FILE *f = fopen("/proc/sys/net/core/somaxconn", "r");

	cr_assert_not_null(f);
	cr_assert_eq(fscanf(f, "%d", &somaxconn), 1);
	fclose(f);
	l = must_open(&spec);
	getsockopt(l->fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	cr_assert_eq((int)info.tcpi_sacked, somaxconn); /* its queue's size */
	listener_unref(m, l);
	spec.backlog = 7;
	l = must_open(&spec);
	getsockopt(l->fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	cr_assert_eq(info.tcpi_sacked, 7);
	listener_unref(m, l);
}

Test(listener, who_waits_in_the_queue_is_counted)
{
	struct listener_spec spec = tcp_spec(0);
	struct listener *l = must_open(&spec);

	cr_assert_eq(listener_queued(l), 0);
	for (unsigned i = 1; i <= 3; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		cr_assert_eq(
		    connect(fd, (struct sockaddr *)&l->addr, l->addr_len), 0);
		cr_assert_eq(listener_queued(l), i);
	} /* the clients end with the process */
	listener_unref(m, l);
}

Test(listener, dual_stack_unless_told)
{
	struct listener_spec spec = tcp_spec(0);
	struct sockaddr_in6 *in6 = (void *)&spec.addr;
	struct listener *l;

	*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
	spec.addr_len = sizeof(*in6);
	if (listener_open(&spec, &l, why, sizeof(why)) == -EAFNOSUPPORT)
		cr_skip_test("no IPv6 here");
	cr_assert_eq(option(l->fd, IPPROTO_IPV6, IPV6_V6ONLY), 0);
	listener_unref(m, l);
	spec.ipv6only = 1;
	l = must_open(&spec);
	cr_assert_eq(option(l->fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
	listener_unref(m, l);
}

Test(listener, udp_does_not_listen)
{
	struct listener_spec spec = tcp_spec(0);
	struct listener *l;

	spec.kind = LISTENER_UDP;
	l = must_open(&spec);
	cr_assert_eq(l->type, SOCK_DGRAM);
	cr_assert_eq(option(l->fd, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
	cr_assert_eq(listener_queued(l), 0);
	listener_unref(m, l);
}

Test(listener, an_address_in_use_names_its_holder)
{
	struct listener_spec spec = tcp_spec(0);
	struct listener *l;
	char expect[64], c;
	int ends[2];
	pid_t pid;

	spec.nonblock = false;
	l = must_open(&spec);
	memcpy(&spec.addr, &l->addr, l->addr_len);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		fcntl(l->fd, F_SETFD, 0);
		execl("/bin/sleep", "sleep", "1000", NULL);
		_exit(127);
	}
	close(ends[1]);
	cr_assert_eq(read(ends[0], &c, 1), 0); /* exec is over */
	listener_unref(m, l);
	cr_assert_eq(must_fail(&spec), -EADDRINUSE);
	snprintf(expect, sizeof(expect), "by pid %d (sleep 1000)", (int)pid);
	cr_assert_not_null(strstr(why, "address in use"), "%s", why);
	cr_assert_not_null(strstr(why, expect), "%s", why);
	kill(pid, SIGKILL);
}

Test(listener, an_address_in_use_by_nobody_we_see)
{
	struct listener_spec spec = tcp_spec(0);
	struct listener *l = must_open(&spec); /* our own is not named */

	memcpy(&spec.addr, &l->addr, l->addr_len);
	cr_assert_eq(must_fail(&spec), -EADDRINUSE);
	cr_assert_not_null(strstr(why, "nobody we may see"), "%s", why);
	listener_unref(m, l);
}

Test(listener, an_address_that_is_not_ours_is_told)
{
	struct listener_spec spec = tcp_spec(0);
	struct sockaddr_in *in = (void *)&spec.addr;

	in->sin_addr.s_addr = inet_addr("203.0.113.9");
	cr_assert_eq(must_fail(&spec), -EADDRNOTAVAIL);
	cr_assert_not_null(strstr(why, "no interface"), "%s", why);
}

Test(listener, unix_has_its_mode_and_goes_with_the_listener)
{
	char path[100];
	struct listener_spec spec;
	struct listener *l;
	struct stat st;

	snprintf(path, sizeof(path), "%s/s", dir);
	spec = unix_spec(path);
	spec.mode = 0620;
	l = must_open(&spec);
	snprintf(l->held, sizeof(l->held), "listener:api/local#1");
	cr_assert_eq(stat(path, &st), 0);
	cr_assert(S_ISSOCK(st.st_mode));
	cr_assert_eq(st.st_mode & 0777, 0620);
	listener_ref(l);
	listener_unref(m, l);
	cr_assert_eq(stat(path, &st), 0);
	listener_unref(m, l);
	cr_assert_eq(stat(path, &st), -1);
	cr_assert_str_eq(fake_link_told(), "drop listener:api/local#1\n");
}

Test(listener, an_unknown_owner_leaves_nothing_behind)
{
	char path[100];
	struct listener_spec spec;

	snprintf(path, sizeof(path), "%s/s", dir);
	spec = unix_spec(path);
	spec.user = "nobody-of-that-name";
	cr_assert_lt(must_fail(&spec), 0);
	cr_assert_not_null(strstr(why, "nobody-of-that-name"), "%s", why);
	cr_assert_eq(access(path, F_OK), -1);
}

/* A socket file at `path`; its descriptor, listening. */
static int
other_socket(const struct listener_spec *spec)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	cr_assert_eq(
	    bind(fd, (const struct sockaddr *)&spec->addr, spec->addr_len), 0);
	cr_assert_eq(listen(fd, 1), 0);
	return fd;
}

Test(listener, a_stale_unix_socket_is_removed)
{
	char path[100];
	struct listener_spec spec;

	snprintf(path, sizeof(path), "%s/s", dir);
	spec = unix_spec(path);
	close(other_socket(&spec));
	cr_assert_eq(access(path, F_OK), 0);
	listener_unref(m, must_open(&spec));
}

Test(listener, a_live_unix_socket_is_not)
{
	char path[100];
	struct listener_spec spec;
	int fd, client;

	snprintf(path, sizeof(path), "%s/s", dir);
	spec = unix_spec(path);
	fd = other_socket(&spec);
	cr_assert_eq(must_fail(&spec), -EADDRINUSE);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	cr_assert_eq(
	    connect(client, (struct sockaddr *)&spec.addr, spec.addr_len), 0,
	    "it is reachable still");
	close(fd);
}

Test(listener, a_file_in_the_way_stays)
{
	char path[100];
	struct listener_spec spec;
	FILE *f;

	snprintf(path, sizeof(path), "%s/s", dir);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fclose(f);
	spec = unix_spec(path);
	cr_assert_eq(must_fail(&spec), -EADDRINUSE);
	cr_assert_not_null(strstr(why, "is no socket"), "%s", why);
	cr_assert_eq(access(path, F_OK), 0);
}

Test(listener, an_abstract_name_has_no_file)
{
	struct listener_spec spec = unix_spec("");
	struct sockaddr_un *sun = (void *)&spec.addr;
	struct listener *l;
	int n = snprintf(sun->sun_path + 1, 60, "clusterd-test-%d", getpid());

	spec.addr_len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
	l = must_open(&spec);
	cr_assert_eq(strncmp(l->address, "unix:@clusterd-test-", 20), 0, "%s",
	    l->address);
	cr_assert_str_eq(l->unlink_path, "");
	listener_unref(m, l);
}

Test(listener, a_given_socket_is_wrapped)
{
	struct listener_spec spec = tcp_spec(0);
	struct listener *l = must_open(&spec), *given;
	int fd = dup(l->fd);

	spec.nonblock = false;
	given = listener_adopt(&spec, fd, why, sizeof(why));
	cr_assert_not_null(given);
	cr_assert_str_eq(given->address, l->address);
	cr_assert_eq(given->inode, l->inode);
	cr_assert_not(is_nonblocking(fd));
	listener_unref(m, given);
	listener_unref(m, l);
}

Test(listener, what_is_given_must_be_a_socket)
{
	struct listener_spec spec = tcp_spec(0);
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	cr_assert_null(listener_adopt(&spec, fd, why, sizeof(why)));
	cr_assert_not_null(strstr(why, "not a socket"), "%s", why);
	cr_assert_eq(fcntl(fd, F_GETFD), -1, "it is closed");
}

Test(listener, what_differs_is_not_the_same)
{
	struct listener_spec a = tcp_spec(80), b = tcp_spec(80);

	cr_assert(listener_spec_same(&a, &b));
	b.text = "127.0.0.1:80"; /* another way to write it */
	cr_assert(listener_spec_same(&a, &b));
	b.nodelay = false;
	cr_assert_not(listener_spec_same(&a, &b));
	b = tcp_spec(81);
	cr_assert_not(listener_spec_same(&a, &b));
	b = a;
	b.name = "other";
	cr_assert_not(listener_spec_same(&a, &b));
	b = a;
	b.user = "www-data";
	cr_assert_not(listener_spec_same(&a, &b));
}
