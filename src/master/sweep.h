/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sweep.h - no process of a worker survives it.
 *
 * A worker is its whole session. When its main process has gone, or must go,
 * what is left is found in /proc and killed: members of the session, and those
 * that left it but carry the worker's mark (CLUSTERD_WORKER) in their
 * environment and have been adopted by the keeper.
 */
#ifndef MASTER_SWEEP_H
#define MASTER_SWEEP_H

#include "master/master.h"

void sweep_init(struct master *m);
void sweep_stop(struct master *m);

/* Kill what belongs to that session, soon (several are swept in one walk). */
void sweep_session(struct master *m, pid_t session, uint64_t uid);

/* Is everything that was asked for swept? */
bool sweep_is_idle(const struct master *m);

#endif
