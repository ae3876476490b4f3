/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life.h - the master's own life: its start and its end.
 */
#ifndef MASTER_LIFE_H
#define MASTER_LIFE_H

#include "master/master.h"

/* All that the keeper holds is here: begin. */
void life_begin(struct master *m);

/*
 * Stop everything, then end. `op`: somebody waits for it, and calls
 * life_end_when_gone() from its finish; NULL: nobody does.
 */
void life_shutdown(struct master *m, bool fast, struct op *op);
void life_end_when_gone(struct op *op);

#endif
