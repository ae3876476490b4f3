/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life.h - the master's own life: start-up, reload, shut-down, and what it
 * tells init of it.
 */
#ifndef MASTER_LIFE_H
#define MASTER_LIFE_H

#include "master/master.h"

/* All that the keeper holds is here: begin. */
void life_begin(struct master *m);

/* A signal that clusterd got. */
void life_signal(struct master *m, int signo);

/*
 * Read the file anew and put it in force, for all apps or those in `only`. `op`
 * is held by the caller. 0; -EBUSY: a reload is under way; -EINVAL or -EIO: the
 * file or the system is to blame, messages are in `errors`, nothing is changed.
 */
struct plan_scope;
int life_reload(struct master *m, const struct plan_scope *scope, struct op *op,
    struct config_errors *errors) MUST_CHECK;
void life_reload_over(struct master *m);

/* Stop everything, then end. */
/* `op`: somebody waits for it, and calls life_end_when_gone() from its finish;
 * NULL: nobody does. */
void life_shutdown(struct master *m, bool fast, struct op *op);
void life_end_when_gone(struct op *op);

#endif
