/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.h - what there is, as JSON (docs/control.md). All new references, NULL
 * when out of memory.
 */
#ifndef MASTER_STATUS_H
#define MASTER_STATUS_H

#include <jansson.h>

#include "master/master.h"
#include "master/selector.h"

json_t *status_master(struct master *m);
json_t *status_rows(const struct selection *sel, bool full);

/* The log files of a slot, those that are not in `files` yet. */
void status_add_files(const struct slot_ctx *ctx, json_t *files);

/* The environment a worker of the slot would get if it were started now. */
json_t *status_env(struct slot_ctx *ctx, char *why, size_t why_size);

#endif
