/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the keeper, step by step.
 *
 * clusterd is the process that init, a container or a shell sees. It holds
 * every socket, starts master, logger and workers, collects their exits, and
 * decides nothing about an application: that is the master's, which can die
 * and be replaced without anybody noticing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/log.h>
#include <clusterd/paths.h>
#include <clusterd/proc.h>
#include <clusterd/scoreboard.h>

#include "daemon.h"
#include "keeper.h"

/* 0, 1 and 2 must not become a socket of ours. */
static void
fill_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* `clusterd -t`: the master is who can read a configuration. */
static int
run_test(const struct options *o)
{
	const char *argv[] = { "clusterd", "--test", "--config", o->config,
		NULL, NULL, NULL };
	char path[4096];

	if (o->env_name != NULL) {
		argv[4] = "--env";
		argv[5] = o->env_name;
	}
	if (paths_libexec("clusterd-master", path, sizeof(path)) == 0)
		execv(path, (char **)(size_t)argv);
	else
		errno = ENAMETOOLONG;
	log_error("cannot execute %s: %m", path);
	return EXIT_FAILED;
}

/* As many descriptors as we may have; workers get the limit we were given. */
static void
raise_limit(struct keeper *k)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, &k->nofile) == -1)
		return;
	most = k->nofile;
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
}

static int
go_to_background(struct keeper *k)
{
	k->status_fd = -1;
	if (!k->options->daemonize)
		return 0;
	k->status_fd = daemon_start(k->options->log_file);
	if (k->status_fd < 0)
		return k->status_fd;
	log_init("clusterd", LOG_LEVEL_INFO); /* stderr is another */
	return 0;
}

static int
open_own(struct keeper *k)
{
	struct proc_stat st;
	int rc;

	raise_limit(k);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return -errno;
	if (proc_read_stat(getpid(), &st) == 0)
		k->start_ticks = st.start_ticks;
	k->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (k->null_fd == -1)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, k->loglink) == -1)
		return -errno;
	rc = signals_open();
	if (rc < 0)
		return rc;
	k->signal_fd = rc;
	rc = scoreboard_create(&k->board);
	if (rc < 0)
		return rc;
	k->board_fd = rc;
	return 0;
}

/* All that must be there before a child is. 0 or -errno, said on stderr. */
static int
prepare(struct keeper *k)
{
	int rc;

	rc = init_take(&k->init, &k->store);
	if (rc < 0)
		return rc;
	rc = go_to_background(k);
	if (rc < 0)
		return rc;
	if (chdir("/") == -1) /* a release folder must be free to go */
		log_warning("cannot change directory to /: %m");
	rc = open_own(k);
	if (rc < 0) {
		log_error("cannot start: %s", strerror(-rc));
		return rc;
	}
	rc = pidfile_open(&k->pidfile, k->options->pidfile);
	if (rc < 0)
		return rc;
	rc = control_open(
	    &k->control, k->options->socket, k->options->socket_given);
	if (rc == 0)
		rc = child_prepare_all(k);
	if (rc < 0) {
		pidfile_close(&k->pidfile);
		control_close(&k->control);
	}
	return rc;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct keeper *k;
	int rc;

	fill_standard_fds();
	log_init("clusterd", LOG_LEVEL_INFO);
	rc = options_parse(&options, argc, argv);
	if (rc != -1)
		return rc;
	if (options.test)
		return run_test(&options);
	k = calloc(1, sizeof(*k));
	if (k == NULL) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	k->options = &options;
	rc = EXIT_FAILED;
	if (prepare(k) == 0) {
		child_start(k, &k->logger);
		child_start(k, &k->master);
		loop_run(k);
		end_finish(k);
		rc = k->status;
	}
	free(k);
	return rc;
}
