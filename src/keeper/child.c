/* SPDX-License-Identifier: Apache-2.0 */
/*
 * child.c - start master and logger, and what their deaths mean.
 *
 * Both go the way a worker goes: an image made beforehand, and launch_child().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/launch.h>
#include <clusterd/log.h>
#include <clusterd/paths.h>
#include <clusterd/scoreboard.h>
#include <clusterd/units.h>

#include "keeper.h"

enum {
	STABLE_MS = 10000, /* who lived longer is started again at once */
	DELAY_FIRST_MS = 100,
	DELAY_MAX_MS = 5000,
	GIVE_UP_AFTER = 5, /* deaths in a row */
	LEAVE_MS = 1000,   /* from closing its link to its exit */
	LINK_BYTES = 1024 * 1024,
};

/* What a child finds at 0, 1, 2 and at the numbers of order.h. */
static const int targets[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO,
	FD_LINK, FD_BOARD, FD_LOGLINK, FD_CONTROL, FD_NOTIFY };

enum { LOGGER_FDS = 6, MASTER_FDS = COUNT(targets) };

static int
make_image(const char *path, const char *const *argv, size_t nfds)
{
	struct launch_spec spec = {
		.exec_path = path,
		.cwd = "/",
		.argv = argv,
		.envp = (const char *const *)environ,
		.fd_target = targets,
		.nfds = nfds,
		.umask = 0xffffffff,
	};

	return launch_image_make(&spec);
}

static int
prepare_master(struct keeper *k)
{
	const char *argv[12] = { "clusterd: master", "--config",
		k->options->config, "--socket", k->options->socket };
	struct child *c = &k->master;
	char watchdog[24];
	size_t n = 5;

	if (k->options->env_name != NULL) {
		argv[n++] = "--env";
		argv[n++] = k->options->env_name;
	}
	if (k->init.watchdog_us > 0) {
		snprintf(watchdog, sizeof(watchdog), "%lld",
		    (long long)k->init.watchdog_us);
		argv[n++] = "--watchdog-us";
		argv[n++] = watchdog;
	}
	c->image = make_image(c->path, argv, MASTER_FDS);
	argv[n] = "--restarted";
	c->image_again = make_image(c->path, argv, MASTER_FDS);
	return c->image < 0	    ? c->image
	       : c->image_again < 0 ? c->image_again
				    : 0;
}

static int
prepare_logger(struct keeper *k)
{
	const char *argv[] = { "clusterd: logger", NULL };
	struct child *c = &k->logger;

	c->image = c->image_again = make_image(c->path, argv, LOGGER_FDS);
	return c->image < 0 ? c->image : 0;
}

int
child_prepare_all(struct keeper *k)
{
	struct board_proc *launch = mmap(NULL, 2 * sizeof(*launch),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int rc;

	k->master = (struct child){ .name = "master",
		.path = k->master_path,
		.link = -1,
		.launch = launch };
	k->logger = (struct child){ .name = "logger",
		.path = k->logger_path,
		.link = -1,
		.launch = launch + 1 };
	if (launch == MAP_FAILED)
		rc = -errno;
	else
		rc = paths_libexec(
		    "clusterd-master", k->master_path, sizeof(k->master_path));
	if (rc == 0)
		rc = paths_libexec(
		    "clusterd-logger", k->logger_path, sizeof(k->logger_path));
	if (rc == 0)
		rc = prepare_master(k);
	if (rc == 0)
		rc = prepare_logger(k);
	if (rc < 0)
		log_error("cannot prepare to start master and logger: %s",
		    strerror(-rc));
	return rc;
}

static int
open_link(int ends[2])
{
	int bytes = LINK_BYTES;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, ends) == -1)
		return -errno;
	for (int i = 0; i < 2; i++) /* as much of it as the system allows */
		setsockopt(
		    ends[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return 0;
}

/* Not at once the next time: 0 ms, 100 ms, 200 ms .. 5 s. */
static int64_t
next_delay_ms(struct child *c)
{
	unsigned doublings = c->failures < 10 ? c->failures : 10;
	int64_t delay_ms = 0;

	if (doublings > 0)
		delay_ms = (int64_t)DELAY_FIRST_MS << (doublings - 1);
	c->failures++;
	return delay_ms < DELAY_MAX_MS ? delay_ms : DELAY_MAX_MS;
}

static void
start_failed(struct keeper *k, struct child *c, int error)
{
	int64_t delay_ms;

	if (!k->running) {
		log_error("cannot start the %s: %s", c->name, strerror(error));
		end_begin(k, EXIT_FAILED);
		return;
	}
	if (c->failures == 0)
		c->failures = 1;
	delay_ms = next_delay_ms(c);
	log_error("cannot start the %s: %s; trying again in %lld ms", c->name,
	    strerror(error), (long long)delay_ms);
	c->start_at_ms = clock_mono_ms() + delay_ms;
}

/* A new process knows nothing yet. */
static void
note_start(struct keeper *k, struct child *c, pid_t pid, int link)
{
	bool again = c->started_ms != 0;

	c->pid = pid;
	c->link = link;
	c->started_ms = clock_mono_ms();
	report_restart(c);
	if (c == &k->logger) {
		k->tell_logger = true;
	} else if (again) {
		procs_tell_exits_again(k);
		report_procs_again(&k->logger);
		k->tell_logger = true;
		k->signals |= k->stop_signals;
	}
}

void
child_start(struct keeper *k, struct child *c)
{
	bool master = c == &k->master;
	int image = c->started_ms == 0 ? c->image : c->image_again;
	int ends[2], rc;
	pid_t pid;

	c->start_at_ms = 0;
	rc = open_link(ends);
	if (rc < 0) {
		start_failed(k, c, -rc);
		return;
	}
	c->launch->fail_stage = LAUNCH_OK;
	atomic_fetch_add(
	    master ? &k->board->master_starts : &k->board->logger_starts, 1);
	pid = fork();
	if (pid == 0) {
		int fds[COUNT(targets)] = { k->null_fd, STDOUT_FILENO,
			STDERR_FILENO, ends[1], k->board_fd,
			k->loglink[master ? 0 : 1], k->control.control.fd,
			k->control.notify.fd };

		launch_child(
		    image, fds, master ? MASTER_FDS : LOGGER_FDS, c->launch);
	}
	rc = errno;
	close(ends[1]);
	if (pid == -1) {
		close(ends[0]);
		start_failed(k, c, rc);
		return;
	}
	note_start(k, c, pid, ends[0]);
}

/* "exited with status 1", or what kept it from running at all. */
static void
format_end(const struct child *c, int wait_status, char *out, size_t size)
{
	if (c->launch->fail_stage == LAUNCH_OK)
		procs_format_status(wait_status, out, size);
	else
		snprintf(out, size, "could not %s %s: %s",
		    launch_stage_text(c->launch->fail_stage), c->path,
		    strerror(c->launch->fail_errno));
}

/* Before the configuration stands: what it died of ends the start. */
static void
end_with(struct keeper *k, const struct child *c, pid_t pid, int wait_status)
{
	bool said_why = WIFEXITED(wait_status) && c == &k->master &&
			c->launch->fail_stage == LAUNCH_OK;
	char how[4300];

	if (!said_why) {
		format_end(c, wait_status, how, sizeof(how));
		log_error("%s (pid %d) %s before the configuration stood: "
			  "giving up",
		    c->name, (int)pid, how);
	}
	procs_kill_all(k);
	end_begin(k, said_why ? WEXITSTATUS(wait_status) : EXIT_FAILED);
}

static void
start_again(struct keeper *k, struct child *c, pid_t pid, int wait_status)
{
	int64_t now_ms = clock_mono_ms(), lived_ms = now_ms - c->started_ms;
	char how[4300], lived[32], when[32] = "at once";
	int64_t delay_ms;

	if (lived_ms >= STABLE_MS)
		c->failures = 0;
	delay_ms = next_delay_ms(c);
	c->start_at_ms = now_ms + delay_ms;
	format_end(c, wait_status, how, sizeof(how));
	units_format_ms(lived_ms, lived, sizeof(lived));
	if (delay_ms > 0)
		snprintf(when, sizeof(when), "in %lld ms", (long long)delay_ms);
	log_error("%s (pid %d) %s after %s, starting another %s", c->name,
	    (int)pid, how, lived, when);
	if (c->failures < GIVE_UP_AFTER)
		return;
	if (c == &k->logger) {
		procs_forsake_logs(k);
	} else if (k->stop_signals != 0) {
		log_error("no master lives to stop the workers: killing them");
		procs_kill_all(k);
		end_begin(k, EXIT_FAILED);
	}
}

void
child_on_exit(struct keeper *k, struct child *c, int wait_status)
{
	pid_t pid = c->pid;

	link_drain(k, c); /* its last orders count, above all a QUIT */
	c->pid = 0;
	c->kill_at_ms = 0;
	if (k->ending)
		return;
	if (k->running || (c == &k->logger && c->failures < GIVE_UP_AFTER &&
			      c->launch->fail_stage == LAUNCH_OK))
		start_again(k, c, pid, wait_status);
	else
		end_with(k, c, pid, wait_status);
}

void
child_on_link_end(struct keeper *k, struct child *c)
{
	(void)k;
	if (c->link == -1)
		return;
	close(c->link);
	c->link = -1;
	/* It is about to exit; one that stays is of no use without a link. */
	if (c->pid != 0 && c->kill_at_ms == 0)
		c->kill_at_ms = clock_mono_ms() + LEAVE_MS;
}

void
child_on_time(struct keeper *k, struct child *c, int64_t now_ms)
{
	if (c->kill_at_ms != 0 && now_ms >= c->kill_at_ms) {
		c->kill_at_ms = 0;
		if (c->pid != 0) {
			log_warning("%s (pid %d) does not leave: killing it",
			    c->name, (int)c->pid);
			kill(c->pid, SIGKILL);
		}
	}
	if (c->retry_at_ms != 0 && now_ms >= c->retry_at_ms)
		c->retry_at_ms = 0;
	if (c->start_at_ms != 0 && now_ms >= c->start_at_ms && !k->ending)
		child_start(k, c);
}
