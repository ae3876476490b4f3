/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_http.c - HTTP/1.1 as far as clusterd-demo speaks it: text to request and
 * request to answer.
 */
#include "demo.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A piece of the head: not NUL-terminated. */
struct piece {
	const char *at;
	size_t len;
};

static bool
is(struct piece p, const char *word)
{
	return p.len == strlen(word) && memcmp(p.at, word, p.len) == 0;
}

static bool
is_nocase(struct piece p, const char *word)
{
	return p.len == strlen(word) && strncasecmp(p.at, word, p.len) == 0;
}

/* Cut up to `sep` off the front of `rest`; all of it when there is none. */
static struct piece
cut(struct piece *rest, char sep)
{
	struct piece p = *rest;
	const char *at = memchr(rest->at, sep, rest->len);

	if (at == NULL) {
		rest->at += rest->len;
		rest->len = 0;
		return p;
	}
	p.len = (size_t)(at - p.at);
	rest->at += p.len + 1;
	rest->len -= p.len + 1;
	return p;
}

static struct piece
trim(struct piece p)
{
	while (p.len > 0 && (*p.at == ' ' || *p.at == '\t')) {
		p.at++;
		p.len--;
	}
	while (p.len > 0 && (p.at[p.len - 1] == ' ' || p.at[p.len - 1] == '\t'))
		p.len--;
	return p;
}

/* Digits only, at most `max`; -1 for anything else. */
static int
number(struct piece p, int max)
{
	int n = 0;
	size_t i;

	if (p.len == 0 || p.len > 8)
		return -1;
	for (i = 0; i < p.len; i++) {
		if (!isdigit((unsigned char)p.at[i]))
			return -1;
		n = n * 10 + (p.at[i] - '0');
	}
	return n > max ? -1 : n;
}

/* ---- request ----------------------------------------------------------- */

static void
refuse(struct request *r, int status)
{
	if (r->status != 200)
		return;
	r->status = status;
	/* 404 and 405 leave the connection in order; of the rest, who knows. */
	if (status != 404 && status != 405)
		r->close = true;
}

/* "name=N" as the whole query; absent is `dflt`. */
static int
query_number(struct piece query, const char *name, int max, int dflt)
{
	struct piece key;

	if (query.len == 0)
		return dflt;
	key = cut(&query, '=');
	return is(key, name) ? number(query, max) : -1;
}

static void
read_target(struct piece target, struct request *r)
{
	struct piece path = cut(&target, '?');

	if (is(path, "/")) {
		return;
	} else if (is(path, "/slow")) {
		r->slow_ms = query_number(target, "ms", SLOW_MS_MAX, 1000);
		if (r->slow_ms == -1)
			refuse(r, 400);
	} else if (is(path, "/exit")) {
		r->exit_code = query_number(target, "code", 255, 0);
		if (r->exit_code == -1)
			refuse(r, 400);
	} else {
		refuse(r, 404);
	}
}

static void
read_first_line(struct piece line, struct request *r)
{
	struct piece method = cut(&line, ' ');
	struct piece target = cut(&line, ' ');

	if (is(line, "HTTP/1.0"))
		r->close = true;
	else if (!is(line, "HTTP/1.1"))
		refuse(r, line.len > 5 && memcmp(line.at, "HTTP/", 5) == 0
			      ? 505
			      : 400);
	r->head_only = is(method, "HEAD");
	if (!r->head_only && !is(method, "GET") && !is(method, "POST"))
		refuse(r, 405);
	if (target.len == 0 || *target.at != '/')
		refuse(r, 400);
	else
		read_target(target, r);
}

static void
read_connection(struct piece value, struct request *r)
{
	struct piece option;

	while (value.len > 0) {
		option = trim(cut(&value, ','));
		if (is_nocase(option, "close"))
			r->close = true;
		else if (is_nocase(option, "keep-alive") && r->status == 200)
			r->close = false;
	}
}

static void
read_header(struct piece line, struct request *r)
{
	struct piece name = cut(&line, ':');
	struct piece value = trim(line);
	int n;

	if (name.len == 0 || name.at + name.len == line.at || *name.at == ' ' ||
	    *name.at == '\t' || name.at[name.len - 1] == ' ') {
		refuse(r, 400);
	} else if (is_nocase(name, "connection")) {
		read_connection(value, r);
	} else if (is_nocase(name, "content-length")) {
		n = number(value, BODY_BYTES_MAX);
		if (n == -1)
			refuse(r, 413);
		else if (r->body_bytes != 0 && r->body_bytes != (size_t)n)
			refuse(r, 400);
		else
			r->body_bytes = (size_t)n;
	} else if (is_nocase(name, "transfer-encoding")) {
		refuse(r, 501); /* we do not speak it */
	}
}

static struct piece
cut_line(struct piece *head)
{
	struct piece line = cut(head, '\n');

	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

size_t
request_parse(const char *data, size_t len, struct request *r)
{
	struct piece head = { data, len };
	const char *end = memmem(data, len, "\r\n\r\n", 4);
	struct piece line;

	*r = (struct request){ .status = 200, .exit_code = -1 };
	if (end == NULL) {
		if (len < HEAD_BYTES_MAX)
			return 0;
		refuse(r, 431);
		return len;
	}
	head.len = (size_t)(end + 2 - data);
	read_first_line(cut_line(&head), r);
	while (head.len > 0) {
		line = cut_line(&head);
		read_header(line, r);
	}
	return (size_t)(end + 4 - data);
}

/* ---- answer ------------------------------------------------------------ */

/* clang-format off */
static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 413, "Content Too Large" },
	{ 431, "Request Header Fields Too Large" },
	{ 501, "Not Implemented" },
	{ 505, "HTTP Version Not Supported" },
};
/* clang-format on */

static const char *
reason_of(int status)
{
	size_t i;

	for (i = 0; i < COUNT(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Unknown";
}

size_t
answer_write(char out[ANSWER_BYTES_MAX], const struct request *r,
    const char *text, bool close, time_t now)
{
	const char *reason = reason_of(r->status);
	char date[32], own[64];
	struct tm tm;
	int n;

	if (r->status != 200) {
		snprintf(own, sizeof(own), "%d %s\n", r->status, reason);
		text = own;
	}
	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%a, %d %b %Y %T GMT", &tm);
	n = snprintf(out, ANSWER_BYTES_MAX,
	    "HTTP/1.1 %d %s\r\n"
	    "Date: %s\r\n"
	    "Content-Type: text/plain\r\n"
	    "Content-Length: %zu\r\n"
	    "%s%s\r\n%s",
	    r->status, reason, date, strlen(text),
	    r->status == 405 ? "Allow: GET, HEAD, POST\r\n" : "",
	    close ? "Connection: close\r\n" : "", r->head_only ? "" : text);
	return n < 0 ? 0 : (size_t)n;
}
