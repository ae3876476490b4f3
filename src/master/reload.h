/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload.h - the file read anew and put in force, one reload at a time.
 */
#ifndef MASTER_RELOAD_H
#define MASTER_RELOAD_H

#include "master/master.h"

struct plan_scope;

/*
 * For all apps, or those in `scope`. `op` is held by the caller, who calls
 * reload_over() from its finish. 0; -EBUSY: a reload, or the start, is under
 * way; -EINVAL or -EIO: the file or the system is to blame, messages are in
 * `errors`; then nothing is changed.
 */
int reload_begin(struct master *m, const struct plan_scope *scope,
    struct op *op, struct config_errors *errors) MUST_CHECK;
void reload_over(struct master *m);

/* By a signal: nobody waits for it. During another it is remembered. */
void reload_unasked(struct master *m);
void reload_remembered(struct master *m);

void log_config_errors(const struct config_errors *errors);

#endif
