/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_channel.c - the conversation with one worker: the native dialect, and
 * what all dialects share.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/channel.h>
#include <clusterd/log.h>
#include <clusterd/native.h>

#include "master/node_sockets.h"
#include "master/slot_run.h"
#include "master/worker.h"
#include "master/worker_channel.h"

enum { NATIVE_LINE_MAX = 1024 };

/* What only a native ready counts for: the configured kind of readiness. */
static bool
message_means_ready(const struct worker *w)
{
	return w->edition->app->ready != READY_STARTED;
}

static void
send_native(struct worker *w, const struct native_message *msg, int fd)
{
	struct buf line;
	char name[96];
	int rc;

	buf_init(&line, NATIVE_LINE_MAX);
	rc = native_write(&line, msg);
	if (rc == 0)
		rc = channel_send(w->channel, line.data, line.len, fd, 0);
	if (rc != 0 && rc != -EPIPE)
		log_warning("%s: cannot write to its channel: %s",
		    worker_name(w, name), strerror(-rc));
	buf_fini(&line);
}

static void
send_listeners(struct worker *w)
{
	const struct edition *e = w->edition;

	for (size_t i = 0; i < e->n_listeners; i++)
		send_native(w,
		    &(struct native_message){
			.verb = NATIVE_LISTENER,
			.name = e->listeners[i]->name,
			.address = e->listeners[i]->address,
		    },
		    e->listeners[i]->fd);
	send_native(w,
	    &(struct native_message){
		.verb = NATIVE_LISTENERS,
		.number = (int64_t)e->n_listeners,
	    },
	    -1);
}

static void
native_line(struct worker *w, char *line)
{
	struct native_message msg;
	char name[96];

	if (native_parse(line, &msg) != 0) {
		if (w->said_nonsense)
			return;
		w->said_nonsense = true; /* once: it may flood */
		log_warning("%s: pid %d wrote a line on its channel that is "
			    "not in clusterd's words; passed over",
		    worker_name(w, name), (int)w->pid);
		return;
	}
	switch (msg.verb) {
	case NATIVE_HELLO:
		/* Who asks for sockets reads the channel, so it can be told to
		 * drain; a script that only says ready may never look. */
		worker_speaks(w);
		send_listeners(w);
		break;
	case NATIVE_READY:
		if (message_means_ready(w))
			worker_is_ready(w, "message");
		break;
	case NATIVE_DRAINED:
		slot_event(
		    w->ctx, &(struct slot_event){
				.type = SLOT_EV_DRAINED, .uid = w->uid });
		break;
	case NATIVE_STATUS:
		worker_said(w, msg.address);
		break;
	default: /* alive: a later capability; ours: nonsense from there */
		break;
	}
}

static void
on_line(void *arg, char *line, size_t len, int fd)
{
	struct worker *w = arg;

	if (!native_is_line(line, len)) {
		worker_node_line(w, line, len, fd);
		return;
	}
	if (fd != -1)
		close(fd); /* nobody has asked for one */
	native_line(w, line);
}

static void
on_end(void *arg, int error)
{
	struct worker *w = arg;
	char name[96];

	if (error == -EMSGSIZE)
		log_warning("%s: pid %d wrote a line of more than %d kB on its "
			    "channel, which is closed now",
		    worker_name(w, name), (int)w->pid, CHANNEL_LINE_MAX / 1024);
	else if (error == -ENOBUFS)
		log_warning("%s: pid %d does not read its channel, which is "
			    "closed now",
		    worker_name(w, name), (int)w->pid);
	node_sockets_forget_worker(w);
	slot_event(w->ctx,
	    &(struct slot_event){ .type = SLOT_EV_DRAINED, .uid = w->uid });
}

static const struct channel_ops ops = { on_line, on_end };

int
worker_channel_open(struct worker *w, int fd, bool node)
{
	struct master *m = w->ctx->pool->m;

	w->channel = channel_new(m->loop, fd, &ops, w);
	if (w->channel == NULL)
		return -ENOMEM;
	/* A later master must not repeat the numbers of an earlier one. */
	if (node)
		w->node_seq = (uint64_t)atomic_load(&m->board->master_starts)
			      << 32;
	return 0;
}

void
worker_channel_free(struct worker *w)
{
	node_sockets_forget_worker(w);
	channel_free(w->channel);
	w->channel = NULL;
}

bool
worker_channel_drain(struct worker *w)
{
	if (w->channel == NULL || !channel_is_open(w->channel))
		return false;
	if (w->edition->app->dialect == DIALECT_NODE)
		return worker_node_drain(w);
	send_native(w,
	    &(struct native_message){
		.verb = NATIVE_DRAIN,
		.number = w->edition->app->kill_timeout_ms,
	    },
	    -1);
	return true;
}
