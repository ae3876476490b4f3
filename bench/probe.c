/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.c - how long until somebody answers.
 *
 *   probe serving URL COUNT COMMAND [ARG...]
 *	runs the command and asks until COUNT different pids have answered
 *   probe kill URL PID
 *	kills PID (SIGKILL) and asks, on a new connection every millisecond,
 *	until another pid has answered; then looks what became of the rest
 *
 * Prints one JSON object. Times are from just before the command or the kill.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/e2e/http.h"
#include "tests/e2e/tally.h"

enum {
	PIDS_MAX = 4096,
	CONNS_MAX = 4096,
	DEADLINE_US = 60 * 1000000,
	HANG_US = 2 * 1000000,
	STEP_US = 1000,
};

extern char **environ;

struct target {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	char request[512];
	size_t request_len;
};

struct asked {
	int fd; /* owned; -1: over */
	bool lost, refused;
	struct http_reply reply;
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
set_target(struct target *t, const char *url)
{
	char path[256];

	if (http_parse_url(url, &t->addr, &t->addr_len, path, sizeof(path))) {
		fprintf(stderr, "probe: what URL is %s?\n", url);
		exit(64);
	}
	t->request_len = (size_t)snprintf(t->request, sizeof(t->request),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	    path);
}

/* Connect (at once, on this machine) and send; the answer is read later. */
static void
ask(const struct target *t, struct asked *a)
{
	a->lost = a->refused = false;
	http_reply_init(&a->reply);
	a->fd = socket(t->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (a->fd == -1)
		die("socket");
	if (connect(a->fd, (const struct sockaddr *)&t->addr, t->addr_len) ==
		0 &&
	    send(a->fd, t->request, t->request_len, MSG_NOSIGNAL) ==
		(ssize_t)t->request_len)
		return;
	a->refused = errno == ECONNREFUSED || errno == ENOENT;
	a->lost = !a->refused;
	close(a->fd);
	a->fd = -1;
}

/* Reads what is there; closes when it is whole or lost. True: a whole answer.
 */
static bool
hear(struct asked *a)
{
	char data[4096];
	ssize_t n = recv(a->fd, data, sizeof(data), MSG_DONTWAIT);
	enum http_fed fed = HTTP_BROKEN;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n >= 0)
		fed = http_reply_feed(&a->reply, data, (size_t)n);
	if (fed == HTTP_MORE && n > 0)
		return false;
	close(a->fd);
	a->fd = -1;
	a->lost = fed != HTTP_WHOLE;
	return !a->lost;
}

/* Waits at most `wait_us` for any of them to become readable. */
static void
wait_any(const struct asked *asked, size_t count, int64_t wait_us)
{
	static struct pollfd fds[CONNS_MAX];
	struct timespec ts = { wait_us / 1000000, wait_us % 1000000 * 1000 };
	nfds_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (asked[i].fd != -1)
			fds[n++] = (struct pollfd){ asked[i].fd, POLLIN, 0 };
	ppoll(fds, n, &ts, NULL);
}

static bool
is_new(long *pids, size_t *count, long pid)
{
	for (size_t i = 0; i < *count; i++)
		if (pids[i] == pid)
			return false;
	if (pid == 0 || *count == PIDS_MAX)
		return false;
	pids[(*count)++] = pid;
	return true;
}

/* One volley, all of it answered or lost; counts pids seen for the first time.
 */
static void
volley(const struct target *t, size_t size, long *pids, size_t *n_pids,
    size_t want, uint64_t *refused, int64_t end_us)
{
	static struct asked asked[64];
	size_t open = 0;

	for (size_t i = 0; i < size; i++) {
		ask(t, &asked[i]);
		*refused += asked[i].refused;
		open += asked[i].fd != -1;
	}
	while (open > 0 && *n_pids < want && tally_now_us() < end_us) {
		wait_any(asked, size, 10000);
		open = 0;
		for (size_t i = 0; i < size; i++) {
			if (asked[i].fd != -1 && hear(&asked[i]))
				is_new(pids, n_pids, asked[i].reply.pid);
			open += asked[i].fd != -1;
		}
	}
	for (size_t i = 0; i < size; i++)
		if (asked[i].fd != -1)
			close(asked[i].fd);
}

static pid_t
run(char **argv)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (rc != 0) {
		errno = rc;
		die(argv[0]);
	}
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static int
serving(const struct target *t, size_t want, char **argv)
{
	static long pids[PIDS_MAX];
	size_t n_pids = 0, size = 2 * want < 64 ? 2 * want : 64;
	uint64_t refused = 0;
	int64_t begin_us = tally_now_us();
	pid_t command = run(argv);

	while (n_pids < want) {
		uint64_t before = refused;

		if (tally_now_us() - begin_us > DEADLINE_US) {
			fprintf(
			    stderr, "probe: only %zu pids answered\n", n_pids);
			return 1;
		}
		volley(t, size, pids, &n_pids, want, &refused,
		    begin_us + DEADLINE_US);
		if (refused > before)
			usleep(200);
	}
	printf("{\"ms\":%.3f,\"refused\":%llu,\"pid\":%d}\n",
	    (double)(tally_now_us() - begin_us) / 1000,
	    (unsigned long long)refused, (int)command);
	return 0;
}

struct outcome {
	int64_t answered_us; /* 0: not yet */
	uint64_t refused, lost, hung;
};

/* Ask every STEP_US until another than `pid` answers. Returns how many. */
static size_t
ask_until_answered(const struct target *t, struct asked *asked, long pid,
    int64_t begin_us, struct outcome *o)
{
	int64_t next_us = begin_us, now_us;
	size_t count = 0;

	while (o->answered_us == 0) {
		now_us = tally_now_us();
		if (now_us >= next_us && count < CONNS_MAX) {
			ask(t, &asked[count++]);
			next_us += STEP_US;
			continue;
		}
		if (now_us - begin_us > DEADLINE_US || count == CONNS_MAX)
			break;
		wait_any(asked, count, next_us > now_us ? next_us - now_us : 0);
		for (size_t i = 0; i < count; i++)
			if (asked[i].fd != -1 && hear(&asked[i]) &&
			    asked[i].reply.pid != pid && o->answered_us == 0)
				o->answered_us = tally_now_us();
	}
	return count;
}

static int
kill_and_ask(const struct target *t, long pid)
{
	static struct asked asked[CONNS_MAX];
	struct outcome o = { 0 };
	size_t count, open = 1;
	int64_t begin_us = tally_now_us(), end_us;

	if (kill((pid_t)pid, SIGKILL) == -1)
		die("kill");
	count = ask_until_answered(t, asked, pid, begin_us, &o);
	end_us = tally_now_us() + HANG_US;
	while (open > 0 && tally_now_us() < end_us) {
		wait_any(asked, count, 10000);
		open = 0;
		for (size_t i = 0; i < count; i++) {
			if (asked[i].fd != -1)
				hear(&asked[i]);
			open += asked[i].fd != -1;
		}
	}
	for (size_t i = 0; i < count; i++) {
		o.refused += asked[i].refused;
		o.lost += asked[i].lost;
		o.hung += asked[i].fd != -1;
	}
	if (o.answered_us == 0) {
		fprintf(stderr, "probe: nobody answered\n");
		return 1;
	}
	printf("{\"ms\":%.3f,\"asked\":%zu,\"refused\":%llu,\"lost\":%llu,"
	       "\"hung\":%llu}\n",
	    (double)(o.answered_us - begin_us) / 1000, count,
	    (unsigned long long)o.refused, (unsigned long long)o.lost,
	    (unsigned long long)o.hung);
	return 0;
}

int
main(int argc, char **argv)
{
	struct target t;

	signal(SIGPIPE, SIG_IGN);
	if (argc >= 5 && strcmp(argv[1], "serving") == 0) {
		set_target(&t, argv[2]);
		return serving(
		    &t, (size_t)strtoul(argv[3], NULL, 10), argv + 4);
	}
	if (argc == 4 && strcmp(argv[1], "kill") == 0) {
		set_target(&t, argv[2]);
		return kill_and_ask(&t, strtol(argv[3], NULL, 10));
	}
	fputs("usage: probe serving URL COUNT COMMAND [ARG...]\n"
	      "       probe kill URL PID\n",
	    stderr);
	return 64;
}
