/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.c - one string into words, as a shell would.
 */
#include "config/split.h"

#include <errno.h>
#include <string.h>

#include "config/interpolate.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Copy a ${...} as it is; true if there was one at `*at`. */
static bool
copy_reference(const char **at, char **out)
{
	const char *end;

	if ((*at)[0] != '$' || (*at)[1] != '{')
		return false;
	end = interpolate_reference_end(*at);
	if (end == NULL)
		return false;
	memcpy(*out, *at, (size_t)(end - *at));
	*out += end - *at;
	*at = end;
	return true;
}

static int
copy_quoted(const char **at, char **out)
{
	char quote = *(*at)++;

	while (**at != '\0' && **at != quote) {
		if (copy_reference(at, out))
			continue;
		if (quote == '"' && **at == '\\' &&
		    ((*at)[1] == '"' || (*at)[1] == '\\'))
			(*at)++;
		*(*out)++ = *(*at)++;
	}
	if (**at == '\0')
		return -EINVAL;
	(*at)++;
	return 0;
}

int
split_next(const char **at, char *out, bool *quoted)
{
	*quoted = false;
	while (is_blank(**at))
		(*at)++;
	if (**at == '\0')
		return 0;
	while (**at != '\0' && !is_blank(**at)) {
		if (copy_reference(at, &out))
			continue;
		if (**at == '\'' || **at == '"') {
			*quoted = true;
			if (copy_quoted(at, &out) < 0)
				return -EINVAL;
			continue;
		}
		*out++ = *(*at)++;
	}
	*out = '\0';
	return 1;
}
