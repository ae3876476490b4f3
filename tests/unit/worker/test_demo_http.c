/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_demo_http.c - requests that clusterd-demo takes and those it refuses.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "worker/demo.h"

#define GET(target, headers)                                                   \
	"GET " target " HTTP/1.1\r\nHost: x\r\n" headers "\r\n"

static struct request
parse(const char *text)
{
	struct request r;

	cr_assert_eq(
	    request_parse(text, strlen(text), &r), strlen(text), "%s", text);
	return r;
}

Test(demo_http, a_request_is_read)
{
	struct request r = parse(GET("/", ""));

	cr_assert_eq(r.status, 200);
	cr_assert_eq(r.exit_code, -1);
	cr_assert_not(r.close || r.head_only);
	r = parse(GET("/slow?ms=250", "Connection: Close\r\n"));
	cr_assert_eq(r.slow_ms, 250);
	cr_assert(r.close);
	r = parse(GET("/exit?code=7", "Content-Length: 12\r\n"));
	cr_assert_eq(r.exit_code, 7);
	cr_assert_eq(r.body_bytes, 12);
	r = parse("HEAD / HTTP/1.0\r\n\r\n");
	cr_assert(r.close && r.head_only);
	r = parse("GET / HTTP/1.0\r\nConnection: x, keep-alive\r\n\r\n");
	cr_assert_not(r.close);
}

Test(demo_http, a_request_in_pieces_waits)
{
	static const char text[] = GET("/", "") "GET /next";
	struct request r;
	size_t i, end = sizeof(GET("/", "")) - 1;

	for (i = 0; i < end; i++)
		cr_assert_eq(request_parse(text, i, &r), 0);
	cr_assert_eq(request_parse(text, sizeof(text) - 1, &r), end);
}

Test(demo_http, nonsense_is_refused)
{
	static const struct {
		const char *text;
		int status;
		bool close;
	} rows[] = {
		{ "\r\n\r\n", 400, true },
		{ "GET\r\n\r\n", 400, true },
		{ "GET / FTP/1.1\r\n\r\n", 400, true },
		{ "GET / HTTP/2.0\r\n\r\n", 505, true },
		{ GET("http://x/", ""), 400, true },
		{ GET("/nope", ""), 404, false },
		{ "PUT / HTTP/1.1\r\n\r\n", 405, false },
		{ GET("/slow?ms=x", ""), 400, true },
		{ GET("/slow?ms=99999999", ""), 400, true },
		{ GET("/slow?s=1", ""), 400, true },
		{ GET("/exit?code=256", ""), 400, true },
		{ GET("/", "no colon\r\n"), 400, true },
		{ GET("/", " folded: x\r\n"), 400, true },
		{ GET("/", "name : x\r\n"), 400, true },
		{ GET("/", ": x\r\n"), 400, true },
		{ GET("/", "Content-Length: -1\r\n"), 413, true },
		{ GET("/", "Content-Length: 99999999\r\n"), 413, true },
		{ GET("/", "Content-Length: 1\r\nContent-Length: 2\r\n"), 400,
		    true },
		{ GET("/", "Transfer-Encoding: chunked\r\n"), 501, true },
		{ GET("/", "Connection: keep-alive\r\nno colon\r\n"), 400,
		    true },
		{ GET("/", "no colon\r\nConnection: keep-alive\r\n"), 400,
		    true },
	};
	struct request r;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		r = parse(rows[i].text);
		cr_assert_eq(
		    r.status, rows[i].status, "%d: %s", r.status, rows[i].text);
		cr_assert_eq(r.close, rows[i].close, "%s", rows[i].text);
	}
}

Test(demo_http, an_endless_head_is_refused)
{
	static char text[HEAD_BYTES_MAX];
	struct request r;

	memset(text, 'a', sizeof(text));
	cr_assert_eq(request_parse(text, sizeof(text) - 1, &r), 0);
	cr_assert_eq(request_parse(text, sizeof(text), &r), sizeof(text));
	cr_assert_eq(r.status, 431);
	cr_assert(r.close);
}

Test(demo_http, an_answer_says_what_it_should)
{
	struct request r = parse(GET("/", ""));
	char out[ANSWER_BYTES_MAX + 1];
	size_t n;

	n = answer_write(out, &r, "hi\n", true, 0);
	out[n] = '\0';
	cr_assert_str_eq(out, "HTTP/1.1 200 OK\r\n"
			      "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
			      "Content-Type: text/plain\r\n"
			      "Content-Length: 3\r\n"
			      "Connection: close\r\n\r\nhi\n");
	r.head_only = true;
	n = answer_write(out, &r, "hi\n", false, 0);
	out[n] = '\0';
	cr_assert_not_null(strstr(out, "Content-Length: 3\r\n\r\n"));
	cr_assert_null(strstr(out, "hi"));
	r = parse(GET("/nope", ""));
	n = answer_write(out, &r, "hi\n", false, 0);
	out[n] = '\0';
	cr_assert_not_null(strstr(out, "\r\n\r\n404 Not Found\n"));
}
