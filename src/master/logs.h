/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logs.h - the logger told of every worker and where its lines go.
 */
#ifndef MASTER_LOGS_H
#define MASTER_LOGS_H

#include <clusterd/loglink.h>

#include "master/master.h"

void logs_init(struct master *m);
void logs_stop(struct master *m);

/* A new worker: `out` and `err` are the read ends, which stay the caller's. */
void logs_add_worker(struct worker *w, int out, int err);
void logs_forget_worker(struct worker *w);

/* Another logger has been started: say it all again. */
void logs_tell_all(struct master *m);
void logs_reopen(struct master *m);

/* Where the lines of that instance go; with merge_logs off each has its own. */
void logs_path(const struct app_config *app, const char *path,
    uint32_t instance, char *out, size_t size);

#endif
