/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_run.h - a slot in the world: its pure machine fed with events, the
 * actions carried out, its record kept in the scoreboard.
 */
#ifndef MASTER_SLOT_RUN_H
#define MASTER_SLOT_RUN_H

#include "master/master.h"

void slot_run_init(struct slot_ctx *ctx);
void slot_run_commit(struct slot_ctx *ctx);

/*
 * Feed one event. What was asked for settles only when the outermost call
 * returns, so a caller may walk a list of slots.
 */
void slot_event(struct slot_ctx *ctx, const struct slot_event *event);
void slot_request(struct slot_ctx *ctx, enum slot_event_type type);

/* Between these two nothing settles: for a caller that walks a list of slots
 * while it makes requests. They may be nested. */
void slot_run_begin(struct master *m);
void slot_run_end(struct master *m);

/* After a restart of the master: deadlines go on from the record. */
void slot_run_arm(struct slot_ctx *ctx);

#endif
