/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target.h - open what the path of a log file names.
 */
#ifndef LOGGER_TARGET_H
#define LOGGER_TARGET_H

#include <clusterd/compiler.h>

/*
 * A descriptor to append to (non-blocking, for what may be a pipe), or -errno.
 * The file is made with mode 0640, the folders above it with 0750.
 */
int target_open(const char *path) MUST_CHECK;

#endif
