/* SPDX-License-Identifier: Apache-2.0 */
/*
 * end.c - the way down: logger last, nothing left behind.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/proc.h>

#include "keeper.h"

enum { LEAVE_MS = 5000, SWEEP_MS = 2000 };

static void
expect_exit(struct child *c, int64_t now_ms)
{
	c->start_at_ms = 0;
	c->kill_at_ms = c->pid == 0 ? 0 : now_ms + LEAVE_MS;
}

/*
 * The logger reads its pipes to the end once its link to the master ends, and
 * leaves; it is not signalled before it has had time for that.
 */
void
end_begin(struct keeper *k, int status)
{
	int64_t now_ms = clock_mono_ms();

	if (k->ending)
		return;
	k->ending = true;
	k->status = status;
	shutdown(k->loglink[0], SHUT_WR);
	expect_exit(&k->master, now_ms);
	expect_exit(&k->logger, now_ms);
}

bool
end_is_reached(const struct keeper *k)
{
	return k->ending && k->master.pid == 0 && k->logger.pid == 0;
}

static bool
kill_if_ours(const struct proc_stat *st, void *arg)
{
	const struct keeper *k = arg;

	/* Older than we are: a child of the program that executed us. */
	if (st->ppid == getpid() && st->start_ticks >= k->start_ticks)
		kill(st->pid, SIGKILL);
	return true;
}

/*
 * Workers whose master died too early, and what workers left behind: all are
 * our children by now, or will be once their parent is dead.
 */
static void
sweep(struct keeper *k)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	int64_t deadline_ms = clock_mono_ms() + SWEEP_MS;
	pid_t pid;

	for (;;) {
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			continue;
		if (pid == -1 && errno == ECHILD)
			return;
		if (clock_mono_ms() >= deadline_ms)
			return;
		proc_walk(kill_if_ours, k);
		nanosleep(&pause, NULL);
	}
}

void
end_finish(struct keeper *k)
{
	procs_kill_all(k);
	sweep(k);
	pidfile_close(&k->pidfile);
	store_drop_all(&k->store);
	control_close(&k->control); /* the last that others see of us */
	init_close(&k->init);
	if (k->status_fd != -1)
		close(k->status_fd); /* the waiting parent takes our status */
}
