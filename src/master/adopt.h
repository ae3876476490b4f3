/* SPDX-License-Identifier: Apache-2.0 */
/*
 * adopt.h - a master that is started again takes over what the last one had.
 */
#ifndef MASTER_ADOPT_H
#define MASTER_ADOPT_H

#include "master/master.h"

/* After the hand-over: pools, slots and workers as the scoreboard has them. 0,
 * or -errno when the applied configuration cannot be had again. */
int adopt_all(struct master *m) MUST_CHECK;

#endif
