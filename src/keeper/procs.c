/* SPDX-License-Identifier: Apache-2.0 */
/*
 * procs.c - workers: fork, signal, exit, release.
 *
 * The master may write anything into the scoreboard, so what decides here (uid,
 * pid) is the keeper's own copy.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clusterd/clock.h>
#include <clusterd/fdpass.h>
#include <clusterd/launch.h>
#include <clusterd/log.h>
#include <clusterd/proc.h>
#include <clusterd/scoreboard.h>

#include "keeper.h"

/* The order of the descriptors of ORDER_SPAWN. */
enum { AT_IMAGE, AT_CHANNEL, AT_OUT, AT_ERR, AT_CHILD };

static void
tell(struct keeper *k, uint32_t index)
{
	k->to_tell[index / 64] |= UINT64_C(1) << (index % 64);
}

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/* The entry an order means, or NULL: it is another worker's by now. */
static struct held_proc *
find_proc(struct keeper *k, const struct order *o)
{
	struct held_proc *p;

	if (o->index >= k->procs_high || o->uid == 0)
		return NULL;
	p = &k->procs[o->index];
	return p->uid == o->uid ? p : NULL;
}

/* Once nothing of the worker is left, the entry is the master's again. */
static void
free_if_over(struct keeper *k, struct held_proc *p)
{
	uint32_t index = (uint32_t)(p - k->procs);

	if (!p->reaped || !p->released || p->out != -1 || p->err != -1)
		return;
	p->uid = 0;
	k->to_tell[index / 64] &= ~(UINT64_C(1) << (index % 64));
	atomic_store_explicit(
	    &k->board->procs[index].uid, 0, memory_order_release);
}

/* 0, or why the order cannot be obeyed. */
static int
check_spawn(const struct keeper *k, const struct order *o)
{
	if (k->ending)
		return -ESHUTDOWN;
	if (o->index >= WORKERS_MAX || o->uid == 0 ||
	    atomic_load(&k->board->procs[o->index].uid) != o->uid)
		return -EINVAL;
	if (o->index < k->procs_high && k->procs[o->index].uid != 0)
		return -EEXIST;
	return 0;
}

static pid_t
fork_worker(struct keeper *k, uint32_t index, const int *fds, size_t nfds)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid == -1 ? -errno : pid;
	setrlimit(RLIMIT_NOFILE, &k->nofile);
	/* A worker is not to outlive a keeper that is killed together with its
	 * master; the master alone would see to the rest of the session too. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	launch_child(fds[AT_IMAGE], fds + AT_CHILD, nfds - AT_CHILD,
	    &k->board->procs[index]);
}

static void
note_forked(struct board_proc *b, pid_t pid)
{
	struct proc_stat st;

	b->forked_ms = clock_mono_ms();
	if (proc_read_stat(pid, &st) == 0)
		b->start_ticks = st.start_ticks;
	atomic_store_explicit(&b->pid, pid, memory_order_release);
}

/* The entry says why, and stays until the master has been told. */
static void
note_not_forked(struct board_proc *b, int error)
{
	b->fail_stage = LAUNCH_FORK;
	b->fail_errno = error;
}

/* Nothing is held for an order that makes no sense. */
static void
refuse(struct keeper *k, const struct order *o, int rc)
{
	struct order report = { .type = REPORT_SPAWNED,
		.index = o->index,
		.uid = o->uid,
		.value = rc };

	log_error("the master's order to start a worker (entry %u, uid %llu) "
		  "is refused: %s",
	    o->index, (unsigned long long)o->uid, strerror(-rc));
	if (k->master.link != -1 &&
	    order_send(k->master.link, &report, NULL, 0) < 0)
		log_error("the master could not be told of that");
}

void
procs_spawn(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	int rc = check_spawn(k, o);
	struct held_proc *p;

	if (rc < 0) {
		refuse(k, o, rc);
		fdpass_close(fds, nfds);
		return;
	}
	p = &k->procs[o->index];
	if (o->index >= k->procs_high)
		k->procs_high = o->index + 1;
	*p = (struct held_proc){ .uid = o->uid,
		.channel = -1,
		.out = -1,
		.err = -1,
		.tell_spawned = true };
	/* No descriptors: they did not fit into our table (link.c). */
	p->spawned = nfds == 0 ? -EMFILE : fork_worker(k, o->index, fds, nfds);
	if (p->spawned > 0) {
		p->pid = p->spawned;
		p->channel = fds[AT_CHANNEL];
		p->out = fds[AT_OUT];
		p->err = fds[AT_ERR];
		note_forked(&k->board->procs[o->index], p->pid);
		close(fds[AT_IMAGE]);
		fdpass_close(fds + AT_CHILD, nfds - AT_CHILD);
	} else {
		p->reaped = true; /* there is nothing to reap */
		note_not_forked(&k->board->procs[o->index], -p->spawned);
		fdpass_close(fds, nfds);
	}
	tell(k, o->index);
}

/*
 * The whole group, also when its leader has been reaped: while it has members
 * no other process gets its number. If the number is taken again, the group
 * is gone.
 */
static void
signal_group(const struct held_proc *p, int sig)
{
	if (p->reaped && (kill(p->pid, 0) == 0 || errno != ESRCH))
		return;
	if (kill(-p->pid, sig) == 0 || errno != ESRCH || p->reaped)
		return;
	kill(p->pid, sig); /* just forked: it has not called setsid() yet */
}

void
procs_signal(struct keeper *k, const struct order *o)
{
	struct held_proc *p = find_proc(k, o);

	if (p == NULL || p->pid == 0 || o->value <= 0 || o->value >= _NSIG)
		return;
	if ((o->flags & ORDER_GROUP) != 0)
		signal_group(p, o->value);
	else if (!p->reaped)
		kill(p->pid, o->value);
}

void
procs_release(struct keeper *k, const struct order *o)
{
	struct held_proc *p = find_proc(k, o);
	struct board_proc *b;

	if (p != NULL) {
		p->released = true;
		close_fd(&p->channel);
		free_if_over(k, p);
		return;
	}
	/* Taken by a master that died before it gave the order to fork. */
	if (o->index >= WORKERS_MAX || o->uid == 0 ||
	    (o->index < k->procs_high && k->procs[o->index].uid != 0))
		return;
	b = &k->board->procs[o->index];
	if (atomic_load(&b->uid) == o->uid)
		atomic_store_explicit(&b->uid, 0, memory_order_release);
}

void
procs_release_logs(struct keeper *k, const struct order *o)
{
	struct held_proc *p = find_proc(k, o);

	if (p == NULL)
		return;
	close_fd(&p->out);
	close_fd(&p->err);
	free_if_over(k, p);
}

void
procs_forsake_logs(struct keeper *k)
{
	for (uint32_t i = 0; i < k->procs_high; i++) {
		struct held_proc *p = &k->procs[i];

		if (p->uid == 0 || !p->reaped || !p->released)
			continue;
		close_fd(&p->out);
		close_fd(&p->err);
		free_if_over(k, p);
	}
}

static int64_t
to_us(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * 1000000 + tv->tv_usec;
}

bool
procs_on_exit(
    struct keeper *k, pid_t pid, int wait_status, const struct rusage *usage)
{
	struct board_proc *b;
	uint32_t i;

	for (i = 0; i < k->procs_high; i++) {
		if (k->procs[i].uid != 0 && k->procs[i].pid == pid &&
		    !k->procs[i].reaped)
			break;
	}
	if (i == k->procs_high)
		return false;
	b = &k->board->procs[i];
	b->wait_status = wait_status;
	b->exited_ms = clock_mono_ms();
	b->cpu_us = to_us(&usage->ru_utime) + to_us(&usage->ru_stime);
	b->max_rss_bytes = (int64_t)usage->ru_maxrss * 1024;
	atomic_store_explicit(&b->exited, 1, memory_order_release);
	k->procs[i].reaped = true;
	if (!k->procs[i].released) {
		k->procs[i].tell_exited = true;
		tell(k, i);
	}
	free_if_over(k, &k->procs[i]);
	return true;
}

void
procs_tell_exits_again(struct keeper *k)
{
	for (uint32_t i = 0; i < k->procs_high; i++) {
		struct held_proc *p = &k->procs[i];

		if (p->uid == 0 || !p->reaped || p->released || p->pid == 0)
			continue;
		p->tell_exited = true;
		tell(k, i);
	}
}

void
procs_kill_all(struct keeper *k)
{
	for (uint32_t i = 0; i < k->procs_high; i++) {
		if (k->procs[i].uid != 0 && k->procs[i].pid != 0)
			signal_group(&k->procs[i], SIGKILL);
	}
}

void
procs_format_status(int wait_status, char *out, size_t size)
{
	if (WIFEXITED(wait_status))
		snprintf(out, size, "exited with status %d",
		    WEXITSTATUS(wait_status));
	else if (sigabbrev_np(WTERMSIG(wait_status)) != NULL)
		snprintf(out, size, "was killed by SIG%s",
		    sigabbrev_np(WTERMSIG(wait_status)));
	else
		snprintf(out, size, "was killed by signal %d",
		    WTERMSIG(wait_status));
}
