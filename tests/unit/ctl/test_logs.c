/* SPDX-License-Identifier: Apache-2.0 */
/* test_logs.c - which log files, their last lines, and those that come. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/clock.h>

#include "ctl/follow.h"
#include "ctl/logprint.h"
#include "ctl/logset.h"
#include "ctl/tail.h"

enum { DEADLINE_MS = 10000 };

/* ---- which files, which lines ---- */

static void
load(struct logset *s, const char *rows, const char *selector, unsigned types)
{
	json_t *answer = json_loads(rows, 0, NULL);

	cr_assert_not_null(answer);
	logset_init(s, selector);
	cr_assert_eq(logset_add(s, answer, types), 0);
	json_decref(answer);
}

#define ROW(app, type, format, path)                                           \
	"{\"app\":\"" app "\",\"type\":\"" type "\",\"format\":\"" format      \
	"\",\"path\":\"" path "\",\"instance\":null}"

enum { BOTH = LOGSET_OUT | LOGSET_ERR };

Test(logset, the_merged_file_is_left_out_when_each_has_its_own)
{
	struct logset s;

	load(&s,
	    "{\"files\":[" ROW("a", "out", "json", "/o") "," ROW(
		"a", "err", "json", "/e") "," ROW("a", "all", "json",
		"/all") "," ROW("b", "all", "json", "/b") "]}",
	    NULL, BOTH);
	cr_assert_eq(s.n_files, 3);
	cr_expect_str_eq(s.files[0]->path, "/o");
	cr_expect_str_eq(s.files[1]->path, "/e");
	cr_expect_str_eq(s.files[2]->path, "/b");
	logset_fini(&s);
}

Test(logset, a_path_is_read_once)
{
	struct logset s;

	load(&s,
	    "{\"files\":[" ROW("a", "out", "json", "/x") "," ROW("a", "err",
		"json", "/x") "," ROW("b", "out", "json", "/x") "]}",
	    NULL, BOTH);
	cr_assert_eq(s.n_files, 1);
	cr_expect_eq(s.files[0]->types, BOTH);
	cr_expect_eq(json_object_size(s.files[0]->apps), 2);
	logset_fini(&s);
}

static bool
shows(const struct logset *s, const char *line)
{
	struct log_record r;

	if (!logset_parse(s, s->files[0], line, strlen(line), &r))
		return false;
	log_record_fini(&r);
	return true;
}

Test(logset, lines_of_others_in_a_shared_file_are_left_out)
{
	struct logset s;

	load(&s, "{\"files\":[" ROW("a", "all", "json", "/x") "]}", "3",
	    LOGSET_ERR);
	cr_expect(shows(&s, "{\"type\":\"err\",\"app_name\":\"a\","
			    "\"process_id\":3,\"message\":\"m\"}"));
	cr_expect_not(shows(&s, "{\"type\":\"out\",\"app_name\":\"a\","
				"\"process_id\":3,\"message\":\"m\"}"));
	cr_expect_not(shows(&s, "{\"type\":\"err\",\"app_name\":\"b\","
				"\"process_id\":3,\"message\":\"m\"}"));
	cr_expect_not(shows(&s, "{\"type\":\"err\",\"app_name\":\"a\","
				"\"process_id\":4,\"message\":\"m\"}"));
	cr_expect(shows(&s, "{\"type\":\"process_event\",\"message\":\"m\"}"));
	cr_expect(shows(&s, "no JSON at all"));
	cr_expect(shows(&s, "{\"half\":"));
	logset_fini(&s);
}

Test(logset, times_are_read)
{
	cr_expect_eq(log_time_ms("1970-01-01T00:00:01.234Z"), 1234);
	cr_expect_eq(
	    log_time_ms("2026-11-20T07:24:22.123Z"), INT64_C(1795159462123));
	cr_expect_eq(log_time_ms("yesterday"), -1);
	cr_expect_eq(log_time_ms(""), -1);
}

/* ---- the last lines ---- */

static char path[64];

static int
make_file(const char *text, size_t len)
{
	int fd;

	strcpy(path, "/tmp/clusterd-tail-XXXXXX");
	fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	return fd;
}

static bool
want_all(void *arg, const char *line, size_t len, int64_t *time_ms)
{
	(void)arg, (void)line, (void)len, (void)time_ms;
	return true;
}

static bool
want_b(void *arg, const char *line, size_t len, int64_t *time_ms)
{
	(void)arg, (void)time_ms;
	return len > 0 && line[0] == 'b';
}

static void
expect_tail(const char *text, size_t max, tail_want_fn *want, const char *all)
{
	int fd = make_file(text, strlen(text));
	struct tail_line lines[16];
	char got[256] = "";
	off_t end;
	ssize_t n, i;

	n = tail_find(fd, lines, max, want, NULL, &end);
	cr_assert_geq(n, 0);
	for (i = 0; i < n; i++) {
		strncat(got, text + lines[i].offset, lines[i].len);
		strcat(got, "|");
	}
	cr_expect_str_eq(got, all, "of \"%s\"", text);
	close(fd);
	unlink(path);
}

Test(tail, the_newest_come_first)
{
	expect_tail("a\nb\nc\n", 2, want_all, "c|b|");
	expect_tail("a\nb\nc\n", 16, want_all, "c|b|a|");
	expect_tail("a\n\nc\n", 16, want_all, "c||a|");
	expect_tail("", 16, want_all, "");
	expect_tail("\n", 16, want_all, "|");
	expect_tail("a\nb\n", 0, want_all, "");
}

Test(tail, an_unfinished_line_is_left_for_later)
{
	expect_tail("a\nhalf", 16, want_all, "a|");
	expect_tail("half", 16, want_all, "");
}

Test(tail, only_wanted_lines_count)
{
	expect_tail("b1\na\nb2\na\na\n", 2, want_b, "b2|b1|");
}

Test(tail, blocks_do_not_show)
{
	enum { LINES = 20000 };
	char *text = malloc(LINES * 8 + 1);
	struct tail_line *lines = calloc(LINES, sizeof(*lines));
	off_t end;
	int fd, i;

	for (i = 0; i < LINES; i++)
		snprintf(text + i * 8, 9, "%07d\n", i);
	fd = make_file(text, LINES * 8);
	cr_assert_eq(tail_find(fd, lines, LINES, want_all, NULL, &end), LINES);
	cr_expect_eq(end, LINES * 8);
	for (i = 0; i < LINES; i++) {
		cr_assert_eq(lines[i].offset, (LINES - 1 - i) * 8);
		cr_assert_eq(lines[i].len, 7);
	}
	free(text);
	free(lines);
	close(fd);
	unlink(path);
}

Test(tail, giant_lines_are_cut_to_a_bound)
{
	size_t giant = 3 * 1024 * 1024;
	char *text = malloc(giant + 16);
	struct tail_line lines[4];
	off_t end;
	int fd;

	memset(text, 'x', giant);
	memcpy(text, "first\n", 6);
	memcpy(text + giant, "\nlast\n", 6);
	fd = make_file(text, giant + 6);
	cr_assert_eq(tail_find(fd, lines, 4, want_all, NULL, &end), 3);
	cr_expect_eq(lines[0].len, 4);
	cr_expect_eq(lines[1].len, TAIL_LINE_MAX);
	cr_expect_eq(lines[1].offset, 6);
	cr_expect_eq(lines[2].len, 5);
	free(text);
	close(fd);
	unlink(path);
}

/* ---- what comes ---- */

static char got[65536];

static void
keep_line(void *arg, void *tag, const char *line, size_t len)
{
	(void)arg, (void)tag;
	strncat(got, line, len);
	strcat(got, "|");
}

static void
append(const char *file, const char *text, int flags)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | flags, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void
expect_lines(struct follow *f, const char *want)
{
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;

	while (strcmp(got, want) != 0 && clock_mono_ms() < deadline)
		cr_assert_eq(follow_step(f, -1), 0);
	cr_expect_str_eq(got, want);
}

Test(follow, a_file_is_followed_through_all_that_happens_to_it)
{
	char dir[] = "/tmp/clusterd-follow-XXXXXX", file[64], moved[64];
	char command[128];
	struct follow f;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/sub/log", dir);
	snprintf(moved, sizeof(moved), "%s/sub/log.1", dir);
	follow_init(&f, keep_line, NULL);
	cr_assert_eq(follow_add(&f, file, NULL, -1, 0), 0);
	cr_assert_eq(follow_step(&f, -1), 0); /* neither file nor folder */

	snprintf(command, sizeof(command), "mkdir %s/sub", dir);
	cr_assert_eq(system(command), 0);
	append(file, "one\ntw", 0);
	expect_lines(&f, "one|");
	append(file, "o\n", 0);
	expect_lines(&f, "one|two|");
	append(file, "3\n", O_TRUNC);
	expect_lines(&f, "one|two|3|");
	cr_assert_eq(rename(file, moved), 0);
	append(moved, "last words\n", 0);
	append(file, "new\n", 0);
	expect_lines(&f, "one|two|3|last words|new|");

	follow_fini(&f);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_expect_eq(system(command), 0);
}

Test(follow, what_was_read_before_is_not_shown_again)
{
	struct follow f;
	int fd = make_file("old\n", 4);

	follow_init(&f, keep_line, NULL);
	cr_assert_eq(follow_add(&f, path, NULL, fd, 4), 0);
	append(path, "new\n", 0);
	expect_lines(&f, "new|");
	follow_fini(&f);
	unlink(path);
}

Test(follow, what_has_no_end_or_is_fed_by_us_is_not_opened)
{
	char pipe_path[] = "/tmp/clusterd-fifo-XXXXXX";
	int fd = make_file("", 0), saved = dup(STDOUT_FILENO), rc;

	cr_expect_eq(follow_open("/dev/zero"), -ENODEV);
	cr_expect_eq(follow_open("/"), -ENODEV);
	cr_assert_not_null(mkdtemp(pipe_path));
	cr_assert_eq(rmdir(pipe_path), 0);
	cr_assert_eq(mkfifo(pipe_path, 0600), 0);
	cr_expect_eq(follow_open(pipe_path), -ENODEV);
	unlink(pipe_path);
	cr_assert_eq(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	rc = follow_open(path);
	dup2(saved, STDOUT_FILENO);
	cr_expect_eq(rc, -EDEADLK);
	rc = follow_open(path);
	cr_expect_geq(rc, 0);
	close(rc);
	close(saved);
	close(fd);
	unlink(path);
	cr_expect_eq(follow_open(path), -ENOENT);
}

static void
count_lines(void *arg, void *tag, const char *line, size_t len)
{
	(void)tag, (void)line, (void)len;
	++*(size_t *)arg;
}

Test(follow, a_flood_leaves_a_turn_to_the_others)
{
	enum { LINE_BYTES = 64, LINES = 3 * FOLLOW_TURN_BYTES / LINE_BYTES };
	char *text = malloc((size_t)LINES * LINE_BYTES);
	int64_t deadline = clock_mono_ms() + DEADLINE_MS;
	size_t count = 0, i;
	struct follow f;
	int fd;

	memset(text, 'x', (size_t)LINES * LINE_BYTES);
	for (i = 1; i <= LINES; i++)
		text[i * LINE_BYTES - 1] = '\n';
	fd = make_file(text, (size_t)LINES * LINE_BYTES);
	follow_init(&f, count_lines, &count);
	cr_assert_eq(follow_add(&f, path, NULL, fd, 0), 0);
	cr_assert_eq(follow_step(&f, -1), 0);
	cr_expect_eq(count, FOLLOW_TURN_BYTES / LINE_BYTES);
	while (count < LINES && clock_mono_ms() < deadline)
		cr_assert_eq(follow_step(&f, -1), 0);
	cr_expect_eq(count, LINES);
	follow_fini(&f);
	free(text);
	unlink(path);
}

Test(follow, it_ends_when_nobody_reads)
{
	struct follow f;
	int fds[2], rc = 0;

	cr_assert_eq(pipe(fds), 0);
	follow_init(&f, keep_line, NULL);
	cr_expect_eq(follow_step(&f, fds[1]), 0);
	close(fds[0]);
	rc = follow_step(&f, fds[1]);
	cr_expect_lt(rc, 0);
	close(fds[1]);
	follow_fini(&f);
}

/* ---- how they look ---- */

static void
expect_print(struct logprint p, const char *line, const char *want)
{
	struct logset s;
	struct log_record r;
	size_t size;
	char *text;

	load(&s, "{\"files\":[" ROW("a", "out", "json", "/x") "]}", NULL, BOTH);
	p.f = open_memstream(&text, &size);
	cr_assert(logset_parse(&s, s.files[0], line, strlen(line), &r));
	logprint_record(&p, &r, line, strlen(line));
	log_record_fini(&r);
	fclose(p.f);
	cr_expect_str_eq(text, want);
	free(text);
	logset_fini(&s);
}

Test(logprint, prefix_message_and_record)
{
	static const char line[] =
	    "{\"timestamp\":\"2026-11-20T07:24:22.123Z\",\"type\":\"out\","
	    "\"app_name\":\"a\",\"process_id\":3,\"message\":\"h\\u001b[2Ji\"}";

	expect_print((struct logprint){ 0 }, line, "3|a | h\033[2Ji\n");
	expect_print(
	    (struct logprint){ .is_tty = true }, line, "3|a | h?[2Ji\n");
	expect_print((struct logprint){ .raw = true }, line, "h\033[2Ji\n");
	expect_print((struct logprint){ .timestamp = true }, line,
	    "2026-11-20T07:24:22.123Z 3|a | h\033[2Ji\n");
	expect_print((struct logprint){ .color = true }, line,
	    "\033[33m3|a |\033[0m h\033[2Ji\n");
}

Test(logprint, a_line_that_is_no_record)
{
	expect_print((struct logprint){ 0 }, "plain", "a | plain\n");
	expect_print((struct logprint){ .json = true },
	    "pl\xff"
	    "in",
	    "{\"type\":\"out\",\"app_name\":\"a\",\"message\":\"pl?in\"}\n");
}
