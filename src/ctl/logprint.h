/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logprint.h - a log record on a terminal or in a pipe.
 */
#ifndef CTL_LOGPRINT_H
#define CTL_LOGPRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "ctl/logset.h"

struct logprint {
	FILE *f;	/* borrowed */
	bool raw, json; /* the message alone; the record */
	bool timestamp;
	bool color;
	bool is_tty; /* control characters are made harmless */
};

/* `line` is the one that `r` was parsed from. */
void logprint_record(const struct logprint *p, const struct log_record *r,
    const char *line, size_t len);

#endif
