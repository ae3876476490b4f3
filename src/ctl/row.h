/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row.h - members of the server's objects, with a default where one is missing.
 */
#ifndef CTL_ROW_H
#define CTL_ROW_H

#include <jansson.h>
#include <stdint.h>

#include "ctl/output.h"

/* "" when absent or no string; borrowed from `row`. */
const char *row_text(const json_t *row, const char *key);
/* 0 when absent or no number. */
int64_t row_int(const json_t *row, const char *key);
double row_real(const json_t *row, const char *key);

/* The colour of a worker's status word. */
enum color row_status_color(const char *status);

#endif
