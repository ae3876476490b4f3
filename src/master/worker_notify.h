/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_notify.h - sd_notify datagrams of workers.
 */
#ifndef MASTER_WORKER_NOTIFY_H
#define MASTER_WORKER_NOTIFY_H

#include "master/master.h"

void worker_notify_start(struct master *m);
void worker_notify_stop(struct master *m);

#endif
