/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rpc_client.c - the client's side of the control protocol, blocking.
 *
 * Nothing is kept between calls: a line is peeked at before it is taken, so
 * that what follows an answer stays in the socket for the next call.
 */
#include <clusterd/rpc.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <clusterd/limits.h>

enum { PEEK_BYTES = 64 * 1024 };

int
rpc_connect(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd, rc;

	if (len == 0 || len >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -errno;
	while (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1) {
		if (errno == EINTR)
			continue;
		rc = -errno;
		close(fd);
		return rc;
	}
	return fd;
}

/* Until the socket is ready for `events`. 0, -ETIMEDOUT or -errno. */
static int
wait_for(int sock, short events, int timeout_ms)
{
	struct pollfd p = { .fd = sock, .events = events };
	int n;

	do
		n = poll(&p, 1, timeout_ms > 0 ? timeout_ms : -1);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

static int
send_all(int sock, const char *data, size_t len, int timeout_ms)
{
	ssize_t n;
	int rc;

	while (len > 0) {
		n = send(sock, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n >= 0) {
			data += n;
			len -= (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		rc = wait_for(sock, POLLOUT, timeout_ms);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Take the next bytes, at most up to a '\n'. Bytes; 0: nothing yet; -errno. */
static ssize_t
take_some(int sock, struct buf *line)
{
	ssize_t n, taken;
	char *nl;
	int rc;

	rc = buf_reserve(line, PEEK_BYTES);
	if (rc != 0)
		return rc == -ENOBUFS ? -EPROTO : rc;
	n = recv(
	    sock, line->data + line->len, PEEK_BYTES, MSG_PEEK | MSG_DONTWAIT);
	if (n == 0)
		return -EPIPE;
	if (n > 0) {
		nl = memchr(line->data + line->len, '\n', (size_t)n);
		if (nl != NULL)
			n = nl + 1 - (line->data + line->len);
		taken =
		    recv(sock, line->data + line->len, (size_t)n, MSG_DONTWAIT);
		n = taken;
	}
	if (n == -1) {
		if (errno == ECONNRESET)
			return -EPIPE;
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	}
	line->len += (size_t)n;
	return n;
}

/* One line with its '\n', appended to the empty `line`. 0 or -errno. */
static int
read_line(int sock, struct buf *line, int timeout_ms)
{
	ssize_t n;
	int rc;

	for (;;) {
		n = take_some(sock, line);
		if (n < 0)
			return (int)n;
		if (n == 0) {
			rc = wait_for(sock, POLLIN, timeout_ms);
			if (rc != 0)
				return rc;
		} else if (line->data[line->len - 1] == '\n') {
			return 0;
		}
	}
}

/* An object of the protocol, or NULL. */
static json_t *
read_object(const struct buf *line)
{
	json_error_t error;
	json_t *root =
	    json_loadb(line->data, line->len, JSON_REJECT_DUPLICATES, &error);

	if (!json_is_object(root)) {
		json_decref(root);
		return NULL;
	}
	return root;
}

/*
 * 0 or 1: `root` is the answer, see rpc_call(); -EAGAIN: it was an event.
 */
static int
handle_object(json_t *root, void (*on_event)(const char *, json_t *, void *),
    void *arg, json_t **result)
{
	const char *method = json_string_value(json_object_get(root, "method"));
	json_t *error = json_object_get(root, "error");
	json_t *value = json_object_get(root, "result");

	if (method != NULL) {
		if (on_event != NULL)
			on_event(method, json_object_get(root, "params"), arg);
		return -EAGAIN;
	}
	if (json_is_object(error)) {
		*result = json_incref(error);
		return 1;
	}
	if (value == NULL)
		return -EPROTO;
	*result = json_incref(value);
	return 0;
}

static int
read_answer(int sock, int timeout_ms,
    void (*on_event)(const char *, json_t *, void *), void *arg,
    json_t **result)
{
	struct buf line;
	json_t *root;
	int rc;

	buf_init(&line, RPC_QUEUE_MAX + PEEK_BYTES);
	do {
		rc = read_line(sock, &line, timeout_ms);
		if (rc != 0)
			break;
		root = read_object(&line);
		rc = root == NULL ? -EPROTO
				  : handle_object(root, on_event, arg, result);
		json_decref(root);
		buf_consume(&line, line.len);
	} while (rc == -EAGAIN);
	buf_fini(&line);
	return rc;
}

int
rpc_call(int sock, const char *method, json_t *params, int timeout_ms,
    void (*on_event)(const char *method, json_t *params, void *arg), void *arg,
    json_t **result)
{
	struct buf line;
	int rc;

	*result = NULL;
	buf_init(&line, RPC_LINE_MAX);
	rc = rpc_write_request(&line, 1, method, params);
	if (rc == 0)
		rc = send_all(sock, line.data, line.len, timeout_ms);
	buf_fini(&line);
	if (rc != 0 && rc != -EPIPE)
		return rc;
	/* A server that refuses us answers first and then goes away. */
	return read_answer(sock, timeout_ms, on_event, arg, result);
}
