/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_notify.c - an sd_notify datagram.
 */
#include <stdlib.h>
#include <string.h>

#include <clusterd/notify.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct notify_message m;
	const unsigned char *c;

	notify_parse((const char *)data, len, &m);
	if (memchr(m.status, '\0', sizeof(m.status)) == NULL ||
	    m.main_pid < 0 || m.extend_timeout_us < -1)
		abort();
	for (c = (const unsigned char *)m.status; *c != '\0'; c++) {
		if (*c < ' ' || *c == 0x7f)
			abort();
	}
	return 0;
}
