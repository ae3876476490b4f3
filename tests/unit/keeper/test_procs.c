/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_procs.c - workers: fork, signal, exit, release.
 */
#include <clusterd/clock.h>
#include <clusterd/launch.h>
#include <clusterd/proc.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

static struct rig rig;

static void
init(void)
{
	rig_init(&rig);
	rig_run(&rig);
}

TestSuite(procs, .init = init, .timeout = 90);

static void
wait_free(uint32_t index)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS;

	while (atomic_load(&rig.board->procs[index].uid) != 0) {
		cr_assert_lt(clock_mono_ms(), deadline, "entry stays in use");
		usleep(1000);
	}
}

static void
tell(struct order o, uint32_t type)
{
	o.type = type;
	rig_order(&rig, &o, NULL, 0);
}

/* The logger's word; it has a link of its own. */
static void
release_logs(struct order o)
{
	o.type = ORDER_RELEASE_LOGS;
	cr_assert_eq(order_send(rig.logger.fds[0], &o, NULL, 0), 0);
}

static void
signal_proc(struct order o, int sig, uint32_t flags)
{
	o.value = sig;
	o.flags = flags;
	tell(o, ORDER_SIGNAL);
}

static struct order
expect(uint32_t type, const struct order *worker)
{
	struct order o = rig_report(rig.master.fds[0], type, NULL, NULL);

	cr_assert_eq(o.uid, worker->uid);
	cr_assert_eq(o.index, worker->index);
	return o;
}

Test(procs, a_worker_is_forked_reported_and_reaped)
{
	struct order w = rig_spawn(&rig, "exit 7"), o;
	struct board_proc *p = &rig.board->procs[w.index];

	o = expect(REPORT_SPAWNED, &w);
	cr_expect_gt(o.value, 0);
	expect(REPORT_EXITED, &w);
	cr_expect_eq(atomic_load(&p->pid), o.value);
	cr_expect_eq(atomic_load(&p->exited), 1);
	cr_expect(WIFEXITED(p->wait_status));
	cr_expect_eq(WEXITSTATUS(p->wait_status), 7);
	cr_expect_gt(p->start_ticks, 0);
	cr_expect_gt(p->forked_ms, 0);
	cr_expect_geq(p->exited_ms, p->forked_ms);
	cr_expect_gt(p->max_rss_bytes, 100000);
	cr_expect_geq(p->cpu_us, 0);
	cr_expect_eq(p->fail_stage, LAUNCH_OK);
	cr_expect_eq(atomic_load(&p->uid), w.uid);
	tell(w, ORDER_RELEASE);
	release_logs(w);
	wait_free(w.index);
	rig_quit(&rig);
}

Test(procs, an_entry_is_free_when_all_three_are_done_with_it)
{
	struct order w = rig_spawn(&rig, "sleep 1000");

	expect(REPORT_SPAWNED, &w);
	release_logs(w);
	tell(w, ORDER_RELEASE);
	signal_proc(w, SIGKILL, 0);
	wait_free(w.index); /* its exit was the last */
	rig_quit(&rig);
}

Test(procs, what_cannot_be_executed_says_why)
{
	struct order w = rig_spawn(&rig, "kill -KILL $$"), o;
	int wait_status;

	expect(REPORT_SPAWNED, &w);
	expect(REPORT_EXITED, &w);
	wait_status = rig.board->procs[w.index].wait_status;
	cr_expect(WIFSIGNALED(wait_status));
	cr_expect_eq(WTERMSIG(wait_status), SIGKILL);

	/* An image that is none. */
	o = (struct order){ .type = ORDER_SPAWN };
	o.index = (uint32_t)scoreboard_proc_take(rig.board, 0);
	o.uid = atomic_load(&rig.board->procs[o.index].uid);
	int fds[4];
	for (int i = 0; i < 4; i++)
		fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
	rig_order(&rig, &o, fds, 4);
	expect(REPORT_SPAWNED, &o);
	expect(REPORT_EXITED, &o);
	cr_expect_eq(rig.board->procs[o.index].fail_stage, LAUNCH_IMAGE);
	cr_expect_eq(WEXITSTATUS(rig.board->procs[o.index].wait_status), 126);
	rig_quit(&rig);
}

Test(procs, nonsense_is_refused_and_the_keeper_lives)
{
	struct order o = {
		.type = ORDER_SPAWN, .index = WORKERS_MAX, .uid = 9
	};
	struct order w = rig_spawn(&rig, "sleep 1000"), got;
	int fds[4] = { 0, 1, 2, 2 };

	expect(REPORT_SPAWNED, &w);
	rig_order(&rig, &o, fds, 4);
	got = rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	cr_expect_eq(got.value, -EINVAL);
	o.index = w.index;
	rig_order(&rig, &o, fds, 4); /* the uid is not the board's */
	got = rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	cr_expect_eq(got.value, -EINVAL);
	o.uid = w.uid;
	rig_order(&rig, &o, fds, 4); /* it is there already */
	got = rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	cr_expect_eq(got.value, -EEXIST);
	o.uid++;
	signal_proc(o, SIGKILL, 0); /* not that worker */
	o.index = 4000;
	signal_proc(o, SIGKILL, 0);
	tell(o, ORDER_RELEASE);
	release_logs(o);
	cr_expect_eq(atomic_load(&rig.board->procs[w.index].exited), 0);
	signal_proc(w, SIGKILL, 0);
	expect(REPORT_EXITED, &w);
	rig_quit(&rig);
}

Test(procs, an_order_that_is_not_ones_own_ends_the_link)
{
	struct order quit = { .type = ORDER_QUIT };
	struct order o = { .type = 77 };

	cr_assert_eq(order_send(rig.logger.fds[0], &quit, NULL, 0), 0);
	rig_wait_stderr(&rig, "logger");
	rig_wait_stderr(&rig, "is killed: it gave an order");
	rig.logger.sock = -1;
	rig_accept(&rig); /* another logger */
	rig_report(rig.master.fds[0], REPORT_LOGGER, NULL, NULL);
	rig_order(&rig, &o, NULL, 0);
	rig.master.sock = -1;
	rig_accept(&rig);
	rig_skip_handover(rig.master.fds[0]);
	rig_quit(&rig);
}

/* How many processes are in the group, zombies not counted. */
static bool
count_group(const struct proc_stat *st, void *arg)
{
	int *n = arg;

	n[1] += st->pgid == n[0] && st->state != 'Z';
	return true;
}

static int
group_size(pid_t pid)
{
	int n[2] = { pid, 0 };

	cr_assert_eq(proc_walk(count_group, n), 0);
	return n[1];
}

static void
wait_group(pid_t pid, int size)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS;

	while (group_size(pid) != size) {
		cr_assert_lt(clock_mono_ms(), deadline, "%d in the group",
		    group_size(pid));
		usleep(2000);
	}
}

Test(procs, a_group_is_signalled_also_after_its_leader_is_gone)
{
	struct order w = rig_spawn(&rig, "sleep 1000 & sleep 1000 & exit 0");
	pid_t pid = expect(REPORT_SPAWNED, &w).value;

	expect(REPORT_EXITED, &w);
	wait_group(pid, 2);
	signal_proc(w, SIGKILL, ORDER_GROUP);
	wait_group(pid, 0);
	rig_quit(&rig);
}

Test(procs, a_signal_is_for_the_main_process_or_for_all)
{
	struct order w = rig_spawn(
	    &rig, "trap 'exit 5' TERM; sleep 1000 & while :; do wait; done");
	pid_t pid = expect(REPORT_SPAWNED, &w).value;

	wait_group(pid, 2);
	signal_proc(w, SIGTERM, 0);
	expect(REPORT_EXITED, &w);
	cr_expect_eq(WEXITSTATUS(rig.board->procs[w.index].wait_status), 5);
	cr_expect_eq(group_size(pid), 1);
	w = rig_spawn(&rig, "sleep 1000 & wait");
	pid = expect(REPORT_SPAWNED, &w).value;
	wait_group(pid, 2);
	signal_proc(w, SIGTERM, ORDER_GROUP);
	expect(REPORT_EXITED, &w);
	wait_group(pid, 0);
	rig_quit(&rig); /* which leaves nothing of the first either */
}

Test(procs, a_signal_right_behind_the_fork_arrives)
{
	for (int i = 0; i < 50; i++) {
		struct order w = rig_spawn(&rig, "sleep 1000");

		signal_proc(w, SIGKILL, ORDER_GROUP);
		expect(REPORT_SPAWNED, &w);
		expect(REPORT_EXITED, &w);
		tell(w, ORDER_RELEASE);
		release_logs(w);
		wait_free(w.index);
	}
	rig_quit(&rig);
}

Test(procs, an_entry_that_was_never_ordered_can_be_released)
{
	struct order o = { .uid = 0 };

	o.index = (uint32_t)scoreboard_proc_take(rig.board, 0);
	o.uid = atomic_load(&rig.board->procs[o.index].uid);
	tell(o, ORDER_RELEASE);
	wait_free(o.index);
	rig_quit(&rig);
}

Test(procs, many_at_once_lose_no_report)
{
	static struct order w[600];
	size_t spawned = 0, exited = 0;

	/* The master does not read until it has said all. */
	for (size_t i = 0; i < COUNT(w); i++)
		w[i] = rig_spawn(&rig, "exit 0");
	while (exited < COUNT(w)) {
		int fds[FDPASS_MAX];
		size_t n = FDPASS_MAX;
		struct order o;
		int rc = order_recv(rig.master.fds[0], &o, fds, &n);

		if (rc == -EAGAIN) {
			usleep(1000);
			continue;
		}
		cr_assert_eq(rc, 1);
		if (o.type == REPORT_SPAWNED) {
			cr_assert_gt(o.value, 0);
			spawned++;
		} else {
			cr_assert_eq(o.type, REPORT_EXITED);
			exited++;
			tell(o, ORDER_RELEASE);
			release_logs(o);
		}
	}
	cr_expect_eq(spawned, COUNT(w));
	for (size_t i = 0; i < COUNT(w); i++)
		wait_free(w[i].index);
	rig_quit(&rig);
}

static size_t
count_fds(pid_t pid)
{
	char command[64];
	size_t n = 0;
	FILE *f;

	snprintf(command, sizeof(command), "ls /proc/%d/fd | wc -l", (int)pid);
	f = popen(command, "r");
	cr_assert_eq(fscanf(f, "%zu", &n), 1);
	pclose(f);
	return n;
}

Test(procs, no_descriptor_stays_behind)
{
	size_t before = 0;

	for (int round = 0; round < 10; round++) {
		struct order w = rig_spawn(&rig, "exit 0");
		struct order hold = { .type = ORDER_HOLD,
			.name = "listener:x" };
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

		rig_order(&rig, &hold, &null, 1); /* replaces the last */
		close(null);
		expect(REPORT_SPAWNED, &w);
		expect(REPORT_EXITED, &w);
		tell(w, ORDER_RELEASE);
		release_logs(w);
		wait_free(w.index);
		if (round == 0)
			before = count_fds(rig.keeper);
	}
	cr_expect_eq(count_fds(rig.keeper), before);
	rig_quit(&rig);
}

Test(procs, the_limit_of_files_is_the_one_we_were_given)
{
	struct order w;
	char limit[64], script[128];
	FILE *f = popen("ulimit -Sn", "r");

	cr_assert_not_null(fgets(limit, sizeof(limit), f));
	pclose(f);
	limit[strcspn(limit, "\n")] = '\0';
	snprintf(script, sizeof(script), "test $(ulimit -Sn) = %s", limit);
	w = rig_spawn(&rig, script);
	expect(REPORT_SPAWNED, &w);
	expect(REPORT_EXITED, &w);
	cr_expect_eq(rig.board->procs[w.index].wait_status, 0);
	rig_quit(&rig);
}
