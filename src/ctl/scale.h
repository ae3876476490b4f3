/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scale.h - what `scale` was told: how many, or how many more or fewer.
 */
#ifndef CTL_SCALE_H
#define CTL_SCALE_H

#include <stdbool.h>

#include <clusterd/compiler.h>

struct scale {
	const char *app; /* borrowed; NULL: the only one */
	bool is_relative;
	int number;
};

/*
 * "8", "api 8", "+2", "api -2". 0 or -EINVAL: the last word is no number of
 * workers.
 */
int scale_parse(char *const *args, int n_args, struct scale *s) MUST_CHECK;

#endif
