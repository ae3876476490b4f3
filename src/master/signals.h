/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.h - what a signal to clusterd means.
 */
#ifndef MASTER_SIGNALS_H
#define MASTER_SIGNALS_H

#include "master/master.h"

/* One that the keeper got from init or a person; others are passed over. */
void signal_act(struct master *m, int signo);

#endif
