/* SPDX-License-Identifier: Apache-2.0 */
/*
 * master_rig.h - a master without a keeper: pools and slots from a text.
 */
#ifndef TEST_MASTER_RIG_H
#define TEST_MASTER_RIG_H

#include "master/master.h"

/* The text is YAML and must be valid. Freed with master_rig_free(). */
struct master *master_rig_new(const char *yaml);
void master_rig_free(struct master *m);

/* Bind the app's sockets and give it `n` slots, none of them started. */
struct pool *master_rig_pool(struct master *m, const char *app, unsigned n);
struct slot_ctx *master_rig_slot(struct pool *p, unsigned number);

/* A worker in the slot's current place, in the given state. */
struct worker *master_rig_worker(
    struct slot_ctx *ctx, uint64_t uid, enum worker_state state);

/* Run the loop until `done` says so; false after 10 s. */
bool master_rig_run(struct master *m, bool (*done)(struct master *m));

/* A free TCP port of 127.0.0.1. */
int rig_free_port(void);

#endif
