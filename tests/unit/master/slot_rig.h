/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_rig.h - one slot in the hands of a test: events in, actions out as text.
 */
#ifndef TEST_SLOT_RIG_H
#define TEST_SLOT_RIG_H

#include "master/slot.h"

/* Worker uids count from 1; time begins at 1000. */
struct slot_rig {
	struct slot s;
	struct slot_policy policy;
	int64_t now;
	uint64_t next_uid;
	char did[512];
};

/* Overlap, listen_timeout 3000, min_uptime 1000, kill_timeout 5000. */
void rig_init(struct slot_rig *r);

/* What the slot says to an event: "spawn1 drain2 DONE"; "" for nothing. */
const char *rig_ask(struct slot_rig *r, enum slot_event_type type);
const char *rig_report(
    struct slot_rig *r, enum slot_event_type type, uint64_t uid);
const char *rig_exit(struct slot_rig *r, uint64_t uid);
const char *rig_unborn(struct slot_rig *r, uint64_t uid);
/* Let `ms` pass; a TICK comes when one is due, the last one at the end. */
const char *rig_wait(struct slot_rig *r, int64_t ms);

/* Worker `uid` forks, can be told to drain, and is ready. */
void rig_boot(struct slot_rig *r, uint64_t uid);
/* A slot with worker 1 ready. */
void rig_up(struct slot_rig *r);

enum worker_state rig_state(struct slot_rig *r, uint64_t uid);

#endif
