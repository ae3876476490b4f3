/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell_init.h - what init is told of clusterd.
 */
#ifndef MASTER_TELL_INIT_H
#define MASTER_TELL_INIT_H

#include "master/master.h"

/* `prefix` ("READY=1\n", or "") and a line for `systemctl status`. */
void tell_init_status(struct master *m, const char *prefix);

/* WATCHDOG=1 twice in the time that init has set, if it has. */
void tell_init_watchdog(struct master *m);

/* A slow start is alive: EXTEND_TIMEOUT_USEC until m->extend is stopped. */
void tell_init_to_wait(struct master *m);

#endif
