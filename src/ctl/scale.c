/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scale.c - what `scale` was told: how many, or how many more or fewer.
 */
#include "ctl/scale.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include <clusterd/limits.h>

int
scale_parse(char *const *args, int n_args, struct scale *s)
{
	const char *word = args[n_args - 1];
	bool is_relative = word[0] == '+' || word[0] == '-';
	char *end;
	long n;

	if (!isdigit((unsigned char)word[is_relative]))
		return -EINVAL;
	n = strtol(word, &end, 10);
	if (*end || n > INSTANCES_MAX || n < -INSTANCES_MAX)
		return -EINVAL;
	s->app = n_args > 1 ? args[0] : NULL;
	s->is_relative = is_relative;
	s->number = (int)n;
	return 0;
}
