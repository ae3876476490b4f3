/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h - one worker's process, seen from the master.
 */
#ifndef MASTER_WORKER_H
#define MASTER_WORKER_H

#include "master/master.h"

/*
 * Start a worker for `sw` (in ctx->slot) from `edition`: fills in its uid, proc
 * and generation, commits the slot, orders the fork. 0, or -errno with a
 * message in ctx->failure; then uid is set and nothing else remains.
 */
int worker_spawn(struct slot_ctx *ctx, struct slot_worker *sw,
    struct edition *edition) MUST_CHECK;

/* One that lives already, after a restart of the master. */
int worker_adopt(struct slot_ctx *ctx, const struct slot_worker *sw,
    int channel_fd) MUST_CHECK;

/* Reports of the keeper. */
void worker_forked(struct worker *w, pid_t pid);
void worker_exited(struct worker *w);

/* Actions of the slot. */
bool worker_drain(struct worker *w); /* false: it has no channel any more */
void worker_stop(struct worker *w);
void worker_kill(struct worker *w);

/* It has said, or been seen, to be ready; `by` is constant. */
void worker_is_ready(struct worker *w, const char *by);
/* It has shown that it can be told to drain over its channel. */
void worker_speaks(struct worker *w);
void worker_said(struct worker *w, const char *status_text);

/* 0 until it is forked. */
pid_t worker_pid(struct worker *w);

/* The worker whose session (its main process's pid) that is; NULL. */
struct worker *worker_of_session(struct master *m, pid_t session);

void worker_free(struct worker *w);

/* "api[3]" */
const char *worker_name(const struct worker *w, char out[96]);

#endif
