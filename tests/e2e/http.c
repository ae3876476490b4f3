/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.c - reading one HTTP/1.1 answer, in whatever pieces it comes.
 */
#include "http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

/* Where a chunked body is: inside a size line, data, the CRLF after, trailer.
 */
enum chunk_state {
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_DATA,
	CHUNK_DATA_END,
	CHUNK_TRAILER_START,
	CHUNK_TRAILER,
	CHUNK_LAST_LF,
	CHUNK_OVER,
};

static int
parse_unix(const char *name, struct sockaddr_storage *addr, socklen_t *addr_len)
{
	struct sockaddr_un *un = (struct sockaddr_un *)addr;
	size_t len = strlen(name);

	if (len == 0 || len >= sizeof(un->sun_path))
		return -1;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, len + 1);
	if (name[0] == '@')
		un->sun_path[0] = '\0';
	*addr_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
				(name[0] == '@' ? 0 : 1));
	return 0;
}

static int
parse_inet(const char *host, int port, struct sockaddr_storage *addr,
    socklen_t *addr_len)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;

	if (port < 1 || port > 65535)
		return -1;
	if (inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		*addr_len = sizeof(*in);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		*addr_len = sizeof(*in6);
		return 0;
	}
	return -1;
}

int
http_parse_url(const char *url, struct sockaddr_storage *addr,
    socklen_t *addr_len, char *path, size_t path_size)
{
	char host[64];
	int port = 80, n = 0;

	memset(addr, 0, sizeof(*addr));
	snprintf(path, path_size, "/");
	if (strncmp(url, "unix:", 5) == 0)
		return parse_unix(url + 5, addr, addr_len);
	if (sscanf(url, "http://[%63[0-9a-fA-F:.]]:%d%n", host, &port, &n) !=
		2 &&
	    sscanf(url, "http://%63[0-9.]:%d%n", host, &port, &n) != 2)
		return -1;
	if (url[n] == '/')
		snprintf(path, path_size, "%s", url + n);
	else if (url[n] != '\0')
		return -1;
	return parse_inet(host, port, addr, addr_len);
}

void
http_reply_init(struct http_reply *r)
{
	memset(r, 0, offsetof(struct http_reply, head));
	r->keep_alive = true;
	r->left = -1;
}

static const char *
header(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " \t");
}

static void
read_header(struct http_reply *r, const char *line)
{
	const char *value;

	if ((value = header(line, "content-length")) != NULL)
		r->left = strtoll(value, NULL, 10);
	else if ((value = header(line, "transfer-encoding")) != NULL)
		r->chunked = strncasecmp(value, "chunked", 7) == 0;
	else if ((value = header(line, "connection")) != NULL)
		r->keep_alive = strncasecmp(value, "close", 5) != 0;
	else if ((value = header(line, "x-pid")) != NULL)
		r->pid = strtol(value, NULL, 10);
}

/* The head is whole, NUL-terminated in r->head. */
static void
read_head(struct http_reply *r)
{
	char *save = NULL, *line = strtok_r(r->head, "\r\n", &save);
	int minor = 0;

	if (line == NULL ||
	    sscanf(line, "HTTP/1.%d %d", &minor, &r->status) != 2) {
		r->bad = true;
		return;
	}
	r->keep_alive = minor > 0;
	while ((line = strtok_r(NULL, "\r\n", &save)) != NULL)
		read_header(r, line);
	if (r->status == 204 || r->status == 304)
		r->left = 0;
	r->until_end = !r->chunked && r->left < 0;
	if (r->until_end)
		r->keep_alive = false;
	r->head_done = true;
}

/* Takes bytes into the head; returns how many were its own. */
static size_t
feed_head(struct http_reply *r, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (r->head_len == HTTP_HEAD_MAX - 1) {
			r->bad = true;
			return len;
		}
		r->head[r->head_len++] = data[i];
		if (data[i] != '\n' || r->head_len < 4 ||
		    memcmp(r->head + r->head_len - 4, "\r\n\r\n", 4) != 0)
			continue;
		r->head[r->head_len] = '\0';
		read_head(r);
		if (r->status >= 100 && r->status < 200) {
			r->head_done = false; /* the real answer follows */
			r->head_len = 0;
			r->left = -1;
			continue;
		}
		return i + 1;
	}
	return len;
}

static void
keep_body(struct http_reply *r, const char *data, size_t len)
{
	size_t room = HTTP_BODY_KEPT - r->kept_len;

	if (len > room)
		len = room;
	memcpy(r->kept + r->kept_len, data, len);
	r->kept_len += len;
}

/* One byte of a chunked body that is not chunk data. */
static void
feed_chunk_byte(struct http_reply *r, char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;

	switch ((enum chunk_state)r->chunk_state) {
	case CHUNK_SIZE:
		digit = c ? strchr(digits, c | 0x20) : NULL;
		if (c != '\r' && c != '\n' && digit != NULL) {
			r->left =
			    (r->left < 0 ? 0 : r->left) * 16 + (digit - digits);
			break;
		}
		r->chunk_state = CHUNK_EXTENSION;
		/* fall through */
	case CHUNK_EXTENSION:
		if (c == '\n')
			r->chunk_state =
			    r->left > 0 ? CHUNK_DATA : CHUNK_TRAILER_START;
		break;
	case CHUNK_DATA_END:
		if (c == '\n') {
			r->chunk_state = CHUNK_SIZE;
			r->left = -1;
		}
		break;
	case CHUNK_TRAILER_START:
		r->chunk_state = c == '\r' ? CHUNK_LAST_LF : CHUNK_TRAILER;
		break;
	case CHUNK_TRAILER:
		if (c == '\n')
			r->chunk_state = CHUNK_TRAILER_START;
		break;
	case CHUNK_LAST_LF:
		r->chunk_state = CHUNK_OVER;
		break;
	case CHUNK_DATA:
	case CHUNK_OVER:
		r->bad = true;
	}
}

static size_t
feed_data(struct http_reply *r, const char *data, size_t len)
{
	size_t take = (int64_t)len > r->left ? (size_t)r->left : len;

	keep_body(r, data, take);
	r->left -= (int64_t)take;
	return take;
}

static enum http_fed
feed_chunked(struct http_reply *r, const char *data, size_t len)
{
	size_t i = 0;

	while (i < len && !r->bad) {
		if (r->chunk_state != CHUNK_DATA) {
			feed_chunk_byte(r, data[i++]);
			continue;
		}
		i += feed_data(r, data + i, len - i);
		if (r->left == 0)
			r->chunk_state = CHUNK_DATA_END;
	}
	if (r->bad)
		return HTTP_BROKEN;
	return r->chunk_state == CHUNK_OVER ? HTTP_WHOLE : HTTP_MORE;
}

static enum http_fed
feed_body(struct http_reply *r, const char *data, size_t len, bool ended)
{
	size_t taken;

	if (r->chunked)
		return feed_chunked(r, data, len);
	if (r->until_end) {
		keep_body(r, data, len);
		return ended ? HTTP_WHOLE : HTTP_MORE;
	}
	taken = feed_data(r, data, len);
	if (taken < len)
		return HTTP_BROKEN;
	return r->left == 0 ? HTTP_WHOLE : HTTP_MORE;
}

static void
find_pid(struct http_reply *r)
{
	const char *at;

	r->kept[r->kept_len] = '\0';
	if (r->pid == 0 && (at = strstr(r->kept, "pid ")) != NULL)
		r->pid = strtol(at + 4, NULL, 10);
}

enum http_fed
http_reply_feed(struct http_reply *r, const char *data, size_t len)
{
	bool ended = len == 0;
	enum http_fed fed;
	size_t used = 0;

	r->bytes += len;
	if (!r->head_done && !ended)
		used = feed_head(r, data, len);
	if (r->bad)
		return HTTP_BROKEN;
	if (!r->head_done)
		return HTTP_MORE;
	fed = feed_body(r, data + used, len - used, ended);
	if (fed == HTTP_WHOLE)
		find_pid(r);
	return fed;
}
