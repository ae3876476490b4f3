/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_status.h - the result of `status` as a table.
 */
#ifndef CTL_CMD_STATUS_H
#define CTL_CMD_STATUS_H

#include <jansson.h>
#include <stdio.h>

#include "ctl/output.h"

/* Returns the exit status. */
int status_print(FILE *f, const json_t *result, const struct view *view);

#endif
