/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_node.c - a line of a Node worker; what is understood can be answered.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <clusterd/node.h>

#include "fuzz.h"

static void
check_answer(const struct node_message *m)
{
	struct buf out;
	json_error_t error;
	json_t *root;

	buf_init(&out, 64 * 1024);
	if (node_write_handle(&out, m->key, m->seq, m->data, 1) == 0) {
		root = json_loadb(out.data, out.len, JSON_ALLOW_NUL, &error);
		if (root == NULL || memchr(out.data, '\n', out.len) != NULL)
			abort();
		json_decref(root);
	}
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct node_message m;

	if (node_parse((const char *)data, len, &m) != 0)
		return 0;
	if (memchr(m.key, '\0', sizeof(m.key)) == NULL ||
	    memchr(m.address, '\0', sizeof(m.address)) == NULL)
		abort();
	if (m.kind == NODE_QUERY_SERVER)
		check_answer(&m);
	node_message_fini(&m);
	return 0;
}
