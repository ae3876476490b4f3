/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_channel.h - the conversation with one worker, in its dialect.
 */
#ifndef MASTER_WORKER_CHANNEL_H
#define MASTER_WORKER_CHANNEL_H

#include "master/master.h"

/* Takes `fd` over on success: 0 or -ENOMEM. */
int worker_channel_open(struct worker *w, int fd, bool node) MUST_CHECK;
void worker_channel_free(struct worker *w);

/* Tell it to take no new work; false when there is nobody to tell. */
bool worker_channel_drain(struct worker *w);

/* Node's dialect (worker_node.c): one line, `fd` is -1 or the callee's. */
void worker_node_line(struct worker *w, const char *line, size_t len, int fd);
bool worker_node_drain(struct worker *w);

#endif
