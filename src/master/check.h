/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h - `clusterd -t`: is the file right, and what would it run?
 */
#ifndef MASTER_CHECK_H
#define MASTER_CHECK_H

/* Prints; returns the exit status: 0, or 4 for an invalid file. */
int check_config(const char *path, const char *env_name);

#endif
