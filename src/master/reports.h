/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reports.h - what the keeper says, carried to where it belongs.
 */
#ifndef MASTER_REPORTS_H
#define MASTER_REPORTS_H

#include "master/master.h"

/* One report; its descriptors are taken over. */
void report_handle(
    struct master *m, const struct order *o, const int *fds, size_t nfds);

/* The keeper has died: nothing can be started or reaped any more. */
void report_keeper_gone(struct master *m);

#endif
