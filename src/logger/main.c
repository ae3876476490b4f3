/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - clusterd-logger: from the workers' pipes to the log files.
 *
 * Started by the keeper, with the descriptors of order.h. Lives until its peers
 * are gone or SIGTERM comes, and ends with nothing left unread.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <ev.h>

#include <clusterd/log.h>
#include <clusterd/order.h>
#include <clusterd/scoreboard.h>

#include "logger/logger.h"

/* Two pipes a worker, and their files: the soft limit is for select(2). */
static void
raise_file_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return;
	rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &rl);
}

/* A terminal's signals are for the keeper; writing to a dead pipe is EPIPE. */
static void
ignore_signals(void)
{
	static const int ignored[] = { SIGPIPE, SIGINT, SIGQUIT, SIGHUP,
		SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU };
	size_t i;

	for (i = 0; i < COUNT(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
}

static void
on_sigterm(struct ev_loop *loop, ev_signal *s, int revents)
{
	(void)loop, (void)revents;
	logger_drain(s->data);
}

static int
run(struct ev_loop *loop, const struct scoreboard *board)
{
	struct logger lg;
	ev_signal sigterm;
	int rc;

	rc = logger_start(&lg, loop, board, FD_LINK, FD_LOGLINK);
	if (rc < 0) {
		log_error("cannot start: %s", strerror(-rc));
		return EXIT_FAILURE;
	}
	ev_signal_init(&sigterm, on_sigterm, SIGTERM);
	sigterm.data = &lg;
	ev_signal_start(loop, &sigterm);
	ev_run(loop, 0);
	ev_signal_stop(loop, &sigterm);
	logger_stop(&lg);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct scoreboard *board;
	struct ev_loop *loop;
	int rc;

	(void)argv;
	if (argc > 1) {
		fputs("clusterd-logger is started by clusterd, without "
		      "arguments\n",
		    stderr);
		return 2;
	}
	log_init("clusterd logger", LOG_LEVEL_INFO);
	ignore_signals();
	raise_file_limit();
	rc = scoreboard_map(FD_BOARD, &board);
	if (rc < 0) {
		log_error("descriptor %d is not a scoreboard of this version: "
			  "%s; clusterd-logger is started by clusterd",
		    FD_BOARD, strerror(-rc));
		return EXIT_FAILURE;
	}
	loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (!loop) {
		log_error("no event loop: epoll is not available");
		return EXIT_FAILURE;
	}
	rc = run(loop, board);
	ev_loop_destroy(loop);
	scoreboard_unmap(board);
	return rc;
}
