/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept_watch.c - is a worker seen to wait for connections?
 *
 * Source: proc(5), /proc/PID/fdinfo (the "tfd:" lines of an epoll name the
 * inode of what it watches), /proc/PID/task/TID/{syscall,wchan,children}.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "master/accept_watch.h"
#include "master/worker.h"

enum {
	TREE_MAX = 64,	/* processes of one worker looked at */
	FDS_MAX = 4096, /* descriptors of one process looked at */
	TASKS_MAX = 256,
};

static const double first_look_s = 0.002, last_look_s = 0.05, slower = 1.5;

/* A thread that sleeps in one of these waits for something to come in. */
static const long waiting_calls[] = {
#ifdef SYS_accept
	SYS_accept,
#endif
#ifdef SYS_accept4
	SYS_accept4,
#endif
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_ppoll
	SYS_ppoll,
#endif
#ifdef SYS_select
	SYS_select,
#endif
#ifdef SYS_pselect6
	SYS_pselect6,
#endif
#ifdef SYS_recvfrom
	SYS_recvfrom,
#endif
#ifdef SYS_recvmsg
	SYS_recvmsg,
#endif
};

/*
 * The same by the kernel function it sleeps in, for where /proc/PID/syscall
 * cannot be read: a security module (Yama) may keep it from all but ancestors,
 * and a worker is the keeper's child.
 */
static const char *const waiting_functions[] = {
	"__skb_wait_for_more_packets", /* accept on unix, recv on udp */
	"inet_csk_accept",
	"poll_schedule_timeout", /* also select */
	"unix_accept",
};

struct look {
	const uint64_t *inodes;
	size_t count;
};

static bool
is_ours(const struct look *k, uint64_t inode)
{
	for (size_t i = 0; i < k->count; i++)
		if (k->inodes[i] == inode)
			return true;
	return false;
}

static bool
epoll_holds(const struct look *k, const char *fdinfo)
{
	FILE *f = fopen(fdinfo, "re");
	bool found = false;
	char line[256];

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		const char *ino = strstr(line, "ino:");

		if (strncmp(line, "tfd:", 4) == 0 && ino != NULL)
			found = is_ours(k, strtoull(ino + 4, NULL, 16));
	}
	fclose(f);
	return found;
}

/* 2: an epoll of it holds a socket of ours; 1: it has one open; 0: neither. */
static int
look_at_fds(const struct look *k, pid_t pid)
{
	char dir[64], path[330], target[64];
	struct dirent *e;
	int found = 0, n = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/fd", (int)pid);
	d = opendir(dir);
	if (d == NULL)
		return 0;
	while (found < 2 && n++ < FDS_MAX && (e = readdir(d)) != NULL) {
		uint64_t inode;
		ssize_t len;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len <= 0)
			continue;
		target[len] = '\0';
		if (sscanf(target, "socket:[%" SCNu64 "]", &inode) == 1) {
			if (is_ours(k, inode))
				found = 1;
		} else if (strcmp(target, "anon_inode:[eventpoll]") == 0) {
			snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s",
			    (int)pid, e->d_name);
			if (epoll_holds(k, path))
				found = 2;
		}
	}
	closedir(d);
	return found;
}

bool
accept_watch_is_waiting(const char *function)
{
	for (size_t i = 0; i < COUNT(waiting_functions); i++)
		if (strncmp(function, waiting_functions[i],
			strlen(waiting_functions[i])) == 0)
			return true;
	return false;
}

static bool
is_waiting_call(long number)
{
	for (size_t i = 0; i < COUNT(waiting_calls); i++)
		if (waiting_calls[i] == number)
			return true;
	return false;
}

/* The first word of a file of the thread's folder in /proc; "" if unreadable.
 */
static void
read_word(const char *folder, const char *file, char out[64])
{
	char path[600];
	FILE *f;

	out[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s", folder, file);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fscanf(f, "%63s", out) != 1)
		out[0] = '\0';
	fclose(f);
}

static bool
sleeps_waiting(const char *task)
{
	char word[64];

	read_word(task, "syscall", word);
	if (word[0] != '\0') /* "running" while it does not sleep */
		return isdigit((unsigned char)word[0]) &&
		       is_waiting_call(strtol(word, NULL, 10));
	read_word(task, "wchan", word);
	return accept_watch_is_waiting(word);
}

/* Add the children that the thread has forked. */
static void
add_children(const char *file, pid_t *tree, size_t *n)
{
	FILE *f = fopen(file, "re");
	int pid;

	if (f == NULL)
		return;
	while (*n < TREE_MAX && fscanf(f, "%d", &pid) == 1)
		tree[(*n)++] = pid;
	fclose(f);
}

/* One process: does a thread of it wait? Its children join the tree. */
static bool
look_at_tasks(pid_t pid, bool has_socket, pid_t *tree, size_t *n)
{
	char dir[64], path[330];
	struct dirent *e;
	bool waits = false;
	int tasks = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/task", (int)pid);
	d = opendir(dir);
	if (d == NULL)
		return false;
	while (tasks++ < TASKS_MAX && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s/children", dir, e->d_name);
		add_children(path, tree, n);
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (has_socket && !waits)
			waits = sleeps_waiting(path);
	}
	closedir(d);
	return waits;
}

bool
accept_watch_look(pid_t pid, const uint64_t *inodes, size_t count)
{
	struct look k = { inodes, count };
	pid_t tree[TREE_MAX] = { pid };
	size_t n = 1;

	for (size_t i = 0; i < n; i++) {
		int fds = look_at_fds(&k, tree[i]);

		if (fds == 2 || look_at_tasks(tree[i], fds == 1, tree, &n))
			return true;
	}
	return false;
}

static void
on_look(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct worker *w = t->data;
	uint64_t inodes[LISTENERS_MAX];

	(void)revents;
	for (size_t i = 0; i < w->edition->n_listeners; i++)
		inodes[i] = w->edition->listeners[i]->inode;
	if (accept_watch_look(w->pid, inodes, w->edition->n_listeners)) {
		ev_timer_stop(loop, t);
		worker_is_ready(w, "accept");
		return;
	}
	if (t->repeat < last_look_s)
		t->repeat *= slower;
	ev_timer_again(loop, t);
}

void
accept_watch_init(struct worker *w)
{
	ev_init(&w->accept_timer, on_look);
	w->accept_timer.data = w;
}

void
accept_watch_start(struct worker *w)
{
	if (w->edition->app->ready != READY_ACCEPT ||
	    w->edition->n_listeners == 0 || w->ready_by != NULL)
		return;
	w->accept_timer.repeat = first_look_s;
	ev_timer_again(w->ctx->pool->m->loop, &w->accept_timer);
}
