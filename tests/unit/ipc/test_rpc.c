/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rpc.c - the control protocol: requests, answers, and the client against
 * servers that behave and servers that do not.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <clusterd/rpc.h>

static int
parse(const char *line, struct rpc_request *r)
{
	const char *why;
	int code = rpc_request_parse(line, strlen(line), r, &why);

	cr_assert_eq(*why == '\0', code == 0, "a reason for each refusal");
	return code;
}

Test(rpc, a_request_is_read)
{
	struct rpc_request r;

	cr_assert_eq(parse("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"scale\","
			   "\"params\":{\"to\":8}}",
			 &r),
	    0);
	cr_assert_eq(json_integer_value(r.id), 3);
	cr_assert_str_eq(r.method, "scale");
	cr_assert_eq(json_integer_value(json_object_get(r.params, "to")), 8);
	rpc_request_fini(&r);

	cr_assert_eq(parse("{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", &r), 0);
	cr_assert_null(r.id, "a notification");
	cr_assert_null(r.params);
	rpc_request_fini(&r);
}

Test(rpc, a_bad_request_gets_its_code)
{
	static const struct {
		const char *line;
		int code;
	} rows[] = {
		{ "", RPC_PARSE_ERROR },
		{ "{", RPC_PARSE_ERROR },
		{ "\xff\xfe", RPC_PARSE_ERROR },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"method\":\"b\"}",
		    RPC_PARSE_ERROR },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"a\\u0000b\"}",
		    RPC_PARSE_ERROR },
		{ "[]", RPC_INVALID_REQUEST },
		{ "{}", RPC_INVALID_REQUEST },
		{ "{\"method\":\"a\"}", RPC_INVALID_REQUEST },
		{ "{\"jsonrpc\":\"1.0\",\"method\":\"a\"}",
		    RPC_INVALID_REQUEST },
		{ "{\"jsonrpc\":\"2.0\"}", RPC_INVALID_REQUEST },
		{ "{\"jsonrpc\":\"2.0\",\"method\":1}", RPC_INVALID_REQUEST },
		{ "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"a\"}",
		    RPC_INVALID_REQUEST },
		{ "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":[]}",
		    RPC_INVALID_PARAMS },
	};
	struct rpc_request r;
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		cr_assert_eq(
		    parse(rows[i].line, &r), rows[i].code, "%s", rows[i].line);
}

Test(rpc, a_request_may_be_deep_only_so_far)
{
	enum { DEPTH = 100000 };
	static char line[2 * DEPTH + 100];
	struct rpc_request r;
	size_t n;

	n = (size_t)sprintf(
	    line, "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":{\"x\":");
	memset(line + n, '[', DEPTH);
	memset(line + n + DEPTH, ']', DEPTH);
	strcpy(line + n + 2 * DEPTH, "}}");
	cr_assert_eq(parse(line, &r), RPC_PARSE_ERROR);
}

static void
is_line(struct buf *out, const char *want)
{
	cr_assert_eq(out->len, strlen(want), "%.*s", (int)out->len, out->data);
	cr_assert(memcmp(out->data, want, out->len) == 0, "%.*s", (int)out->len,
	    out->data);
	buf_fini(out);
}

Test(rpc, answers_are_one_line_each)
{
	json_t *id = json_string("a\nb");
	struct buf out;

	buf_init(&out, 1024);
	cr_assert_eq(rpc_write_result(&out, id, json_true()), 0);
	is_line(
	    &out, "{\"jsonrpc\":\"2.0\",\"id\":\"a\\nb\",\"result\":true}\n");
	cr_assert_eq(
	    rpc_write_error(&out, NULL, RPC_BUSY, "a reload runs", NULL), 0);
	is_line(&out, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":"
		      "{\"code\":6,\"message\":\"a reload runs\"}}\n");
	cr_assert_eq(rpc_write_error(&out, id, 1, "m", json_integer(5)), 0);
	is_line(&out, "{\"jsonrpc\":\"2.0\",\"id\":\"a\\nb\",\"error\":"
		      "{\"code\":1,\"message\":\"m\",\"data\":5}}\n");
	cr_assert_eq(
	    rpc_write_event(&out, "progress", json_pack("{s:s}", "text", "x")),
	    0);
	is_line(&out, "{\"jsonrpc\":\"2.0\",\"method\":\"progress\","
		      "\"params\":{\"text\":\"x\"}}\n");
	json_decref(id);
}

Test(rpc, an_answer_that_does_not_fit_leaves_the_queue_as_it_was)
{
	struct buf out;

	buf_init(&out, 20);
	cr_assert_eq(buf_append(&out, "before", 6), 0);
	cr_assert_eq(rpc_write_result(&out, NULL, json_true()), -ENOBUFS);
	cr_assert_eq(out.len, 6);
	buf_fini(&out);
}

/* ---- the client -------------------------------------------------------- */

struct server {
	int sock;
	const char *answer; /* written as it is */
	size_t piece;	    /* bytes a write; 0: all at once */
	bool stay;	    /* keeps the socket open */
	char request[256];
	pthread_t thread;
};

static void *
serve(void *arg)
{
	struct server *s = arg;
	size_t len = strlen(s->answer), at = 0, n;

	(void)!read(s->sock, s->request, sizeof(s->request) - 1);
	while (at < len) {
		n = s->piece == 0 || s->piece > len - at ? len - at : s->piece;
		(void)!write(s->sock, s->answer + at, n);
		at += n;
	}
	if (!s->stay)
		close(s->sock);
	return NULL;
}

static char events[256];

static void
on_event(const char *method, json_t *params, void *arg)
{
	(void)arg;
	strcat(events, method);
	strcat(events, ":");
	strcat(events, json_string_value(json_object_get(params, "text")));
	strcat(events, " ");
}

static int
call(struct server *s, int timeout_ms, json_t **result)
{
	int sv[2], rc;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	s->sock = sv[1];
	cr_assert_eq(pthread_create(&s->thread, NULL, serve, s), 0);
	rc = rpc_call(
	    sv[0], "status", json_object(), timeout_ms, on_event, NULL, result);
	pthread_join(s->thread, NULL);
	close(sv[0]);
	return rc;
}

#define EVENT(text)                                                            \
	"{\"jsonrpc\":\"2.0\",\"method\":\"progress\",\"params\":"             \
	"{\"text\":\"" text "\"}}\n"

Test(rpc, a_call_hears_events_and_then_its_answer)
{
	struct server s = { .answer = EVENT("one")
				EVENT("two") "{\"jsonrpc\":\"2.0\",\"id\":1,"
					     "\"result\":{\"n\":5}}\n",
		.piece = 7 };
	json_t *result;

	cr_assert_eq(call(&s, 5000, &result), 0);
	cr_assert_eq(json_integer_value(json_object_get(result, "n")), 5);
	cr_assert_str_eq(events, "progress:one progress:two ");
	cr_assert_str_eq(s.request, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
				    "\"status\",\"params\":{}}\n");
	json_decref(result);
}

Test(rpc, an_error_of_the_server_is_handed_on)
{
	struct server s = { .answer = "{\"jsonrpc\":\"2.0\",\"id\":null,"
				      "\"error\":{\"code\":2}}\n" };
	json_t *result;

	cr_assert_eq(call(&s, 5000, &result), 1);
	cr_assert_eq(json_integer_value(json_object_get(result, "code")), 2);
	json_decref(result);
}

Test(rpc, what_follows_an_answer_is_left_for_the_next_call)
{
	static const char answer[] = "{\"id\":1,\"result\":1}\nrest";
	struct server s = { .answer = answer };
	char rest[16] = "";
	json_t *result;
	int sv[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
	s.sock = sv[1];
	cr_assert_eq(pthread_create(&s.thread, NULL, serve, &s), 0);
	cr_assert_eq(rpc_call(sv[0], "x", NULL, 5000, NULL, NULL, &result), 0);
	json_decref(result);
	pthread_join(s.thread, NULL);
	cr_assert_eq(read(sv[0], rest, sizeof(rest)), 4);
	cr_assert_str_eq(rest, "rest");
	close(sv[0]);
}

Test(rpc, a_server_that_goes_away_or_talks_nonsense_is_told_apart)
{
	static const struct {
		const char *answer;
		int rc;
	} rows[] = {
		{ "", -EPIPE },
		{ "{\"id\":1,\"resu", -EPIPE },
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", -EPROTO },
		{ "[]\n", -EPROTO },
		{ "{}\n", -EPROTO },
	};
	json_t *result;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		struct server s = { .answer = rows[i].answer };

		cr_assert_eq(
		    call(&s, 5000, &result), rows[i].rc, "%s", rows[i].answer);
		cr_assert_null(result);
	}
}

Test(rpc, a_silent_server_is_given_up)
{
	struct server s = { .answer = "", .stay = true };
	json_t *result;

	cr_assert_eq(call(&s, 50, &result), -ETIMEDOUT);
	close(s.sock);
}

Test(rpc, a_request_over_the_bound_is_not_sent)
{
	json_t *result, *params = json_object();
	size_t len = 300 * 1024;
	char *text = malloc(len + 1);

	memset(text, 'x', len);
	text[len] = '\0';
	json_object_set_new(params, "x", json_string(text));
	free(text);
	cr_assert_eq(
	    rpc_call(-1, "x", params, 50, NULL, NULL, &result), -ENOBUFS);
}

Test(rpc, connecting_to_nothing_says_so)
{
	cr_assert_eq(rpc_connect("/nonexistent/socket"), -ENOENT);
	cr_assert_eq(rpc_connect(""), -ENAMETOOLONG);
}
