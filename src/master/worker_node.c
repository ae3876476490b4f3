/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_node.c - the conversation with a Node worker: what the primary of
 * Node's cluster module does, for an unmodified app.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/channel.h>
#include <clusterd/log.h>
#include <clusterd/node.h>

#include "master/node_sockets.h"
#include "master/slot_run.h"
#include "master/worker.h"
#include "master/worker_channel.h"

enum { NODE_ANSWER_MAX = 16 * 1024 };

static void
send_line(struct worker *w, const struct buf *line, int fd, unsigned flags)
{
	char name[96];
	int rc = channel_send(w->channel, line->data, line->len, fd, flags);

	if (rc != 0 && rc != -EPIPE)
		log_warning("%s: cannot write to its channel: %s",
		    worker_name(w, name), strerror(-rc));
}

static void
answer_query(struct worker *w, const struct node_message *msg)
{
	struct node_socket *s = NULL;
	struct buf line;
	int error, rc;

	if (w->leaving)
		return; /* it is going: an answer would make it serve again */
	error = node_sockets_query(w, msg, &s);
	buf_init(&line, NODE_ANSWER_MAX);
	if (error == 0)
		rc = node_write_handle(
		    &line, msg->key, msg->seq, s->data, w->node_seq++);
	else
		rc = node_write_error(&line, msg->key, msg->seq, -error,
		    s != NULL && s->data != NULL ? s->data : msg->data,
		    w->node_seq++);
	if (rc == 0)
		send_line(w, &line, error == 0 ? s->listener->fd : -1,
		    error == 0 ? CHANNEL_WAIT_ACK : 0);
	buf_fini(&line);
}

/* A question that does not parse: without an answer its listen() would hang. */
static void
refuse_query(struct worker *w, const struct node_message *msg)
{
	struct buf line;

	if (w->leaving)
		return;
	buf_init(&line, NODE_ANSWER_MAX);
	if (node_write_error(
		&line, "refused", msg->seq, EINVAL, NULL, w->node_seq++) == 0)
		send_line(w, &line, -1, 0);
	buf_fini(&line);
}

static void
answer_exit(struct worker *w, const struct node_message *msg)
{
	struct buf line;

	buf_init(&line, NODE_ANSWER_MAX);
	if (node_write_ack(&line, msg->seq, w->node_seq++) == 0)
		send_line(w, &line, -1, 0);
	buf_fini(&line);
	if (w->leaving)
		return;
	w->leaving = true;
	slot_event(w->ctx,
	    &(struct slot_event){ .type = SLOT_EV_LEAVES, .uid = w->uid });
}

static void
handle_message(struct worker *w, const struct node_message *msg)
{
	enum ready_kind ready = w->edition->app->ready;

	switch (msg->kind) {
	case NODE_QUERY_SERVER:
		answer_query(w, msg);
		break;
	case NODE_LISTENING:
		if (ready == READY_LISTENING || ready == READY_ACCEPT)
			worker_is_ready(w, "listening");
		break;
	case NODE_READY:
		if (ready == READY_MESSAGE || ready == READY_ACCEPT)
			worker_is_ready(w, "message");
		break;
	case NODE_CLOSE:
		node_sockets_close(w, msg->key);
		break;
	case NODE_EXITED_AFTER_DISCONNECT:
		answer_exit(w, msg);
		break;
	case NODE_HANDLE_ACK:
	case NODE_HANDLE_NACK:
		channel_acked(w->channel);
		break;
	case NODE_HANDLE: {
		/* The app has sent a socket to nobody: acknowledge, or it
		 * holds back all that it says later. */
		struct buf line = {
			.data = (char *)NODE_LINE_HANDLE_ACK,
			.len = strlen(NODE_LINE_HANDLE_ACK),
		};

		send_line(w, &line, -1, CHANNEL_URGENT);
		break;
	}
	case NODE_ONLINE:
		if (w->edition->app->exec_mode == EXEC_CLUSTER)
			worker_speaks(w);
		break;
	default:
		break;
	}
}

void
worker_node_line(struct worker *w, const char *line, size_t len, int fd)
{
	struct node_message msg;
	char name[96];
	int rc;

	if (fd != -1)
		close(fd);
	rc = node_parse(line, len, &msg);
	if (rc == -EBADMSG && !w->said_nonsense) {
		w->said_nonsense = true; /* once: it may flood */
		log_warning("%s: pid %d wrote a line on its channel that is no "
			    "message; it and others like it are passed over",
		    worker_name(w, name), (int)w->pid);
	}
	if (rc == -EBADMSG && msg.kind == NODE_QUERY_SERVER)
		refuse_query(w, &msg);
	if (rc != 0)
		return;
	handle_message(w, &msg);
	node_message_fini(&msg);
}

bool
worker_node_drain(struct worker *w)
{
	struct buf line;
	int rc;

	buf_init(&line, NODE_ANSWER_MAX);
	rc = node_write_disconnect(&line, w->node_seq++);
	if (rc == 0)
		send_line(w, &line, -1, 0);
	buf_fini(&line);
	return rc == 0;
}
