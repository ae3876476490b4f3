/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_accept_watch.c - is a process seen to wait for connections?
 */
#include <clusterd/clock.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "master/accept_watch.h"

static int sock;
static uint64_t inode;
static int go[2], up[2]; /* to and from the child */

static void
set_up(void)
{
	struct stat st;

	sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(listen(sock, 8), 0);
	cr_assert_eq(fstat(sock, &st), 0);
	inode = st.st_ino;
	cr_assert_eq(pipe(go), 0);
	cr_assert_eq(pipe(up), 0);
}

TestSuite(accept_watch, .init = set_up, .timeout = 20);

/* A child that says that it is there, waits for a word, then does `wait`. */
static pid_t
child(void (*wait)(void))
{
	pid_t pid = fork();
	char c = 'x';

	cr_assert_neq(pid, -1);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(up[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		wait();
		_exit(0);
	}
	cr_assert_eq(read(up[0], &c, 1), 1);
	return pid;
}

static bool
is_seen(pid_t pid)
{
	return accept_watch_look(pid, &inode, 1);
}

/* Not yet before its word, soon after it. */
static void
check(void (*wait)(void))
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };
	int64_t end_ms = clock_mono_ms() + 10000;
	pid_t pid = child(wait);

	cr_assert_not(is_seen(pid), "it has the socket but does not wait");
	cr_assert_eq(write(go[1], "x", 1), 1);
	while (!is_seen(pid) && clock_mono_ms() < end_ms)
		nanosleep(&pause, NULL);
	cr_assert(is_seen(pid));
	kill(pid, SIGKILL);
}

static void
wait_in_accept(void)
{
	accept(sock, NULL, NULL);
}

Test(accept_watch, one_blocked_in_accept)
{
	check(wait_in_accept);
}

static void
wait_in_poll(void)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };

	poll(&p, 1, -1);
}

Test(accept_watch, one_in_poll)
{
	check(wait_in_poll);
}

static void
wait_in_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(sock, &set);
	select(sock + 1, &set, NULL, NULL, NULL);
}

Test(accept_watch, one_in_select)
{
	check(wait_in_select);
}

static void
wait_in_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0);

	epoll_ctl(ep, EPOLL_CTL_ADD, sock, &ev);
	epoll_wait(ep, &ev, 1, -1);
}

Test(accept_watch, one_in_epoll)
{
	check(wait_in_epoll);
}

static void
wait_in_busy_epoll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0);

	epoll_ctl(ep, EPOLL_CTL_ADD, sock, &ev);
	pause(); /* at work just now: it will come back to its epoll */
}

Test(accept_watch, one_whose_epoll_has_the_socket_but_that_is_at_work)
{
	check(wait_in_busy_epoll);
}

static void
wait_in_child(void)
{
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		accept(sock, NULL, NULL);
		_exit(0);
	}
	close(sock);
	pause();
}

Test(accept_watch, one_whose_child_accepts)
{
	check(wait_in_child);
}

static void *
accept_in_thread(void *arg)
{
	(void)arg;
	accept(sock, NULL, NULL);
	return NULL;
}

static void
wait_in_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, accept_in_thread, NULL);
	pause();
}

Test(accept_watch, one_whose_thread_accepts)
{
	check(wait_in_thread);
}

static void
wait_elsewhere(void)
{
	close(sock);
	if (write(up[1], "x", 1) == 1)
		poll(NULL, 0, -1);
}

Test(accept_watch, one_that_waits_for_something_else_is_not)
{
	pid_t pid = child(wait_elsewhere);
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	char c;

	cr_assert_eq(write(go[1], "x", 1), 1);
	cr_assert_eq(read(up[0], &c, 1), 1); /* it has closed the socket */
	for (int i = 0; i < 50; i++) {	     /* it may never be seen */
		cr_assert_not(is_seen(pid));
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
}

Test(accept_watch, a_process_that_has_gone_is_not)
{
	cr_assert_not(is_seen(0x3fffffff));
}

Test(accept_watch, no_socket_is_waited_for_by_nobody)
{
	pid_t pid = child(wait_in_poll);

	cr_assert_not(accept_watch_look(pid, NULL, 0));
	kill(pid, SIGKILL);
}

Test(accept_watch, the_kernel_function_tells_where_the_call_is_hidden)
{
	cr_assert(accept_watch_is_waiting("inet_csk_accept"));
	cr_assert(accept_watch_is_waiting("poll_schedule_timeout.constprop.0"));
	cr_assert_not(accept_watch_is_waiting("hrtimer_nanosleep"));
	cr_assert_not(accept_watch_is_waiting("0"));
	cr_assert_not(accept_watch_is_waiting(""));
}
