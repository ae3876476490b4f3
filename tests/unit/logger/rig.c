/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.c - a whole logger inside a test: the test is its master, its keeper and
 * its workers.
 */
#include "rig.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/files.h>
#include <clusterd/log.h>

static void
on_tick(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)t, (void)revents;
}

static void
make_pair(int *ours, int *theirs)
{
	int fds[2];

	cr_assert_eq(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	*ours = fds[0];
	*theirs = fds[1];
}

void
rig_start(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	signal(SIGPIPE, SIG_IGN);
	log_init("logger test", LOG_LEVEL_ERROR);
	strcpy(r->dir, "/tmp/clusterd-logger-XXXXXX");
	cr_assert_not_null(mkdtemp(r->dir));
	make_pair(&r->keeper, &r->keeper_theirs);
	make_pair(&r->master, &r->master_theirs);
	r->board_fd = scoreboard_create(&r->board);
	cr_assert_geq(r->board_fd, 0);
	r->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	cr_assert_not_null(r->loop);
	cr_assert_eq(logger_start(&r->lg, r->loop, r->board, r->keeper_theirs,
			 r->master_theirs),
	    0);
	ev_timer_init(&r->tick, on_tick, 0.01, 0.01);
	ev_timer_start(r->loop, &r->tick);
}

void
rig_stop(struct rig *r)
{
	char command[128];

	logger_stop(&r->lg);
	ev_timer_stop(r->loop, &r->tick);
	ev_loop_destroy(r->loop);
	close(r->keeper);
	close(r->keeper_theirs);
	close(r->master);
	close(r->master_theirs);
	scoreboard_unmap(r->board);
	close(r->board_fd);
	snprintf(command, sizeof(command), "rm -rf %s", r->dir);
	cr_expect_eq(system(command), 0);
}

const char *
rig_path(const struct rig *r, const char *name)
{
	static char paths[8][256];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", r->dir, name);
	return path;
}

char *
rig_read(const struct rig *r, const char *name)
{
	struct buf b;
	char *text;

	buf_init(&b, 256 * 1024 * 1024);
	if (file_read(rig_path(r, name), &b) != 0)
		return strdup("");
	text = strndup(b.data ? b.data : "", b.len);
	buf_fini(&b);
	return text;
}

size_t
rig_count(const struct rig *r, const char *name, const char *needle)
{
	char *text = rig_read(r, name), *at = text;
	size_t n = 0;

	while ((at = strstr(at, needle)) != NULL) {
		n++;
		at += strlen(needle);
	}
	free(text);
	return n;
}

void
rig_worker_open(struct rig_worker *w, uint32_t index, uint64_t uid)
{
	int out[2], err[2];

	cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(err, O_CLOEXEC), 0);
	*w = (struct rig_worker){
		.index = index,
		.uid = uid,
		.out = out[1],
		.err = err[1],
		.out_theirs = out[0],
		.err_theirs = err[0],
	};
}

void
rig_worker_close(struct rig_worker *w)
{
	close(w->out);
	close(w->err);
	close(w->out_theirs);
	close(w->err_theirs);
}

void
rig_say(int fd, const char *text)
{
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void
set_path(const struct rig *r, char *to, const char *name)
{
	if (name[0] == '/' || !*name)
		strcpy(to, name);
	else
		strcpy(to, rig_path(r, name));
}

void
rig_message(const struct rig *r, struct log_message *m,
    const struct rig_worker *w, const char *out, const char *err,
    const char *log)
{
	memset(m, 0, sizeof(*m));
	m->type = LOG_WORKER;
	m->index = w->index;
	m->uid = w->uid;
	m->pid = 812;
	m->instance = 1;
	m->pm_id = 3;
	m->format = LOG_JSON;
	m->generation = 2;
	strcpy(m->app, "api");
	set_path(r, m->out_file, out);
	set_path(r, m->error_file, err);
	set_path(r, m->log_file, log);
}

void
rig_describe(struct rig *r, const struct log_message *m,
    const struct rig_worker *w, bool with_fds)
{
	int fds[2] = { w->out_theirs, w->err_theirs };

	cr_assert_eq(loglink_send(r->master, m, fds, with_fds ? 2 : 0), 0);
}

void
rig_report(struct rig *r, enum order_type type, const struct rig_worker *w)
{
	struct order o = { .type = type };
	int fds[2] = { -1, -1 };

	if (w) {
		o.index = w->index;
		o.uid = w->uid;
		fds[0] = w->out_theirs;
		fds[1] = w->err_theirs;
	}
	cr_assert_eq(order_send(r->keeper, &o, fds, w ? 2 : 0), 0);
}

void
rig_turn(struct rig *r)
{
	ev_run(r->loop, EVRUN_ONCE);
}

bool
rig_wait_for(struct rig *r, const char *name, const char *needle, size_t n)
{
	int64_t deadline = clock_mono_ms() + RIG_DEADLINE_MS;

	while (clock_mono_ms() < deadline) {
		if (rig_count(r, name, needle) >= n)
			return true;
		rig_turn(r);
	}
	return false;
}

bool
rig_wait_release(struct rig *r, const struct rig_worker *w)
{
	int64_t deadline = clock_mono_ms() + RIG_DEADLINE_MS;
	struct order o;
	char byte;
	size_t nfds;

	while (clock_mono_ms() < deadline) {
		rig_turn(r);
		if (recv(r->keeper, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
			continue;
		nfds = 0;
		cr_assert_eq(order_recv(r->keeper, &o, NULL, &nfds), 1);
		return o.type == ORDER_RELEASE_LOGS && o.index == w->index &&
		       o.uid == w->uid;
	}
	return false;
}
