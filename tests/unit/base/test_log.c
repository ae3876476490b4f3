/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/log.h>

static char path[64];
static int saved_stderr, file;

static void
redirect(void)
{
	strcpy(path, "/tmp/clusterd-test-log-XXXXXX");
	file = mkstemp(path);
	saved_stderr = dup(STDERR_FILENO);
	dup2(file, STDERR_FILENO);
	unsetenv("CLUSTERD_LOG_LEVEL");
	unsetenv("JOURNAL_STREAM");
}

static void
restore(void)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(file);
	unlink(path);
}

/* What has been written, as a string. */
static const char *
written(void)
{
	static char text[8192];
	ssize_t n = pread(file, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

TestSuite(log, .init = redirect, .fini = restore);

Test(log, a_line_says_when_who_and_what)
{
	const char *line;

	log_init("clusterd", LOG_LEVEL_INFO);
	log_warning("worker %d: slow", 3);
	line = written();
	cr_assert_eq(line[4], '-');
	cr_assert_eq(line[10], 'T');
	cr_assert_eq(line[23], 'Z');
	cr_assert_str_eq(line + 24, " clusterd warning: worker 3: slow\n");
}

Test(log, the_level_filters_and_the_environment_overrides_it)
{
	log_init("clusterd", LOG_LEVEL_INFO);
	log_debug("quiet");
	cr_assert_str_empty(written());
	setenv("CLUSTERD_LOG_LEVEL", "Error", 1);
	log_init("clusterd", LOG_LEVEL_INFO);
	log_warning("quiet");
	cr_assert_str_empty(written());
	setenv("CLUSTERD_LOG_LEVEL", "debug", 1);
	log_init("clusterd", LOG_LEVEL_INFO);
	log_debug("loud");
	cr_assert_not_null(strstr(written(), "loud\n"));
}

Test(log, the_journal_gets_a_priority_and_no_time)
{
	char stream[64];
	struct stat st;

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init("clusterd", LOG_LEVEL_INFO);
	log_error("no");
	log_info("yes");
	cr_assert_str_eq(written(), "<3>clusterd: no\n<6>clusterd: yes\n");
}

Test(log, one_event_is_one_line_whatever_the_text)
{
	log_init("clusterd", LOG_LEVEL_INFO);
	log_info("%s", "a\nb\033[31m\177c");
	cr_assert_not_null(strstr(written(), "a?b?[31m?c\n"));
}

Test(log, a_long_text_is_cut)
{
	char text[5000];
	const char *line;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_init("clusterd", LOG_LEVEL_INFO);
	log_info("%s", text);
	line = written();
	cr_assert_leq(strlen(line), 2048);
	cr_assert_gt(strlen(line), 1900);
	cr_assert_str_eq(line + strlen(line) - 5, "x...\n");
}

Test(log, errno_is_there_before_and_after)
{
	log_init("clusterd", LOG_LEVEL_INFO);
	errno = ENOENT;
	log_info("open: %m");
	cr_assert_eq(errno, ENOENT);
	cr_assert_not_null(strstr(written(), "open: No such file"));
}

Test(log, goes_on_in_a_new_file_after_a_rotation)
{
	char old[80];
	struct stat st;

	log_init("clusterd", LOG_LEVEL_INFO);
	log_info("first");
	snprintf(old, sizeof(old), "%s.1", path);
	cr_assert_eq(rename(path, old), 0);
	log_reopen();
	log_info("second");
	unlink(old);
	cr_assert_null(strstr(written(), "second"));
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_gt(st.st_size, 0);
}
