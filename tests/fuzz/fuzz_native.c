/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_native.c - a line in clusterd's own words; what is understood is written
 * back as the same words.
 */
#include <stdlib.h>
#include <string.h>

#include <clusterd/native.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct native_message m, again;
	struct buf out;
	char *line = malloc(len + 1);

	if (line == NULL)
		return 0;
	if (len > 0)
		memcpy(line, data, len);
	line[len] = '\0';
	buf_init(&out, len + 1024);
	if (native_parse(line, &m) == 0) {
		if (native_write(&out, &m) != 0 ||
		    buf_append(&out, "", 1) != 0 ||
		    native_parse(out.data, &again) != 0 ||
		    again.verb != m.verb || again.number != m.number)
			abort();
	}
	buf_fini(&out);
	free(line);
	return 0;
}
