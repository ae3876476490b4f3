/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node_write.c - the lines that Node's cluster primary says, written.
 */
#include <clusterd/node.h>

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

/* `key` came from a worker: quoted and escaped. NULL: not UTF-8, no memory. */
static char *
quote(const char *key)
{
	json_t *text = json_string(key);
	char *quoted;

	if (text == NULL)
		return NULL;
	quoted = json_dumps(text, JSON_ENCODE_ANY);
	json_decref(text);
	return quoted;
}

int
node_write_handle(struct buf *out, const char *key, uint64_t ack,
    const char *data, uint64_t seq)
{
	char *quoted = quote(key);
	int rc;

	if (quoted == NULL)
		return -ENOMEM;
	rc = buf_printf(out,
	    "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Native\",\"msg\":"
	    "{\"cmd\":\"NODE_CLUSTER\",\"errno\":0,\"key\":%s,\"ack\":%llu,"
	    "\"data\":%s,\"seq\":%llu}}",
	    quoted, (unsigned long long)ack, data == NULL ? "null" : data,
	    (unsigned long long)seq);
	free(quoted);
	return rc;
}

int
node_write_error(struct buf *out, const char *key, uint64_t ack, int err,
    const char *data, uint64_t seq)
{
	char *quoted = quote(key);
	int rc;

	if (quoted == NULL)
		return -ENOMEM;
	rc = buf_printf(out,
	    "{\"cmd\":\"NODE_CLUSTER\",\"errno\":%d,\"key\":%s,\"ack\":%llu,"
	    "\"data\":%s,\"seq\":%llu}",
	    -err, quoted, (unsigned long long)ack, data == NULL ? "null" : data,
	    (unsigned long long)seq);
	free(quoted);
	return rc;
}

int
node_write_disconnect(struct buf *out, uint64_t seq)
{
	return buf_printf(out,
	    "{\"cmd\":\"NODE_CLUSTER\",\"act\":\"disconnect\",\"seq\":%llu}",
	    (unsigned long long)seq);
}

int
node_write_ack(struct buf *out, uint64_t ack, uint64_t seq)
{
	return buf_printf(out,
	    "{\"cmd\":\"NODE_CLUSTER\",\"ack\":%llu,\"seq\":%llu}",
	    (unsigned long long)ack, (unsigned long long)seq);
}
