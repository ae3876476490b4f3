/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sweep.c - no process of a worker survives it.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <clusterd/buf.h>
#include <clusterd/clock.h>
#include <clusterd/files.h>
#include <clusterd/log.h>
#include <clusterd/proc.h>

#include "master/sweep.h"
#include "master/worker.h"

enum { ENVIRON_MAX = 256 * 1024, ROUNDS_MAX = 50 };

/* A walk over /proc takes milliseconds: while apps run it waits until the dead
 * worker's successor has had the master's attention. */
static const double first_s = 0.03, first_at_end_s = 0.001, again_s = 0.02;

static struct swept *
find(struct master *m, pid_t session)
{
	for (size_t i = 0; i < m->n_swept; i++)
		if (m->swept[i].session == session)
			return &m->swept[i];
	return NULL;
}

void
sweep_session(struct master *m, pid_t session, uint64_t uid)
{
	struct swept *s;

	if (session <= 1)
		return;
	s = find(m, session);
	if (s == NULL && m->n_swept < COUNT(m->swept))
		s = &m->swept[m->n_swept++];
	if (s == NULL) {
		log_error("too many sessions end at once; what is left of "
			  "session %d is not killed",
		    (int)session);
		return;
	}
	*s = (struct swept){ .session = session, .uid = uid, .rounds = 0 };
	if (!ev_is_active(&m->sweep)) {
		ev_timer_set(&m->sweep,
		    m->state == MASTER_STOPPING ? first_at_end_s : first_s, 0.);
		ev_timer_start(m->loop, &m->sweep);
	}
}

bool
sweep_is_idle(const struct master *m)
{
	return m->n_swept == 0;
}

/* The mark of the worker whose environment a process was born with; 0: none. */
static uint64_t
mark_of(pid_t pid)
{
	static const char mark[] = "CLUSTERD_WORKER=";
	char path[64];
	uint64_t uid = 0;
	struct buf b;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	buf_init(&b, ENVIRON_MAX);
	if (file_read(path, &b) == 0 && buf_append(&b, "", 1) == 0) {
		for (size_t at = 0; at < b.len; at += strlen(b.data + at) + 1)
			if (strncmp(b.data + at, mark, sizeof(mark) - 1) == 0) {
				uid = strtoull(
				    b.data + at + sizeof(mark) - 1, NULL, 10);
				break;
			}
	}
	buf_fini(&b);
	return uid;
}

static struct swept *
belongs_to(struct master *m, const struct proc_stat *st)
{
	struct swept *s = find(m, st->session);
	uint64_t uid;

	if (s != NULL)
		return s;
	if (st->ppid != m->keeper_pid)
		return NULL;
	/* Adopted by the keeper: whose was it? Reading environ is dear, and the
	 * workers themselves are the keeper's children too. */
	if (worker_of_session(m, st->session) != NULL)
		return NULL;
	uid = mark_of(st->pid);
	for (size_t i = 0; uid != 0 && i < m->n_swept; i++)
		if (m->swept[i].uid == uid)
			return &m->swept[i];
	return NULL;
}

/* Kill exactly the process that was looked at, not one that has its pid now. */
static void
kill_exactly(const struct proc_stat *st)
{
	struct proc_stat again;
	int fd = (int)syscall(SYS_pidfd_open, st->pid, 0);

	if (fd == -1)
		return;
	if (proc_read_stat(st->pid, &again) == 0 &&
	    again.start_ticks == st->start_ticks)
		(void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	close(fd);
}

static bool
look_at(const struct proc_stat *st, void *arg)
{
	struct master *m = arg;
	struct swept *s;

	if (st->state == 'Z' || st->state == 'X' || st->pid == m->keeper_pid)
		return true;
	s = belongs_to(m, st);
	if (s == NULL)
		return true;
	/* A session number in use again by a worker of today is not this one.
	 */
	if (worker_of_session(m, st->session) != NULL &&
	    worker_of_session(m, st->session)->uid != s->uid)
		return true;
	s->found++;
	kill_exactly(st);
	return true;
}

/* A session is done when a walk finds nothing of it: a fork may have slipped
 * through the one before. Bounded: a process stuck in the kernel cannot be
 * waited for for ever. */
static void
on_sweep(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct master *m = t->data;
	size_t kept = 0;

	(void)revents;
	for (size_t i = 0; i < m->n_swept; i++)
		m->swept[i].found = 0;
	(void)proc_walk(look_at, m);
	for (size_t i = 0; i < m->n_swept; i++) {
		struct swept *s = &m->swept[i];

		if (s->found == 0)
			continue;
		if (++s->rounds == ROUNDS_MAX) {
			log_error("%u processes of session %d do not die of "
				  "SIGKILL",
			    s->found, (int)s->session);
			continue;
		}
		m->swept[kept++] = *s;
	}
	m->n_swept = kept;
	if (kept > 0) {
		ev_timer_set(t, again_s, 0.);
		ev_timer_start(loop, t);
	}
}

void
sweep_init(struct master *m)
{
	ev_timer_init(&m->sweep, on_sweep, 0., 0.);
	m->sweep.data = m;
}

void
sweep_stop(struct master *m)
{
	ev_timer_stop(m->loop, &m->sweep);
}
