/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - clusterd-master: decides everything, holds nothing that cannot be
 * rebuilt. Started by the keeper (order.h says with what), never by hand.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/log.h>
#include <clusterd/proc.h>

#include "master/check.h"
#include "master/control.h"
#include "master/generation.h"
#include "master/link.h"
#include "master/logs.h"
#include "master/master.h"
#include "master/op.h"
#include "master/pool.h"
#include "master/sweep.h"
#include "master/worker.h"
#include "master/worker_notify.h"

enum { EXIT_USAGE = 2 };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "env", required_argument, NULL, 'e' },
	{ "socket", required_argument, NULL, 's' },
	{ "watchdog-us", required_argument, NULL, 'w' },
	{ "restarted", no_argument, NULL, 'r' },
	{ "test", no_argument, NULL, 't' },
	{ NULL, 0, NULL, 0 },
};

static int
parse_options(int argc, char **argv, struct master_options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		switch (c) {
		case 'c':
			o->config_path = optarg;
			break;
		case 'e':
			o->env_name = optarg;
			break;
		case 's':
			o->socket_path = optarg;
			break;
		case 'w':
			o->watchdog_us = atoll(optarg);
			break;
		case 'r':
			o->restarted = true;
			break;
		case 't':
			o->test = true;
			break;
		default:
			return -EINVAL;
		}
	return o->config_path != NULL && (o->test || o->socket_path != NULL)
		   ? 0
		   : -EINVAL;
}

/* Every worker costs a few descriptors. */
static void
raise_descriptor_limit(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
		lim.rlim_cur = lim.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &lim);
	}
}

/* The keeper passes on what a person or init sends; a terminal's signals and a
 * closed pipe are not for us. */
static void
ignore_signals(void)
{
	static const int ignored[] = { SIGPIPE, SIGHUP, SIGINT, SIGTERM,
		SIGQUIT, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU };
	sigset_t none;

	for (size_t i = 0; i < COUNT(ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
master_init(struct master *m)
{
	int rc = scoreboard_map(FD_BOARD, &m->board);

	if (rc != 0) {
		log_error("cannot map the scoreboard: %s", strerror(-rc));
		return rc;
	}
	m->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	m->loop = ev_loop_new(EVBACKEND_EPOLL);
	if (m->null_fd == -1 || m->loop == NULL) {
		log_error("cannot begin: %s", strerror(errno));
		return -errno;
	}
	m->keeper_pid = getppid();
	m->cpus = proc_cpu_count();
	m->start_ms = clock_mono_ms();
	TAILQ_INIT(&m->pools);
	TAILQ_INIT(&m->listeners);
	TAILQ_INIT(&m->ops);
	TAILQ_INIT(&m->settled);
	memset(m->proc_channels, -1, sizeof(m->proc_channels));
	ev_init(&m->watchdog, NULL);
	ev_init(&m->extend, NULL);
	sweep_init(m);
	logs_init(m);
	worker_notify_start(m);
	link_start(m);
	return 0;
}

static void
free_pools(struct master *m)
{
	uint32_t high = atomic_load(&m->board->procs_high);
	struct pool *p;

	for (uint32_t i = 0; i < high; i++)
		if (m->workers[i] != NULL)
			worker_free(m->workers[i]);
	while ((p = TAILQ_FIRST(&m->pools)) != NULL) {
		p->removing = false; /* or it would go with its last slot */
		while (!TAILQ_EMPTY(&p->slots))
			pool_drop_slot(TAILQ_FIRST(&p->slots));
		pool_remove(p);
	}
	generation_unref(m->generation);
}

/* The end that was wanted: nothing is left open, the keeper is told. */
static void
master_fini(struct master *m)
{
	struct op *op;

	while ((op = TAILQ_FIRST(&m->ops)) != NULL) {
		TAILQ_REMOVE(&m->ops, op, link);
		json_decref(op->errors);
		free(op);
	}
	free_pools(m);
	control_stop(m);
	worker_notify_stop(m);
	logs_stop(m);
	sweep_stop(m);
	ev_timer_stop(m->loop, &m->watchdog);
	ev_timer_stop(m->loop, &m->extend);
	m->state = MASTER_STOPPING;
	link_drop_unclaimed(m);
	link_value(m, ORDER_QUIT, m->exit_status);
	link_stop(m);
	ev_loop_destroy(m->loop);
	scoreboard_unmap(m->board);
	close(m->null_fd);
}

int
main(int argc, char **argv)
{
	struct master *m = calloc(1, sizeof(*m));
	int status;

	if (m == NULL || parse_options(argc, argv, &m->options) != 0) {
		fprintf(stderr, "clusterd-master is started by clusterd; see "
				"clusterd(8)\n");
		return EXIT_USAGE;
	}
	if (m->options.test) {
		status =
		    check_config(m->options.config_path, m->options.env_name);
		free(m);
		return status;
	}
	log_init("clusterd", LOG_LEVEL_INFO);
	ignore_signals();
	raise_descriptor_limit();
	if (master_init(m) != 0)
		return 1;
	ev_run(m->loop, 0);
	status = m->exit_status;
	master_fini(m);
	free(m);
	return status;
}
