/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_restart.c - master and logger die; what they had is handed on. Signals,
 * and the way down.
 */
#include <clusterd/clock.h>
#include <clusterd/loglink.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

TestSuite(restart, .init = init, .timeout = 90);

static void
hold(const char *name, const char *path)
{
	struct order o = { .type = ORDER_HOLD };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	snprintf(o.name, sizeof(o.name), "%s", name);
	rig_order(&rig, &o, &fd, 1);
	close(fd);
}

static ino_t
inode(int fd)
{
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	return st.st_ino;
}

static int
wait_stopped_reading(void)
{
	/* All orders are obeyed once a later one's effect is there. */
	struct order w = rig_spawn(&rig, "exit 0");

	rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	rig_report(rig.master.fds[0], REPORT_EXITED, NULL, NULL);
	return (int)w.index;
}

Test(restart, a_new_master_is_given_what_the_old_one_held)
{
	struct order drop = { .type = ORDER_DROP, .name = "node:gone" };
	struct order w, o;
	int fds[FDPASS_MAX];
	size_t n;
	ino_t config;

	hold("config", "/etc/passwd");
	hold("node:gone", "/dev/null");
	hold("listener:api/http", "/dev/null");
	rig_order(&rig, &drop, NULL, 0);
	w = rig_spawn(&rig, "sleep 1000");
	rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	fds[0] = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	config = inode(fds[0]);
	close(fds[0]);

	rig_end_puppet(&rig.master, -SIGKILL);
	rig_accept(&rig);
	cr_expect_not_null(strstr(rig.master.hello.args, "--restarted\n"));
	cr_expect_eq(atomic_load(&rig.board->master_starts), 2);
	o = rig_report(rig.master.fds[0], REPORT_HELD, fds, &n);
	cr_expect_str_eq(o.name, "config");
	cr_assert_eq(n, 1);
	cr_expect_eq(inode(fds[0]), config);
	close(fds[0]);
	o = rig_report(rig.master.fds[0], REPORT_HELD, NULL, NULL);
	cr_expect_str_eq(o.name, "listener:api/http");
	o = rig_report(rig.master.fds[0], REPORT_PROC, fds, &n);
	cr_expect_eq(o.index, w.index);
	cr_expect_eq(o.uid, w.uid);
	cr_assert_eq(n, 1); /* the channel */
	close(fds[0]);
	rig_report(rig.master.fds[0], REPORT_HANDED_OVER, NULL, NULL);
	o = rig_report(rig.master.fds[0], REPORT_LOGGER, NULL, NULL);
	cr_expect_eq(o.value, rig.logger.hello.pid);
	/* The worker lived through it. */
	cr_expect_eq(atomic_load(&rig.board->procs[w.index].exited), 0);
	rig_quit(&rig); /* and is not left behind */
}

Test(restart, an_exit_without_a_master_is_told_to_the_next)
{
	struct order w = rig_spawn(&rig, "read x <\"/proc/$PPID/stat\"; "
					 "sleep 0.1; exit 3");
	struct order o;

	rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	rig_end_puppet(&rig.master, 9);
	rig_accept(&rig);
	rig_skip_handover(rig.master.fds[0]);
	rig_report(rig.master.fds[0], REPORT_LOGGER, NULL, NULL);
	o = rig_report(rig.master.fds[0], REPORT_EXITED, NULL, NULL);
	cr_expect_eq(o.uid, w.uid);
	cr_expect_eq(WEXITSTATUS(rig.board->procs[w.index].wait_status), 3);
	/* One that dies unheard leaves it to its successor once more. */
	rig_end_puppet(&rig.master, 9);
	rig_accept(&rig);
	rig_skip_handover(rig.master.fds[0]);
	rig_report(rig.master.fds[0], REPORT_LOGGER, NULL, NULL);
	o = rig_report(rig.master.fds[0], REPORT_EXITED, NULL, NULL);
	cr_expect_eq(o.uid, w.uid);
	rig_quit(&rig);
}

Test(restart, the_last_orders_of_a_dead_master_are_obeyed)
{
	struct order w = rig_spawn(&rig, "sleep 1000"), o;

	rig_end_puppet(&rig.master, -SIGKILL);
	rig_accept(&rig);
	o = rig_report(rig.master.fds[0], REPORT_PROC, NULL, NULL);
	cr_expect_eq(o.uid, w.uid);
	cr_expect_gt(atomic_load(&rig.board->procs[w.index].pid), 0);
	rig_quit(&rig);
}

Test(restart, a_logger_is_replaced_and_given_the_pipes)
{
	struct order w = rig_spawn(&rig, "echo from before; sleep 1000"), o;
	int fds[FDPASS_MAX];
	char text[32] = "";
	size_t n;

	rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	rig_end_puppet(&rig.logger, -SIGKILL);
	rig_accept(&rig);
	o = rig_report(rig.logger.fds[0], REPORT_PROC, fds, &n);
	cr_expect_eq(o.uid, w.uid);
	cr_assert_eq(n, 2);
	cr_expect_eq(read(fds[0], text, sizeof(text) - 1), 12);
	cr_expect_str_eq(text, "from before\n");
	fdpass_close(fds, n);
	rig_report(rig.logger.fds[0], REPORT_HANDED_OVER, NULL, NULL);
	o = rig_report(rig.master.fds[0], REPORT_LOGGER, NULL, NULL);
	cr_expect_eq(o.value, rig.logger.hello.pid);
	cr_expect_eq(atomic_load(&rig.board->logger_starts), 2);
	rig_quit(&rig);
}

Test(restart, master_and_logger_speak_over_one_link_across_restarts)
{
	struct log_message m = { .type = LOG_REOPEN }, got;
	int fds[FDPASS_MAX];
	size_t n = FDPASS_MAX;

	rig_end_puppet(&rig.logger, 0);
	cr_assert_eq(
	    loglink_send(rig.master.fds[FD_LOGLINK - 3], &m, NULL, 0), 0);
	rig_accept(&rig);
	cr_assert_eq(
	    loglink_recv(rig.logger.fds[FD_LOGLINK - 3], &got, fds, &n), 1);
	cr_expect_eq(got.type, LOG_REOPEN);
	rig_quit(&rig);
}

Test(restart, deaths_in_a_row_are_delayed)
{
	int64_t from = clock_mono_ms();

	for (int i = 0; i < 4; i++) { /* 0 + 100 + 200 + 400 ms */
		rig_end_puppet(&rig.master, 1);
		rig_accept(&rig);
	}
	cr_expect_geq(clock_mono_ms() - from, 700);
	cr_expect_not_null(strstr(rig_stderr(&rig), "at once"));
	cr_expect_not_null(strstr(rig_stderr(&rig), "in 400 ms"));
	rig_skip_handover(rig.master.fds[0]);
	rig_quit(&rig);
}

Test(restart, an_entry_whose_logger_never_lives_becomes_free)
{
	struct order w = rig_spawn(&rig, "exit 0");
	struct order release = {
		.type = ORDER_RELEASE, .index = w.index, .uid = w.uid
	};
	int64_t deadline = clock_mono_ms() + WAIT_MS;

	rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	rig_report(rig.master.fds[0], REPORT_EXITED, NULL, NULL);
	rig_order(&rig, &release, NULL, 0);
	for (int i = 0; i < 5; i++) {
		cr_expect_neq(atomic_load(&rig.board->procs[w.index].uid), 0);
		rig_end_puppet(&rig.logger, 1);
		if (i < 4)
			rig_accept(&rig);
	}
	while (atomic_load(&rig.board->procs[w.index].uid) != 0) {
		cr_assert_lt(clock_mono_ms(), deadline);
		usleep(1000);
	}
	rig_accept(&rig);
	while (rig_report(rig.master.fds[0], REPORT_LOGGER, NULL, NULL).value !=
	       rig.logger.hello.pid)
		continue;
	rig_quit(&rig);
}

/* ---- signals ---- */

static int
next_signal(void)
{
	return rig_report(rig.master.fds[0], REPORT_SIGNAL, NULL, NULL).value;
}

Test(restart, signals_are_reported)
{
	static const int all[] = { SIGHUP, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2,
		SIGTTIN, SIGTTOU, SIGINT };

	for (size_t i = 0; i < COUNT(all); i++) {
		kill(rig.keeper, all[i]);
		cr_expect_eq(next_signal(), all[i]);
	}
	kill(rig.keeper, SIGINT); /* the second within two seconds */
	cr_expect_eq(next_signal(), SIGQUIT);
	rig_quit(&rig);
}

Test(restart, a_signal_without_a_master_waits_for_the_next)
{
	rig_end_puppet(&rig.master, 1);
	rig_accept(&rig);
	rig_end_puppet(&rig.master, 1); /* the next comes after 100 ms */
	rig_wait_stderr(&rig, "in 100 ms");
	kill(rig.keeper, SIGHUP);
	kill(rig.keeper, SIGTERM);
	rig_accept(&rig);
	rig_skip_handover(rig.master.fds[0]);
	rig_report(rig.master.fds[0], REPORT_LOGGER, NULL, NULL);
	cr_expect_eq(next_signal(), SIGHUP);
	cr_expect_eq(next_signal(), SIGTERM);
	/* A stop is not forgotten with the master that was told of it. */
	rig_end_puppet(&rig.master, 1);
	rig_accept(&rig);
	rig_skip_handover(rig.master.fds[0]);
	rig_report(rig.master.fds[0], REPORT_LOGGER, NULL, NULL);
	cr_expect_eq(next_signal(), SIGTERM);
	rig_quit(&rig);
}

Test(restart, a_stop_ends_also_when_no_master_lives)
{
	struct order w = rig_spawn(&rig, "sleep 1000");

	rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	cr_expect_eq(atomic_load(&rig.board->procs[w.index].exited), 0);
	kill(rig.keeper, SIGTERM);
	for (int i = 0; i < 5; i++) {
		rig_end_puppet(&rig.master, 1);
		if (i < 4)
			rig_accept(&rig);
	}
	rig_wait_stderr(&rig, "no master lives");
	rig_end_puppet(&rig.logger, 0);
	cr_expect_eq(rig_wait(&rig), 1);
	rig_fini(&rig);
}

/* ---- the end ---- */

Test(restart, the_logger_sees_the_end_before_it_is_killed)
{
	struct order quit = { .type = ORDER_QUIT, .value = 2 };
	struct log_message m;
	int fds[FDPASS_MAX];
	size_t n = FDPASS_MAX;
	struct pollfd p = { .events = POLLIN };

	wait_stopped_reading();
	rig_order(&rig, &quit, NULL, 0);
	rig_end_puppet(&rig.master, 0);
	p.fd = rig.logger.fds[FD_LOGLINK - 3];
	cr_assert_eq(poll(&p, 1, WAIT_MS), 1);
	cr_expect_eq(loglink_recv(p.fd, &m, fds, &n), 0);
	cr_expect_eq(kill(rig.logger.hello.pid, 0), 0);
	rig_end_puppet(&rig.logger, 0);
	cr_expect_eq(rig_wait(&rig), 2);
	rig_fini(&rig);
}

Test(restart, a_master_and_a_logger_that_stay_are_killed)
{
	struct order quit = { .type = ORDER_QUIT };
	int64_t from = clock_mono_ms();

	rig_order(&rig, &quit, NULL, 0);
	cr_expect_eq(rig_wait(&rig), 0);
	cr_expect_geq(clock_mono_ms() - from, 5000);
	cr_expect_not_null(strstr(rig_stderr(&rig), "does not leave"));
	rig_fini(&rig);
}

Test(restart, orphans_of_workers_are_reaped_and_do_not_survive)
{
	struct order w = rig_spawn(
	    &rig, "setsid sleep 1000 & setsid sh -c 'sleep 0.05' & exit 0");

	rig_report(rig.master.fds[0], REPORT_SPAWNED, NULL, NULL);
	rig_report(rig.master.fds[0], REPORT_EXITED, NULL, NULL);
	cr_expect_neq(w.uid, 0);
	rig_quit(&rig); /* says so when one is left */
}
