/* SPDX-License-Identifier: Apache-2.0 */
/* test_sink.c - files that cannot be written, and pipes that are full. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

TestSuite(sink, .init = setup, .fini = teardown);

static void
describe(const struct rig_worker *w, const char *out)
{
	struct log_message m;

	rig_message(&rig, &m, w, out, "", "");
	rig_describe(&rig, &m, w, true);
}

static void
turns(int n)
{
	while (n-- > 0)
		rig_turn(&rig);
}

Test(sink, lines_lost_to_a_missing_folder_are_counted_in_the_file)
{
	/* The folder is a file until it is taken away. */
	close(open(rig_path(&rig, "dir"), O_CREAT | O_WRONLY, 0600));
	describe(&worker, "dir/out.log");
	rig_say(worker.out, "one\ntwo\nthree\n");
	turns(5);
	cr_assert_eq(unlink(rig_path(&rig, "dir")), 0);
	cr_assert(rig_wait_for(&rig, "dir/out.log",
	    "\"type\":\"process_event\",\"message\":\"3 lines were lost: not "
	    "a directory\"",
	    1));
	rig_say(worker.out, "four\n");
	cr_expect(rig_wait_for(&rig, "dir/out.log", "\"four\"", 1));
}

/* A size limit stands for a full disk: a write is cut short, the next fails. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit rl;

	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &rl), 0);
	rl.rlim_cur = bytes;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &rl), 0);
}

/* Every line is a whole record; how many were written or counted as lost. */
static size_t
count_whole(char *text)
{
	char *line, *save;
	size_t n = 0;

	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		cr_expect_eq(
		    strncmp(line, "{\"timestamp\"", 12), 0, "%s", line);
		cr_expect_null(strstr(line + 1, "{\"timestamp\""), "%s", line);
		cr_expect_eq(line[strlen(line) - 1], '}', "%s", line);
		if (strstr(line, "\"lost\":"))
			n += (size_t)atoi(strstr(line, "\"lost\":") + 7);
		else
			n++;
	}
	return n;
}

/* Twenty lines of which some fit, one in part. */
static void
fill_file(void)
{
	int i;

	signal(SIGXFSZ, SIG_IGN);
	describe(&worker, "out.log");
	turns(3);
	limit_files(1000);
	for (i = 0; i < 20; i++)
		rig_say(worker.out, "a line of some length\n");
	while (!rig_wait_for(&rig, "out.log", "seq", 5))
		;
	turns(3);
}

Test(sink, a_record_torn_by_a_full_disk_is_completed_first)
{
	char *text;
	size_t n;

	fill_file();
	limit_files(RLIM_INFINITY);
	cr_assert(rig_wait_for(&rig, "out.log", "lines were lost", 1));
	rig_say(worker.out, "after\n");
	cr_assert(rig_wait_for(&rig, "out.log", "\"after\"", 1));

	text = rig_read(&rig, "out.log");
	n = count_whole(text);
	cr_expect_eq(n, 21, "written and counted: %zu", n);
	free(text);
}

Test(sink, a_full_file_that_is_removed_is_made_anew)
{
	char *text, *end;
	size_t n, whole;

	fill_file();
	text = rig_read(&rig, "out.log");
	end = strrchr(text, '\n');
	cr_assert(end && end[1] != '\0', "the last record is torn");
	end[1] = '\0';
	whole = count_whole(text);
	free(text);
	cr_assert_eq(unlink(rig_path(&rig, "out.log")), 0);
	cr_assert(rig_wait_for(&rig, "out.log", "lines were lost", 1));
	rig_say(worker.out, "after\n");
	cr_assert(rig_wait_for(&rig, "out.log", "\"after\"", 1));
	text = rig_read(&rig, "out.log");
	n = count_whole(text);
	cr_expect_eq(whole + n, 21, "written and counted: %zu", whole + n);
	free(text);
}

Test(sink, a_device_that_is_full_is_no_reason_to_stop)
{
	struct rig_worker other;

	rig_worker_open(&other, 6, 78);
	describe(&worker, "/dev/full");
	describe(&other, "other.log");
	rig_say(worker.out, "lost\n");
	rig_say(other.out, "kept\n");
	cr_expect(rig_wait_for(&rig, "other.log", "kept", 1));
	rig_worker_close(&other);
}

struct flood {
	int fd;
	int writes; /* -1: until stopped */
	_Atomic bool stop;
};

enum { FLOOD_BYTES = 65536, FLOOD_LINE = 16 };

static void *
flood(void *arg)
{
	struct flood *f = arg;
	static char lines[FLOOD_BYTES];
	size_t i;

	memset(lines, 'x', sizeof(lines));
	for (i = FLOOD_LINE; i <= sizeof(lines); i += FLOOD_LINE)
		lines[i - 1] = '\n';
	while (!f->stop && f->writes-- != 0 &&
	       write(f->fd, lines, sizeof(lines)) > 0)
		;
	return NULL;
}

/*
 * A pipe whose reader sleeps: nothing is lost, though it is far more than is
 * held for it, and others are not held up.
 */
Test(sink, a_full_pipe_holds_up_its_own_streams_only)
{
	enum { WRITES = 40, LINES = WRITES * FLOOD_BYTES / FLOOD_LINE };
	struct flood f = { .fd = worker.out, .writes = WRITES };
	static char data[65536];
	struct rig_worker other;
	int64_t deadline;
	pthread_t thread;
	size_t got = 0;
	ssize_t n, at;
	int fifo;

	cr_assert_eq(mkfifo(rig_path(&rig, "fifo"), 0600), 0);
	fifo = open(rig_path(&rig, "fifo"), O_RDONLY | O_NONBLOCK);
	cr_assert_geq(fifo, 0);
	rig_worker_open(&other, 6, 78);
	describe(&worker, "fifo");
	describe(&other, "other.log");
	cr_assert_eq(pthread_create(&thread, NULL, flood, &f), 0);
	turns(20);
	rig_say(other.out, "not held up\n");
	cr_expect(rig_wait_for(&rig, "other.log", "not held up", 1));

	deadline = clock_mono_ms() + RIG_DEADLINE_MS;
	while (got < LINES && clock_mono_ms() < deadline) {
		rig_turn(&rig);
		while ((n = read(fifo, data, sizeof(data))) > 0) {
			for (at = 0; at < n; at++)
				got += data[at] == '\n';
		}
	}
	cr_assert_eq(got, LINES, "%zu of %d", got, LINES);
	close(fifo);
	rig_worker_close(&other);
	pthread_join(thread, NULL);
}

Test(sink, one_turn_takes_a_bounded_part_of_a_stream)
{
	enum { FILLED = 1024 * 1024 };
	struct flood f = { .fd = worker.out, .writes = FILLED / FLOOD_BYTES };
	int left = FILLED, before;

	cr_assert_geq(fcntl(worker.out, F_SETPIPE_SZ, FILLED), FILLED);
	flood(&f);
	describe(&worker, "/dev/null");
	while (left > 0) {
		before = left;
		rig_turn(&rig);
		cr_assert_eq(ioctl(worker.out_theirs, FIONREAD, &left), 0);
		cr_assert_leq(before - left, SOURCE_TURN_BYTES);
	}
}

Test(sink, a_flood_starves_nobody)
{
	struct rig_worker other;
	struct flood f = { .fd = worker.out, .writes = -1 };
	pthread_t thread;
	int i;

	rig_worker_open(&other, 6, 78);
	describe(&worker, "/dev/null");
	describe(&other, "other.log");
	cr_assert_eq(pthread_create(&thread, NULL, flood, &f), 0);
	for (i = 0; i < 20; i++) {
		rig_say(other.out, "still here\n");
		turns(3);
	}
	cr_expect(rig_wait_for(&rig, "other.log", "still here", 20));
	f.stop = true;
	rig_worker_close(&other);
	/* Let the flood's last write through. */
	while (pthread_tryjoin_np(thread, NULL) != 0)
		rig_turn(&rig);
}
