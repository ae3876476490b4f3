/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row.c - members of the server's objects, with a default where one is missing.
 */
#include "ctl/row.h"

#include <string.h>

const char *
row_text(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s ? s : "";
}

int64_t
row_int(const json_t *row, const char *key)
{
	return (int64_t)json_number_value(json_object_get(row, key));
}

double
row_real(const json_t *row, const char *key)
{
	return json_number_value(json_object_get(row, key));
}

enum color
row_status_color(const char *status)
{
	static const struct {
		const char *status;
		enum color color;
	} colors[] = {
		{ "ready", COLOR_GREEN },
		{ "starting", COLOR_YELLOW },
		{ "reloading", COLOR_YELLOW },
		{ "stopping", COLOR_YELLOW },
		{ "waiting", COLOR_YELLOW },
		{ "stopped", COLOR_DIM },
	};
	size_t i;

	for (i = 0; i < COUNT(colors); i++) {
		if (strcmp(colors[i].status, status) == 0)
			return colors[i].color;
	}
	return COLOR_NONE;
}
