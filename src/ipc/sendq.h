/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sendq.h - the lines that wait to leave on a channel, in the order they may.
 *
 * Private to channel.c. Bounded in bytes and in descriptors.
 */
#ifndef IPC_SENDQ_H
#define IPC_SENDQ_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include <clusterd/compiler.h>

struct message;

TAILQ_HEAD(message_list, message);

struct sendq {
	struct message *current;    /* owned; half sent or next, in no list */
	struct message_list urgent; /* owned; leave first */
	struct message_list lines;  /* owned */
	size_t bytes;		    /* memory of all messages */
	unsigned fds;		    /* descriptors waiting */
	bool wait_ack;		    /* only urgent lines may leave */
};

void sendq_init(struct sendq *q);
void sendq_drop(struct sendq *q); /* frees all; the queue is empty then */

/*
 * Copies `line`, duplicates `fd` (-1: none); `flags` as of channel_send().
 * 0, -ENOBUFS (CHANNEL_QUEUE_MAX, or too many descriptors), -ENOMEM, -EMFILE.
 */
int sendq_add(struct sendq *q, const char *line, size_t len, int fd,
    unsigned flags) MUST_CHECK;

/*
 * Send what may leave now. 0: nothing is left that may; -EAGAIN: the socket is
 * full; else the -errno of sendmsg(2), with the queue as it was.
 */
int sendq_flush(struct sendq *q, int sock) MUST_CHECK;
void sendq_acked(struct sendq *q);

#endif
