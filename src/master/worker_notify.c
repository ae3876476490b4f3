/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_notify.c - sd_notify datagrams of workers. The kernel vouches for the
 * sender's pid; its session names the worker.
 */
#include <fcntl.h>
#include <unistd.h>

#include <clusterd/log.h>
#include <clusterd/notify.h>
#include <clusterd/proc.h>

#include "master/slot_run.h"
#include "master/worker.h"
#include "master/worker_notify.h"

enum { DATAGRAMS_PER_TURN = 64, ANCESTORS_MAX = 16 };

static struct worker *
find_sender(struct master *m, pid_t pid)
{
	struct worker *w = worker_of_session(m, pid);
	struct proc_stat st;

	/* A descendant may speak for it, also from a session of its own. */
	for (int i = 0; w == NULL && i < ANCESTORS_MAX; i++) {
		if (pid <= 1 || proc_read_stat(pid, &st) != 0)
			return NULL;
		w = worker_of_session(m, st.session);
		pid = st.ppid;
	}
	return w;
}

static void
heed(struct worker *w, const struct notify_message *msg)
{
	if (msg->status[0] != '\0')
		worker_said(w, msg->status);
	if (msg->extend_timeout_us > 0)
		slot_event(
		    w->ctx, &(struct slot_event){ .type = SLOT_EV_EXTEND,
				.uid = w->uid,
				.extend_ms = msg->extend_timeout_us / 1000 });
	if (msg->ready && w->edition->app->ready != READY_STARTED)
		worker_is_ready(w, "notify");
	if (msg->stopping && !w->leaving && w->ready_by != NULL) {
		w->leaving = true;
		slot_event(w->ctx, &(struct slot_event){
				       .type = SLOT_EV_LEAVES, .uid = w->uid });
	}
}

static void
on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct master *m = io->data;
	struct notify_message msg;
	pid_t sender;

	(void)loop, (void)revents;
	for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
		struct worker *w;
		int rc = notify_recv(FD_NOTIFY, &msg, &sender);

		if (rc == 0)
			return;
		if (rc < 0)
			continue; /* that datagram was broken */
		w = find_sender(m, sender);
		if (w != NULL)
			heed(w, &msg);
		else
			log_debug("a notification of pid %d, which is no "
				  "worker's, is passed over",
			    (int)sender);
	}
}

void
worker_notify_start(struct master *m)
{
	int flags = fcntl(FD_NOTIFY, F_GETFL);

	(void)fcntl(FD_NOTIFY, F_SETFL, flags | O_NONBLOCK);
	ev_io_init(&m->notify_in, on_readable, FD_NOTIFY, EV_READ);
	m->notify_in.data = m;
	ev_io_start(m->loop, &m->notify_in);
}

void
worker_notify_stop(struct master *m)
{
	ev_io_stop(m->loop, &m->notify_in);
}
