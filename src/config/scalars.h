/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scalars.h - texts that mean a number, a switch, a signal, or a count.
 *
 * No messages here: the caller knows where the text stands.
 */
#ifndef CLUSTERD_CONFIG_SCALARS_H
#define CLUSTERD_CONFIG_SCALARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>
#include <clusterd/config.h>

bool scalar_is_label(const char *text);	   /* [A-Za-z0-9._-]{1,63} */
bool scalar_is_variable(const char *text); /* [A-Za-z_][A-Za-z0-9_]* */

/* 0, 1, or -1 when it is neither true nor false (yes, no, on, off). */
int scalar_parse_bool(const char *text);

/* A whole number in decimal. 0, -EINVAL; -ERANGE is clamped to INT64's ends. */
int scalar_parse_int(const char *text, int64_t *n) MUST_CHECK;

/* Octal permission bits, "660", "0660" or "0o660". 0 or -EINVAL. */
int scalar_parse_mode(const char *text, int *mode) MUST_CHECK;

/* "SIGINT", "int", "2". 0 or -EINVAL. */
int scalar_parse_signal(const char *text, int *signal) MUST_CHECK;
/* "SIGINT"; a number for a signal without a name. Returns `out`. */
const char *scalar_write_signal(int signal, char *out, size_t size);

/* 0, -EINVAL or -ERANGE (beyond INSTANCES_MAX); `*i` untouched on failure. */
int scalar_parse_instances(
    const char *text, struct config_instances *i) MUST_CHECK;
/* As a file says it: "4", "max", "-1", "2/cpu". Returns `out`. */
const char *scalar_write_instances(
    const struct config_instances *i, char *out, size_t size);

#endif
