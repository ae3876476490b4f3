/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_change.h - call a method that changes something, and say the outcome.
 */
#ifndef CTL_CMD_CHANGE_H
#define CTL_CMD_CHANGE_H

#include "ctl/ctl.h"

/*
 * Waits for the outcome; on success prints "TEXT: N workers VERB". `params` is
 * stolen, may be NULL. Returns the exit status.
 */
int change_run(struct ctl *c, const char *method, json_t *params,
    const char *verb, const char *text);

/*
 * The two halves of it. change_call: CTL_DONE with `*outcome` (the caller's),
 * or an exit status when all has been said.
 */
int change_call(struct ctl *c, const char *method, json_t *params,
    json_t **outcome) MUST_CHECK;
int change_report(
    struct ctl *c, const json_t *outcome, const char *verb, const char *text);

#endif
