/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - as much of an HTTP/1.1 client as a load client needs: an address
 * from a URL, and an answer read piece by piece.
 */
#ifndef CLUSTERD_TESTS_HTTP_H
#define CLUSTERD_TESTS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * "http://127.0.0.1:80/x", "http://[::1]:80/", "unix:/run/x.sock",
 * "unix:@abstract" (asked for "/"). 0 or -1: not understood.
 */
int http_parse_url(const char *url, struct sockaddr_storage *addr,
    socklen_t *addr_len, char *path, size_t path_size);

enum { HTTP_HEAD_MAX = 8192, HTTP_BODY_KEPT = 64 };

struct http_reply {
	size_t bytes; /* of the answer so far: 0 until the first has come */
	int status;
	bool keep_alive;
	long pid; /* X-Pid, else the number behind "pid " in the body; 0 */

	/* private */
	bool head_done, chunked, until_end, bad;
	int64_t left; /* of the body, or of the chunk */
	int chunk_state;
	size_t head_len, kept_len;
	char head[HTTP_HEAD_MAX];
	char kept[HTTP_BODY_KEPT + 1];
};

enum http_fed { HTTP_MORE, HTTP_WHOLE, HTTP_BROKEN };

void http_reply_init(struct http_reply *r);

/* `len` bytes that came, 0 at the end. Bytes behind the answer are HTTP_BROKEN.
 */
enum http_fed http_reply_feed(
    struct http_reply *r, const char *data, size_t len);

#endif
