/* SPDX-License-Identifier: Apache-2.0 */
/* test_logger.c - from pipes to files, as master and keeper see it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/clock.h>

#include "rig.h"

static struct rig rig;
static struct rig_worker worker;

static void
setup(void)
{
	rig_start(&rig);
	rig_worker_open(&worker, 5, 77);
}

static void
teardown(void)
{
	rig_worker_close(&worker);
	rig_stop(&rig);
}

TestSuite(logger, .init = setup, .fini = teardown);

static void
describe(const char *out, const char *err, const char *log)
{
	struct log_message m;

	rig_message(&rig, &m, &worker, out, err, log);
	rig_describe(&rig, &m, &worker, true);
}

/* The worker is gone: the keeper's copies of the read ends do not count. */
static void
hang_up(void)
{
	close(worker.out);
	close(worker.err);
	worker.out = dup(STDERR_FILENO);
	worker.err = dup(STDERR_FILENO);
}

Test(logger, lines_of_both_streams_become_records)
{
	describe("out.log", "err.log", "");
	rig_say(worker.out, "hello\nsecond\n");
	rig_say(worker.err, "oops\n");
	cr_assert(rig_wait_for(&rig, "out.log", "\n", 2));
	cr_assert(rig_wait_for(&rig, "err.log", "\n", 1));
	cr_expect_eq(rig_count(&rig, "out.log", "\"message\":\"hello\""), 1);
	cr_expect_eq(rig_count(&rig, "out.log",
			 "\"pid\":812,\"instance\":1,\"generation\":2,"
			 "\"seq\":2}"),
	    1);
	cr_expect_eq(rig_count(&rig, "err.log",
			 "\"type\":\"err\",\"app_name\":\"api\","
			 "\"process_id\":3,\"message\":\"oops\""),
	    1);
}

Test(logger, the_end_of_both_pipes_is_told_to_the_keeper)
{
	describe("out.log", "out.log", "");
	rig_say(worker.out, "no newline");
	hang_up();
	cr_expect(rig_wait_release(&rig, &worker));
	cr_expect(rig_wait_for(&rig, "out.log", "\"no newline\"", 1));
	cr_expect_eq(rig.lg.sources.n_reading, 0);
}

Test(logger, pipes_wait_unread_for_their_description)
{
	struct log_message m;
	int i;

	rig_report(&rig, REPORT_PROC, &worker);
	rig_report(&rig, REPORT_HANDED_OVER, NULL);
	rig_say(worker.out, "early\n");
	for (i = 0; i < 5; i++)
		rig_turn(&rig);
	rig_message(&rig, &m, &worker, "out.log", "", "");
	cr_assert_eq(access(m.out_file, F_OK), -1);
	rig_describe(&rig, &m, &worker, false);
	cr_expect(rig_wait_for(&rig, "out.log", "\"early\"", 1));
	hang_up();
	cr_expect(rig_wait_release(&rig, &worker));
}

Test(logger, a_description_may_come_before_the_pipes)
{
	struct log_message m;

	rig_message(&rig, &m, &worker, "out.log", "", "");
	rig_describe(&rig, &m, &worker, false);
	rig_turn(&rig);
	rig_report(&rig, REPORT_PROC, &worker);
	rig_report(&rig, REPORT_HANDED_OVER, NULL);
	rig_say(worker.out, "late pipes\n");
	cr_expect(rig_wait_for(&rig, "out.log", "late pipes", 1));
}

Test(logger, a_worker_without_pipes_is_forgotten_after_the_hand_over)
{
	struct log_message m;
	int i;

	rig_message(&rig, &m, &worker, "out.log", "", "");
	rig_describe(&rig, &m, &worker, false);
	rig_report(&rig, REPORT_HANDED_OVER, NULL);
	for (i = 0; i < 5; i++)
		rig_turn(&rig);
	cr_expect_null(rig.lg.sources.table[worker.index]);
	rig_describe(&rig, &m, &worker, false);
	for (i = 0; i < 5; i++)
		rig_turn(&rig);
	cr_expect_null(rig.lg.sources.table[worker.index]);
}

Test(logger, the_same_said_again_changes_nothing)
{
	describe("out.log", "", "");
	describe("out.log", "", "");
	rig_report(&rig, REPORT_PROC, &worker);
	rig_say(worker.out, "once\n");
	cr_expect(rig_wait_for(&rig, "out.log", "once", 1));
	cr_expect_eq(rig.lg.sources.n_reading, 2);
	hang_up();
	cr_expect(rig_wait_release(&rig, &worker));
	cr_expect_eq(rig_count(&rig, "out.log", "\n"), 1);
}

Test(logger, one_file_named_three_times_gets_a_line_once)
{
	describe("all.log", "all.log", "all.log");
	rig_say(worker.out, "a\n");
	rig_say(worker.err, "b\n");
	cr_expect(rig_wait_for(&rig, "all.log", "\n", 2));
	cr_expect_eq(rig_count(&rig, "all.log", "\"seq\":1}"), 2);
}

Test(logger, the_merged_file_has_both_beside_their_own)
{
	describe("out.log", "err.log", "all.log");
	rig_say(worker.out, "a\n");
	rig_say(worker.err, "b\n");
	cr_expect(rig_wait_for(&rig, "all.log", "\n", 2));
	cr_expect_eq(rig_count(&rig, "out.log", "\n"), 1);
	cr_expect_eq(rig_count(&rig, "err.log", "\n"), 1);
}

Test(logger, no_file_at_all_still_empties_the_pipe)
{
	describe("", "", "");
	rig_say(worker.out, "unheard\n");
	hang_up();
	cr_expect(rig_wait_release(&rig, &worker));
}

Test(logger, files_are_opened_again_after_a_rename)
{
	struct log_message m = { .type = LOG_REOPEN };

	describe("out.log", "", "");
	rig_say(worker.out, "old\n");
	cr_assert(rig_wait_for(&rig, "out.log", "old", 1));
	cr_assert_eq(
	    rename(rig_path(&rig, "out.log"), rig_path(&rig, "out.log.1")), 0);
	cr_assert_eq(loglink_send(rig.master, &m, NULL, 0), 0);
	while (access(rig_path(&rig, "out.log"), F_OK) == -1)
		rig_turn(&rig);
	rig_say(worker.out, "new\n");
	cr_expect(rig_wait_for(&rig, "out.log", "new", 1));
	cr_expect_eq(rig_count(&rig, "out.log.1", "\n"), 1);
	cr_expect_eq(rig_count(&rig, "out.log", "\n"), 1);
}

Test(logger, the_pid_is_taken_from_the_board_when_it_was_not_known)
{
	struct log_message m;

	rig_message(&rig, &m, &worker, "out.log", "", "");
	m.pid = 0;
	rig_describe(&rig, &m, &worker, true);
	rig_turn(&rig);
	atomic_store(&rig.board->procs[worker.index].uid, worker.uid);
	atomic_store(&rig.board->procs[worker.index].pid, 4321);
	rig_say(worker.out, "x\n");
	cr_expect(rig_wait_for(&rig, "out.log", "\"pid\":4321", 1));
}

Test(logger, raw_is_written_as_it_is)
{
	struct log_message m;
	char *text;

	rig_message(&rig, &m, &worker, "raw.log", "raw.log", "");
	m.format = LOG_RAW;
	rig_describe(&rig, &m, &worker, true);
	rig_say(worker.out, "\x1b[31mred\xff\r\nlast");
	hang_up();
	cr_expect(rig_wait_release(&rig, &worker));
	cr_expect(rig_wait_for(&rig, "raw.log", "last", 1));
	text = rig_read(&rig, "raw.log");
	cr_expect_str_eq(text, "\x1b[31mred\xff\r\nlast\n");
	free(text);
}

/* As a killed logger may leave it. */
Test(logger, a_torn_line_in_the_file_is_ended_first)
{
	FILE *f = fopen(rig_path(&rig, "out.log"), "w");
	char *text;

	cr_assert_not_null(f);
	fputs("{\"timest", f);
	fclose(f);
	describe("out.log", "", "");
	rig_say(worker.out, "x\n");
	cr_assert(rig_wait_for(&rig, "out.log", "seq", 1));
	text = rig_read(&rig, "out.log");
	cr_expect_eq(
	    strncmp(text, "{\"timest\n{\"timestamp\"", 21), 0, "%s", text);
	free(text);
}

Test(logger, folders_are_made)
{
	describe("a/b/c/out.log", "", "");
	rig_say(worker.out, "x\n");
	cr_expect(rig_wait_for(&rig, "a/b/c/out.log", "\n", 1));
}

/* The end of the master: what is in the pipes is read, then the loop ends. */
Test(logger, the_end_reads_what_is_left)
{
	int64_t start = clock_mono_ms();

	describe("out.log", "", "");
	rig_say(worker.out, "last words\n");
	hang_up();
	shutdown(rig.master, SHUT_RDWR);
	ev_run(rig.loop, 0);
	cr_expect_lt(clock_mono_ms() - start, LOGGER_DRAIN_MS);
	cr_expect_eq(rig_count(&rig, "out.log", "last words"), 1);
}

Test(logger, the_end_does_not_wait_for_ever)
{
	int64_t start = clock_mono_ms();

	describe("out.log", "", "");
	rig_say(worker.out, "still running\nunfinished");
	rig_turn(&rig);
	logger_drain(&rig.lg);
	ev_run(rig.loop, 0);
	cr_expect_geq(clock_mono_ms() - start, LOGGER_DRAIN_MS - 100);
	cr_expect_lt(clock_mono_ms() - start, LOGGER_DRAIN_MS * 3);
	cr_expect_eq(rig_count(&rig, "out.log", "still running"), 1);
}

Test(logger, many_idle_workers_hold_no_buffer)
{
	static struct rig_worker many[200];
	struct log_message m;
	size_t i;

	for (i = 0; i < COUNT(many); i++) {
		rig_worker_open(&many[i], (uint32_t)i + 100, i + 1000);
		rig_message(&rig, &m, &many[i], "out.log", "out.log", "");
		rig_describe(&rig, &m, &many[i], true);
		rig_say(many[i].out, "hello\n");
		rig_turn(&rig);
	}
	cr_assert(rig_wait_for(&rig, "out.log", "\n", COUNT(many)));
	cr_expect_eq(rig.lg.sinks.pending_bytes, 0);
	cr_expect_eq(rig.lg.sources.n_reading, 2 * COUNT(many));
	for (i = 0; i < COUNT(many); i++)
		rig_worker_close(&many[i]);
}
