/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo.c - clusterd-demo: a small HTTP server that is a worker of clusterd.
 *
 * The example of how libclusterd is used, and what the benchmarks run. Without
 * clusterd: clusterd-demo --listen 127.0.0.1:8080
 */
#include "demo.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/worker.h>

enum {
	LISTENERS_WAIT_MS = 10 * 1000,
	SIGNAL_GRACE_MS = 10 * 1000, /* to drain after SIGTERM */
	ACCEPT_BATCH = 16,
	ACCEPT_PAUSE_MS = 100, /* when there is no room for a connection */
	EVENTS_MAX = 64,
};

struct source_fd {
	enum source source; /* first: epoll's pointer is to it */
	int fd;		    /* owned; -1: closed */
};

struct program {
	struct demo demo;
	struct cw *cw; /* owned; NULL: started by hand */
	struct source_fd listeners[DEMO_LISTENERS_MAX];
	int nlisteners;
	struct source_fd signals;
	enum source clusterd;
	int64_t resume_ms; /* accept again; -1: accepting */
	char text[160];
};

static void
complain(const char *what, int error)
{
	fprintf(stderr, "clusterd-demo: %s: %s\n", what, strerror(error));
}

static int
watch(struct program *p, int fd, enum source *source, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = source };

	return epoll_ctl(p->demo.epoll_fd, EPOLL_CTL_ADD, fd, &ev) == -1
		   ? -errno
		   : 0;
}

/* ---- listeners --------------------------------------------------------- */

/* Takes `fd` over. */
static int
add_listener(struct program *p, int fd)
{
	struct source_fd *l = &p->listeners[p->nlisteners];
	int listening = 0;
	socklen_t len = sizeof(listening);

	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len);
	if (!listening || p->nlisteners == DEMO_LISTENERS_MAX) {
		close(fd); /* UDP, say: not for us */
		return 0;
	}
	*l = (struct source_fd){ .source = FROM_LISTENER, .fd = fd };
	p->nlisteners++;
	return 0;
}

static int
listen_by_hand(struct program *p, const char *address)
{
	int fd = listen_on(address);

	if (fd == -EINVAL)
		fprintf(stderr,
		    "clusterd-demo: --listen %s: not an ADDRESS:PORT, such as "
		    "127.0.0.1:8080\n",
		    address);
	else if (fd < 0)
		complain(address, -fd);
	return fd < 0 ? fd : add_listener(p, fd);
}

static int
listen_by_clusterd(struct program *p)
{
	int i, n;

	n = cw_listeners(p->cw, LISTENERS_WAIT_MS);
	if (n < 0) {
		complain("cannot get the sockets from clusterd", -n);
		return n;
	}
	for (i = 0; i < n; i++)
		(void)add_listener(p, cw_listener(p->cw, i)->fd);
	return 0;
}

static int
accept_start(struct program *p)
{
	int i, rc;

	p->resume_ms = -1;
	for (i = 0; i < p->nlisteners; i++) {
		rc = watch(p, p->listeners[i].fd, &p->listeners[i].source,
		    EPOLLIN | EPOLLEXCLUSIVE);
		if (rc != 0) {
			complain("cannot watch a socket", -rc);
			return rc;
		}
	}
	return 0;
}

static void
accept_stop(struct program *p)
{
	int i;

	for (i = 0; i < p->nlisteners; i++)
		epoll_ctl(
		    p->demo.epoll_fd, EPOLL_CTL_DEL, p->listeners[i].fd, NULL);
}

/* No room: leave the queue to the other workers for a moment. */
static void
accept_pause(struct program *p)
{
	accept_stop(p);
	p->resume_ms = clock_mono_ms() + ACCEPT_PAUSE_MS;
}

static void
accept_some(struct program *p, int listener)
{
	int i, fd;

	for (i = 0; i < ACCEPT_BATCH && p->resume_ms == -1; i++) {
		if (p->demo.nconns == CONNS_MAX) {
			accept_pause(p);
			return;
		}
		fd =
		    accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			(void)conn_add(&p->demo, fd);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR && errno != ECONNABORTED)
			accept_pause(p);
	}
}

/* ---- drain ------------------------------------------------------------- */

/* Others hold the same sockets: closing ours loses nobody in their queue. */
static void
drain(void *arg, int grace_ms)
{
	struct program *p = arg;
	int i;

	if (p->demo.draining)
		return;
	accept_stop(p); /* epoll would go on: others hold the sockets too */
	for (i = 0; i < p->nlisteners; i++)
		close(p->listeners[i].fd);
	p->nlisteners = 0;
	p->resume_ms = -1;
	conns_drain(&p->demo, grace_ms);
}

static void
take_signals(struct program *p)
{
	struct signalfd_siginfo info;

	while (read(p->signals.fd, &info, sizeof(info)) == sizeof(info))
		drain(p, SIGNAL_GRACE_MS);
}

/* Its end is no reason to go: we serve on. */
static void
hear_clusterd(struct program *p)
{
	int fd = cw_fd(p->cw);

	if (cw_dispatch(p->cw) == -EPIPE)
		epoll_ctl(p->demo.epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/* ---- loop -------------------------------------------------------------- */

static void
handle(struct program *p, struct epoll_event *ev)
{
	enum source *source = ev->data.ptr;

	switch (*source) {
	case FROM_LISTENER:
		/* Not of those that were closed earlier in this batch. */
		if (!p->demo.draining)
			accept_some(p,
			    container_of(source, struct source_fd, source)->fd);
		break;
	case FROM_CONN:
		conn_event(&p->demo, source, ev->events);
		break;
	case FROM_SIGNAL:
		take_signals(p);
		break;
	case FROM_CLUSTERD:
		hear_clusterd(p);
		break;
	}
}

static bool
is_done(const struct program *p, int64_t now_ms)
{
	const struct demo *d = &p->demo;

	if (d->exit_code != -1)
		return true;
	return d->draining && (d->nconns == 0 || now_ms >= d->drain_at_ms);
}

/* Milliseconds for epoll_wait; -1: until something happens. */
static int
work_due(struct program *p)
{
	int64_t now_ms = clock_mono_ms();
	int64_t next_ms = conns_expire(&p->demo, now_ms);

	if (p->resume_ms != -1 && now_ms >= p->resume_ms)
		(void)accept_start(p);
	if (p->resume_ms != -1 && (next_ms == -1 || p->resume_ms < next_ms))
		next_ms = p->resume_ms;
	if (next_ms == -1)
		return -1;
	return next_ms <= now_ms ? 0 : (int)(next_ms - now_ms);
}

static int
serve(struct program *p)
{
	struct epoll_event events[EVENTS_MAX];
	int i, n, timeout_ms;

	for (;;) {
		timeout_ms = work_due(p);
		if (is_done(p, clock_mono_ms()))
			break;
		n = epoll_wait(
		    p->demo.epoll_fd, events, EVENTS_MAX, timeout_ms);
		if (n == -1 && errno != EINTR) {
			complain("epoll_wait", errno);
			return EXIT_FAILURE;
		}
		for (i = 0; i < n; i++)
			handle(p, &events[i]);
	}
	if (p->demo.exit_code != -1)
		return p->demo.exit_code;
	(void)cw_drained(p->cw);
	return EXIT_SUCCESS;
}

/* ---- start ------------------------------------------------------------- */

static const char *
env_or(const char *name, const char *dflt)
{
	const char *value = getenv(name);

	return value == NULL ? dflt : value;
}

static int
start(struct program *p)
{
	int rc;

	snprintf(p->text, sizeof(p->text), "hello from %.64s[%.16s], pid %d\n",
	    env_or("CLUSTERD_APP", "demo"), env_or("CLUSTERD_INSTANCE", "0"),
	    (int)getpid());
	demo_init(&p->demo, epoll_create1(EPOLL_CLOEXEC), p->text);
	rc = cw_open(&p->cw);
	if (rc != 0 && rc != -ENOTCONN)
		complain("the channel to clusterd is broken", -rc);
	return p->demo.epoll_fd == -1 ? -errno : 0;
}

static int
watch_signals(struct program *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p->signals.source = FROM_SIGNAL;
	p->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->signals.fd == -1)
		return -errno;
	return watch(p, p->signals.fd, &p->signals.source, EPOLLIN);
}

static int
go(struct program *p)
{
	int rc;

	if (p->nlisteners == 0 && p->cw != NULL && listen_by_clusterd(p) != 0)
		return EXIT_FAILURE;
	if (p->nlisteners == 0) {
		fprintf(stderr, "clusterd-demo: no socket to listen on: start "
				"it under clusterd with `listen', or give "
				"--listen ADDRESS:PORT\n");
		return EXIT_FAILURE;
	}
	rc = watch_signals(p);
	if (rc == 0)
		rc = accept_start(p);
	p->clusterd = FROM_CLUSTERD;
	if (rc == 0 && cw_fd(p->cw) != -1)
		rc = watch(p, cw_fd(p->cw), &p->clusterd, EPOLLIN);
	if (rc != 0) {
		complain("cannot start", -rc);
		return EXIT_FAILURE;
	}
	cw_on_drain(p->cw, drain, p);
	(void)cw_ready(p->cw);
	return serve(p);
}

static void
usage(FILE *to)
{
	fputs("usage: clusterd-demo [--listen ADDRESS:PORT]...\n"
	      "\n"
	      "A small HTTP server. Under clusterd it takes its sockets from "
	      "there;\n"
	      "--listen binds its own.\n"
	      "\n"
	      "  GET /             who answers: app, instance, pid\n"
	      "  GET /slow?ms=N    the same, N milliseconds later\n"
	      "  GET /exit?code=N  the same, and the process ends with N\n",
	    to);
}

static int
read_options(struct program *p, int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "listen", required_argument, NULL, 'l' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "hl:V", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			usage(stdout);
			exit(EXIT_SUCCESS);
		case 'V':
			puts("clusterd-demo " CLUSTERD_VERSION);
			exit(EXIT_SUCCESS);
		case 'l':
			if (listen_by_hand(p, optarg) != 0)
				return -1;
			break;
		default:
			usage(stderr);
			return -1;
		}
	}
	if (optind == argc)
		return 0;
	usage(stderr);
	return -1;
}

int
main(int argc, char **argv)
{
	struct program p = { .resume_ms = -1 };
	int rc;

	rc = start(&p);
	if (rc != 0) {
		complain("cannot start", -rc);
		return EXIT_FAILURE;
	}
	rc = read_options(&p, argc, argv) == 0 ? go(&p) : 2;
	demo_fini(&p.demo);
	cw_close(p.cw);
	return rc;
}
