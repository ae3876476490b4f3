/* SPDX-License-Identifier: Apache-2.0 */
/*
 * methods.h - what the control protocol can ask for (docs/control.md).
 */
#ifndef MASTER_METHODS_H
#define MASTER_METHODS_H

#include "master/control.h"

/* Answers through the ticket, now or when it is done. `params` may be NULL. */
void method_call(
    struct master *m, struct ticket *t, const char *name, json_t *params);

/* The changing ones, in methods_change.c. */
void method_start(struct master *m, struct ticket *t, json_t *params);
void method_stop(struct master *m, struct ticket *t, json_t *params);
void method_restart(struct master *m, struct ticket *t, json_t *params);
void method_reload(struct master *m, struct ticket *t, json_t *params);
void method_scale(struct master *m, struct ticket *t, json_t *params);
void method_delete(struct master *m, struct ticket *t, json_t *params);
void method_kill(struct master *m, struct ticket *t, json_t *params);

#endif
