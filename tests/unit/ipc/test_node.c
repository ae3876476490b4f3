/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_node.c - lines as Node's cluster module writes them, and lines it would
 * never write.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/node.h>

#define CLUSTER "{\"cmd\":\"NODE_CLUSTER\","

static int
parse(const char *line, struct node_message *m)
{
	return node_parse(line, strlen(line), m);
}

static enum node_kind
kind_of(const char *line)
{
	struct node_message m;

	cr_assert_eq(parse(line, &m), 0, "%s", line);
	node_message_fini(&m);
	return m.kind;
}

Test(node, each_line_is_told_apart)
{
	static const struct {
		const char *line;
		enum node_kind kind;
	} rows[] = {
		{ CLUSTER "\"act\":\"online\",\"seq\":0}", NODE_ONLINE },
		{ "\x02" CLUSTER "\"act\":\"online\",\"seq\":0}", NODE_ONLINE },
		{ CLUSTER "\"act\":\"exitedAfterDisconnect\",\"seq\":4}",
		    NODE_EXITED_AFTER_DISCONNECT },
		{ CLUSTER "\"act\":\"close\",\"key\":\"k\",\"seq\":3}",
		    NODE_CLOSE },
		{ CLUSTER "\"act\":\"unheard\",\"seq\":3}", NODE_OTHER },
		{ CLUSTER "\"ack\":7,\"accepted\":true,\"seq\":5}",
		    NODE_REPLY },
		{ "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Socket\",\"msg\":{}"
		  "}",
		    NODE_HANDLE },
		{ "{\"cmd\":\"NODE_HANDLE_ACK\"}", NODE_HANDLE_ACK },
		{ "{\"cmd\":\"NODE_HANDLE_NACK\"}", NODE_HANDLE_NACK },
		{ "{\"cmd\":\"NODE_DEBUG_ENABLED\"}", NODE_OTHER },
		{ "{\"cmd\":\"NODE_\"}", NODE_APP },
		{ "{\"cmd\":\"node_cluster\",\"x\":\"NODE_\"}", NODE_APP },
		{ "{\"cmd\":7,\"x\":\"NODE_\"}", NODE_APP },
		{ "{\"x\":{\"cmd\":\"NODE_CLUSTER\"}}", NODE_APP },
		{ "\"ready\"", NODE_READY },
		{ "\"NODE_CLUSTER\"", NODE_APP },
		{ "[\"ready\"]", NODE_APP },
		{ "\"online\"", NODE_APP },
		{ "null", NODE_APP },
		{ "true", NODE_APP },
		{ "-1.5e3", NODE_APP },
		{ "{\"type\":\"axm:monitor\",\"data\":{}}", NODE_APP },
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		cr_assert_eq(
		    kind_of(rows[i].line), rows[i].kind, "%s", rows[i].line);
}

Test(node, an_apps_message_may_be_more_than_our_reader_takes)
{
	cr_assert_eq(kind_of("{\"n\":100000000000000000000}"), NODE_APP);
	cr_assert_eq(kind_of("\"\\ud800\""), NODE_APP);
	cr_assert_eq(kind_of("{\"text\":\"a\\u0000b\"}"), NODE_APP);
}

Test(node, garbage_is_refused)
{
	static const char *const rows[] = {
		"",
		"\x02",
		"hello",
		"{",
		"}",
		"{\"cmd\":\"NODE_CLUSTER\"",
		"{\"cmd\":\"NODE_CLUSTER\",}",
		CLUSTER "\"act\":7}",
		CLUSTER "\"act\":\"online\",\"seq\":-1}",
		CLUSTER "\"act\":\"online\",\"seq\":\"0\"}",
		CLUSTER "\"act\":\"close\",\"seq\":1}",
		CLUSTER "\"act\":\"close\",\"key\":7,\"seq\":1}",
		CLUSTER "\"ack\":-1}",
		CLUSTER "\"act\":\"queryServer\",\"port\":65536,"
			"\"addressType\":4}",
		CLUSTER "\"act\":\"queryServer\",\"port\":3000,"
			"\"addressType\":5}",
		CLUSTER "\"act\":\"queryServer\",\"port\":3000}",
		CLUSTER "\"act\":\"queryServer\",\"port\":3000.5,"
			"\"addressType\":4}",
		CLUSTER "\"act\":\"queryServer\",\"address\":\"a\\u0000b\","
			"\"port\":-1,\"addressType\":-1}",
		CLUSTER "\"act\":\"queryServer\",\"address\":null,"
			"\"port\":-1,\"addressType\":-1}",
		CLUSTER "\"act\":\"queryServer\",\"address\":{},\"port\":1,"
			"\"addressType\":4}",
	};
	struct node_message m;
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		cr_assert_eq(parse(rows[i], &m), -EBADMSG, "%s", rows[i]);
}

Test(node, members_are_bounded)
{
	char address[256], line[16384], *data;
	struct node_message m;

	memset(address, 'a', sizeof(address));
	address[200] = '\0';
	snprintf(line, sizeof(line),
	    CLUSTER "\"act\":\"queryServer\",\"address\":\"/%s\",\"port\":-1,"
		    "\"addressType\":-1}",
	    address);
	cr_assert_eq(parse(line, &m), -EBADMSG);

	data = calloc(1, 5001);
	memset(data, 'd', 5000);
	snprintf(line, sizeof(line),
	    CLUSTER "\"act\":\"queryServer\",\"port\":1,\"addressType\":4,"
		    "\"data\":\"%s\"}",
	    data);
	cr_assert_eq(parse(line, &m), -EBADMSG);
	cr_assert_null(m.data);
	free(data);

	memset(address, 'k', 240);
	address[240] = '\0';
	snprintf(line, sizeof(line),
	    CLUSTER "\"act\":\"close\",\"key\":\"%s\"}", address);
	cr_assert_eq(parse(line, &m), -EBADMSG);
}

/* One row a form of listen(), as a trace of Node 20 shows it. */
static const struct {
	const char *members;
	enum node_address family;
	bool any;
	const char *address;
	int port, fd;
	const char *key;
} sockets[] = {
	{ "\"index\":0,\"data\":null,\"address\":null,\"port\":3000,"
	  "\"addressType\":4,\"flags\":0,\"backlog\":0",
	    NODE_TCP4, true, "", 3000, -1, "null:3000:4:-1" },
	/* listen(port, host, callback) has no backlog, and says so */
	{ "\"index\":0,\"data\":null,\"address\":\"127.0.0.1\",\"port\":3000,"
	  "\"addressType\":4,\"flags\":0,\"backlog\":false",
	    NODE_TCP4, false, "127.0.0.1", 3000, -1, "127.0.0.1:3000:4:-1" },
	{ "\"address\":null,\"port\":3000,\"addressType\":4,"
	  "\"backlog\":\"511\"",
	    NODE_TCP4, true, "", 3000, -1, "null:3000:4:-1" },
	{ "\"index\":2,\"address\":\"::1\",\"port\":3000,\"addressType\":6",
	    NODE_TCP6, false, "::1", 3000, -1, "::1:3000:6:-1" },
	{ "\"index\":1,\"address\":null,\"port\":0,\"addressType\":4",
	    NODE_TCP4, true, "", 0, -1, "null:0:4:-1:1" },
	{ "\"address\":\"/run/a.sock\",\"port\":-1,\"addressType\":-1",
	    NODE_PATH, false, "/run/a.sock", 0, -1, "/run/a.sock:0:-1:-1" },
	{ "\"address\":null,\"port\":null,\"addressType\":null,\"fd\":9",
	    NODE_FD, false, "", 0, 9, "null:0:fd:9" },
	{ "\"address\":\"0.0.0.0\",\"addressType\":\"udp4\",\"fd\":-1,"
	  "\"index\":0,\"flags\":4",
	    NODE_UDP4, true, "0.0.0.0", 0, -1, "0.0.0.0:0:udp4:-1:0" },
	{ "\"address\":\"::\",\"port\":53,\"addressType\":\"udp6\",\"fd\":-1",
	    NODE_UDP6, true, "::", 53, -1, ":::53:udp6:-1" },
};

Test(node, each_form_of_listen_is_understood)
{
	struct node_message m;
	char line[512];
	size_t i;

	for (i = 0; i < COUNT(sockets); i++) {
		snprintf(line, sizeof(line),
		    CLUSTER "\"act\":\"queryServer\",%s,\"seq\":9}",
		    sockets[i].members);
		cr_assert_eq(parse(line, &m), 0, "%s", line);
		cr_assert_eq(m.kind, NODE_QUERY_SERVER);
		cr_assert_eq(m.seq, 9);
		cr_assert_eq(m.family, sockets[i].family, "%s", line);
		cr_assert_eq(m.any, sockets[i].any, "%s", line);
		cr_assert_str_eq(m.address, sockets[i].address);
		cr_assert_eq(m.port, sockets[i].port);
		cr_assert_eq(m.fd, sockets[i].fd);
		cr_assert_str_eq(m.key, sockets[i].key);
		node_message_fini(&m);
	}
}

Test(node, a_key_tells_sockets_apart_and_workers_not)
{
	struct node_message m = {
		.family = NODE_TCP4, .port = 80, .fd = -1, .index = 3
	};
	char a[224], b[224];

	node_key(&m, a, sizeof(a));
	m.index = 4;
	node_key(&m, b, sizeof(b));
	cr_assert_str_eq(a, b, "a fixed port is one socket");
	m.port = 0;
	node_key(&m, a, sizeof(a));
	m.index = 3;
	node_key(&m, b, sizeof(b));
	cr_assert_str_neq(a, b, "each listen(0) is its own");
}

Test(node, listening_tells_the_real_port)
{
	struct node_message m;

	cr_assert_eq(parse(CLUSTER "\"act\":\"listening\",\"index\":0,"
				   "\"data\":null,\"address\":null,"
				   "\"port\":40123,\"addressType\":4,"
				   "\"backlog\":511,\"seq\":2}",
			 &m),
	    0);
	cr_assert_eq(m.kind, NODE_LISTENING);
	cr_assert_eq(m.port, 40123);
	cr_assert_eq(m.backlog, 511);
	node_message_fini(&m);
}

Test(node, data_comes_back_as_it_was)
{
	struct node_message m;

	cr_assert_eq(parse(CLUSTER "\"act\":\"queryServer\",\"port\":443,"
				   "\"addressType\":4,\"data\":"
				   "{\"ticketKeys\":\"00ff\"},\"seq\":1}",
			 &m),
	    0);
	cr_assert_str_eq(m.data, "{\"ticketKeys\":\"00ff\"}");
	node_message_fini(&m);
	cr_assert_null(m.data);
}

static json_t *
json_of(struct buf *out)
{
	json_error_t error;
	json_t *root = json_loadb(out->data, out->len, 0, &error);

	cr_assert_not_null(root, "%.*s", (int)out->len, out->data);
	cr_assert_null(memchr(out->data, '\n', out->len));
	buf_fini(out);
	return root;
}

Test(node, an_answer_with_a_handle_is_what_node_expects)
{
	json_t *root, *msg;
	struct buf out;

	buf_init(&out, 4096);
	cr_assert_eq(node_write_handle(&out, "/run/\"a\".sock:0:-1:-1", 7,
			 "{\"ticketKeys\":\"00\"}", 3),
	    0);
	root = json_of(&out);
	msg = json_object_get(root, "msg");
	cr_assert_str_eq(
	    json_string_value(json_object_get(root, "cmd")), "NODE_HANDLE");
	cr_assert_str_eq(
	    json_string_value(json_object_get(root, "type")), "net.Native");
	cr_assert_str_eq(
	    json_string_value(json_object_get(msg, "cmd")), "NODE_CLUSTER");
	cr_assert_str_eq(json_string_value(json_object_get(msg, "key")),
	    "/run/\"a\".sock:0:-1:-1");
	cr_assert_eq(json_integer_value(json_object_get(msg, "errno")), 0);
	cr_assert_eq(json_integer_value(json_object_get(msg, "ack")), 7);
	cr_assert_eq(json_integer_value(json_object_get(msg, "seq")), 3);
	cr_assert(json_is_object(json_object_get(msg, "data")));
	json_decref(root);
}

Test(node, an_error_is_negative_and_echoes_data)
{
	struct buf out;
	json_t *root;

	buf_init(&out, 4096);
	cr_assert_eq(node_write_error(&out, "k", 7, EADDRINUSE, NULL, 3), 0);
	root = json_of(&out);
	cr_assert_eq(json_integer_value(json_object_get(root, "errno")), -98);
	cr_assert(json_is_null(json_object_get(root, "data")));
	json_decref(root);

	buf_init(&out, 4096);
	cr_assert_eq(node_write_disconnect(&out, 1), 0);
	root = json_of(&out);
	cr_assert_str_eq(
	    json_string_value(json_object_get(root, "act")), "disconnect");
	json_decref(root);

	buf_init(&out, 4096);
	cr_assert_eq(node_write_ack(&out, 4, 2), 0);
	root = json_of(&out);
	cr_assert_eq(json_integer_value(json_object_get(root, "ack")), 4);
	json_decref(root);
}

Test(node, an_answer_that_does_not_fit_leaves_nothing)
{
	struct buf out;

	buf_init(&out, 16);
	cr_assert_eq(node_write_handle(&out, "k", 7, NULL, 3), -ENOBUFS);
	cr_assert_eq(out.len, 0);
	buf_fini(&out);
}
