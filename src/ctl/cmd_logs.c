/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_logs.c - the last lines of the logs, in the order of time, and then those
 * that come.
 */
#include "ctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/clock.h>

#include "ctl/follow.h"
#include "ctl/logprint.h"
#include "ctl/logset.h"
#include "ctl/row.h"
#include "ctl/tail.h"

enum { LINES_DEFAULT = 15, ASK_AGAIN_MS = 1000 };

struct logs {
	struct ctl *c;
	const char *selector; /* borrowed from params; NULL: all */
	json_t *params;	      /* owned */
	unsigned types;
	struct logset set;
	struct logprint print;
	struct follow follow;
	struct tail_line *lines; /* owned: of all files, while tailing */
	size_t n_lines;
	size_t n_unreadable; /* of the files, while tailing */
	int64_t asked_ms;    /* monotonic: when the files were last asked for */
};

/* What a tail asks about one line. */
struct asking {
	const struct logs *logs;
	const struct logset_file *file;
	int64_t
	    newer_ms; /* of the line below: one without a time stays there */
};

static bool
is_wanted(void *arg, const char *line, size_t len, int64_t *time_ms)
{
	struct asking *a = arg;
	struct log_record r;

	if (!logset_parse(&a->logs->set, a->file, line, len, &r))
		return false;
	*time_ms = r.time_ms >= 0 ? r.time_ms : a->newer_ms;
	a->newer_ms = *time_ms;
	log_record_fini(&r);
	return true;
}

/* By time; lines of one millisecond by file, and there as they stand. */
static int
compare_lines(const void *a, const void *b)
{
	const struct tail_line *x = a, *y = b;

	if (x->time_ms != y->time_ms)
		return x->time_ms < y->time_ms ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* One that is not there yet is followed; one that cannot be read is named. */
static void
say_unreadable(struct logs *l, const char *path, int error)
{
	if (error == ENOENT)
		return;
	l->n_unreadable++;
	if (error == ENODEV)
		ctl_error(l->c,
		    "%s is no regular file: its lines cannot be shown", path);
	else if (error == EDEADLK)
		ctl_error(l->c,
		    "%s is where this output goes: its lines are not shown",
		    path);
	else
		ctl_error(l->c, "cannot read %s: %s", path, strerror(error));
}

/*
 * Find the last lines of one file; it is then followed from there. A raw file
 * has no times: its lines count as the oldest, and all of them are shown.
 */
static int
tail_file(struct logs *l, uint32_t number, size_t max)
{
	struct logset_file *file = l->set.files[number];
	struct asking asking = { l, file, -1 };
	struct tail_line *grown;
	off_t end = 0;
	ssize_t n, i;
	int fd;

	grown = realloc(l->lines, (l->n_lines + max + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	l->lines = grown;
	fd = follow_open(file->path);
	if (fd >= 0) {
		n = tail_find(
		    fd, l->lines + l->n_lines, max, is_wanted, &asking, &end);
		for (i = 0; i < n; i++)
			l->lines[l->n_lines++].file = number;
	} else {
		say_unreadable(l, file->path, -fd);
		fd = -1;
	}
	return follow_add(&l->follow, file->path, file, fd, end);
}

static void
print_line(void *arg, void *tag, const char *line, size_t len)
{
	struct logs *l = arg;
	struct log_record r;

	if (!logset_parse(&l->set, tag, line, len, &r))
		return;
	logprint_record(&l->print, &r, line, len);
	log_record_fini(&r);
}

static void
print_tail_line(struct logs *l, const struct tail_line *line, char *text)
{
	int fd = l->follow.files[line->file].fd;
	ssize_t n;

	n = pread(fd, text, line->len, line->offset);
	if (n == (ssize_t)line->len)
		print_line(l, l->set.files[line->file], text, (size_t)n);
}

/* Those with a time are the last `max` of all files together. */
static int
print_tail(struct logs *l, size_t max)
{
	size_t i, timed = 0, skip;
	char *text;

	if (l->n_lines == 0)
		return 0;
	qsort(l->lines, l->n_lines, sizeof(*l->lines), compare_lines);
	for (i = 0; i < l->n_lines; i++)
		timed += l->lines[i].time_ms >= 0;
	skip = timed > max ? timed - max : 0;
	text = malloc(TAIL_LINE_MAX);
	if (!text)
		return -ENOMEM;
	for (i = 0; i < l->n_lines; i++) {
		if (l->lines[i].time_ms >= 0 && skip > 0)
			skip--;
		else
			print_tail_line(l, &l->lines[i], text);
	}
	free(text);
	fflush(stdout);
	return 0;
}

static int
tail_all(struct logs *l)
{
	size_t max = l->c->opt.lines >= 0 ? (size_t)l->c->opt.lines
					  : (size_t)LINES_DEFAULT;
	uint32_t i;
	int rc;

	for (i = 0; i < l->set.n_files; i++) {
		rc = tail_file(l, i, max);
		if (rc < 0)
			return rc;
	}
	rc = print_tail(l, max);
	free(l->lines);
	l->lines = NULL;
	return rc;
}

/* Files are followed for hours; clusterd is not to keep a client for that. */
static void
hang_up(struct ctl *c)
{
	if (c->sock >= 0)
		close(c->sock);
	c->sock = -1;
}

/*
 * A file has appeared beside ours: perhaps that of a new worker. Failing is no
 * harm, what is known goes on.
 */
static void
ask_again(struct logs *l)
{
	json_t *answer = NULL, *error = NULL;
	size_t i = l->set.n_files;

	if (clock_mono_ms() - l->asked_ms < ASK_AGAIN_MS)
		return; /* has_new stays set */
	l->asked_ms = clock_mono_ms();
	l->follow.has_new = false;
	l->c->is_mute = true;
	if (ctl_call(l->c, "logs", json_incref(l->params), CTL_ANSWER_MS,
		&answer, &error) == CTL_DONE)
		(void)!logset_add(&l->set, answer, l->types);
	hang_up(l->c);
	for (; i < l->set.n_files; i++) {
		if (follow_add(&l->follow, l->set.files[i]->path,
			l->set.files[i], -1, 0) < 0)
			break;
	}
	json_decref(answer);
	json_decref(error);
}

static int
follow_all(struct logs *l)
{
	l->asked_ms = clock_mono_ms();
	for (;;) {
		if (follow_step(&l->follow, STDOUT_FILENO) < 0)
			return CTL_DONE;
		if (fflush(stdout) != 0 || ferror(stdout))
			return CTL_DONE;
		if (l->follow.has_new)
			ask_again(l);
	}
}

static int
ask_for_files(struct logs *l)
{
	json_t *answer;
	int rc;

	rc = ctl_call(
	    l->c, "logs", json_incref(l->params), CTL_ANSWER_MS, &answer, NULL);
	if (rc != CTL_DONE)
		return rc;
	rc = CTL_FAILED;
	if (logset_add(&l->set, answer, l->types) < 0)
		ctl_error(l->c, "out of memory");
	else if (l->set.n_files == 0)
		ctl_error(l->c, "there is no log file%s%s",
		    l->selector ? " of " : "", l->selector ? l->selector : "");
	else
		rc = CTL_DONE;
	json_decref(answer);
	hang_up(l->c);
	return rc;
}

static int
run(struct logs *l)
{
	int rc = ask_for_files(l);

	if (rc != CTL_DONE)
		return rc;
	if (tail_all(l) < 0) {
		ctl_error(l->c, "out of memory");
		return CTL_FAILED;
	}
	if (l->n_unreadable == l->set.n_files)
		return CTL_FAILED;
	if (l->c->opt.nostream || ferror(stdout)) /* main() says it */
		return CTL_DONE;
	return follow_all(l);
}

int
cmd_logs(struct ctl *c)
{
	const struct ctl_options *o = &c->opt;
	struct logs l = {
		.c = c,
		.print = {
			.f = stdout,
			.raw = o->raw,
			.json = o->json,
			.timestamp = o->timestamp,
			.color = ctl_wants_color(c),
			.is_tty = c->out_is_tty,
		},
	};
	int rc;

	if (o->out || !o->err)
		l.types |= LOGSET_OUT;
	if (o->err || !o->out)
		l.types |= LOGSET_ERR;
	l.params = ctl_selector_params(c);
	if (l.params)
		l.selector = row_text(l.params, "selector");
	logset_init(&l.set, l.selector);
	follow_init(&l.follow, print_line, &l);
	rc = run(&l);
	follow_fini(&l.follow);
	logset_fini(&l.set);
	json_decref(l.params);
	return rc;
}
