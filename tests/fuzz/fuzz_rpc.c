/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_rpc.c - a line of a client of the control socket, and its answer.
 */
#include <stdlib.h>
#include <string.h>

#include <clusterd/limits.h>
#include <clusterd/rpc.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rpc_request r;
	const char *why;
	struct buf out;

	if (rpc_request_parse((const char *)data, len, &r, &why) != 0) {
		if (*why == '\0')
			abort();
		return 0;
	}
	buf_init(&out, RPC_QUEUE_MAX);
	if (r.method == NULL || (r.params != NULL && !json_is_object(r.params)))
		abort();
	if (rpc_write_result(&out, r.id, json_incref(r.root)) != 0 ||
	    out.data[out.len - 1] != '\n' ||
	    memchr(out.data, '\n', out.len - 1) != NULL)
		abort();
	buf_fini(&out);
	rpc_request_fini(&r);
	return 0;
}
