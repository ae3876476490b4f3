/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc.c - the control protocol: one line to a request, an answer to one line.
 */
#include <clusterd/rpc.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- requests ---------------------------------------------------------- */

static bool
is_id(const json_t *id)
{
	return id == NULL || json_is_string(id) || json_is_number(id) ||
	       json_is_null(id);
}

static int
refuse(const char **why, const char *text, enum rpc_code code)
{
	*why = text;
	return code;
}

static int
check(const json_t *root, const char **why)
{
	const json_t *params = json_object_get(root, "params");
	const char *version =
	    json_string_value(json_object_get(root, "jsonrpc"));

	if (!json_is_object(root))
		return refuse(why, "a request is one JSON object a line",
		    RPC_INVALID_REQUEST);
	if (version == NULL || strcmp(version, "2.0") != 0)
		return refuse(
		    why, "\"jsonrpc\" must be \"2.0\"", RPC_INVALID_REQUEST);
	if (!json_is_string(json_object_get(root, "method")))
		return refuse(
		    why, "\"method\" must be a string", RPC_INVALID_REQUEST);
	if (!is_id(json_object_get(root, "id")))
		return refuse(why, "\"id\" must be a string or a number",
		    RPC_INVALID_REQUEST);
	if (params != NULL && !json_is_object(params))
		return refuse(
		    why, "\"params\" must be an object", RPC_INVALID_PARAMS);
	return 0;
}

int
rpc_request_parse(
    const char *line, size_t len, struct rpc_request *r, const char **why)
{
	json_error_t error;
	json_t *root;
	int code;

	memset(r, 0, sizeof(*r));
	*why = "";
	root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		return refuse(
		    why, "the line is not valid JSON", RPC_PARSE_ERROR);
	code = check(root, why);
	if (code != 0) {
		json_decref(root);
		return code;
	}
	r->root = root;
	r->id = json_incref(json_object_get(root, "id"));
	r->method = json_string_value(json_object_get(root, "method"));
	r->params = json_object_get(root, "params");
	return 0;
}

void
rpc_request_fini(struct rpc_request *r)
{
	json_decref(r->id);
	json_decref(r->root);
	memset(r, 0, sizeof(*r));
}

/* ---- answers ----------------------------------------------------------- */

struct sink {
	struct buf *out; /* borrowed */
	int rc;
};

static int
add_to_sink(const char *text, size_t len, void *arg)
{
	struct sink *sink = arg;

	sink->rc = buf_append(sink->out, text, len);
	return sink->rc == 0 ? 0 : -1;
}

/* Steals `root`, NULL: out of memory. On failure `out` is as it was. */
static int
write_line(struct buf *out, json_t *root)
{
	struct sink sink = { .out = out };
	size_t before = out->len;

	if (root == NULL)
		return -ENOMEM;
	if (json_dump_callback(root, add_to_sink, &sink, JSON_COMPACT) != 0 &&
	    sink.rc == 0)
		sink.rc = -ENOMEM;
	json_decref(root);
	if (sink.rc == 0)
		sink.rc = buf_append(out, "\n", 1);
	if (sink.rc != 0)
		out->len = before;
	return sink.rc;
}

/* NULL when out of memory. */
static json_t *
envelope(json_t *id)
{
	json_t *root = json_object();

	if (root == NULL ||
	    json_object_set_new(root, "jsonrpc", json_string("2.0")) != 0 ||
	    json_object_set_new(
		root, "id", id == NULL ? json_null() : json_incref(id)) != 0) {
		json_decref(root);
		return NULL;
	}
	return root;
}

int
rpc_write_result(struct buf *out, json_t *id, json_t *result)
{
	json_t *root = envelope(id);

	if (root == NULL) {
		json_decref(result);
		return -ENOMEM;
	}
	if (json_object_set_new(root, "result", result) != 0) {
		json_decref(root);
		return -ENOMEM;
	}
	return write_line(out, root);
}

int
rpc_write_error(
    struct buf *out, json_t *id, int code, const char *message, json_t *data)
{
	json_t *root = envelope(id);
	json_t *error;

	error = json_pack(
	    "{s:i, s:s, s:O*}", "code", code, "message", message, "data", data);
	json_decref(data);
	if (root == NULL || json_object_set_new(root, "error", error) != 0) {
		if (root == NULL)
			json_decref(error);
		json_decref(root);
		return -ENOMEM;
	}
	return write_line(out, root);
}

int
rpc_write_event(struct buf *out, const char *method, json_t *params)
{
	json_t *root;

	root = json_pack("{s:s, s:s, s:o*}", "jsonrpc", "2.0", "method", method,
	    "params", params);
	return write_line(out, root);
}

int
rpc_write_request(struct buf *out, int id, const char *method, json_t *params)
{
	json_t *root;

	root = json_pack("{s:s, s:i, s:s, s:O*}", "jsonrpc", "2.0", "id", id,
	    "method", method, "params", params);
	json_decref(params);
	return write_line(out, root);
}
