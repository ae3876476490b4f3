/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.c - sd_notify(3) datagrams of workers: bind, receive, parse.
 */
#include <clusterd/notify.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "text.h"

enum {
	DATAGRAM_BYTES = 8 * 1024, /* twice what systemd takes */
	DATAGRAM_FDS = 16,
};

/* ---- text -------------------------------------------------------------- */

enum field_type { FLAG, NUMBER, TEXT };

/* clang-format off */
#define FIELD(member) offsetof(struct notify_message, member)

static const struct {
	const char *name;
	enum field_type type;
	size_t offset;
} fields[] = {
	{ "EXTEND_TIMEOUT_USEC", NUMBER, FIELD(extend_timeout_us) },
	{ "MAINPID",		 NUMBER, FIELD(main_pid) },
	{ "READY",		 FLAG,	 FIELD(ready) },
	{ "RELOADING",		 FLAG,	 FIELD(reloading) },
	{ "STATUS",		 TEXT,	 FIELD(status) },
	{ "STOPPING",		 FLAG,	 FIELD(stopping) },
	{ "WATCHDOG",		 FLAG,	 FIELD(watchdog) },
};
/* clang-format on */

/* Digits only; what does not fit is as if it had not been said. */
static void
set_number(int64_t *number, const char *value, size_t len)
{
	int64_t n = 0;
	size_t i;

	if (len == 0)
		return;
	for (i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		if (n > (INT64_MAX - 9) / 10)
			return;
		n = n * 10 + (value[i] - '0');
	}
	*number = n;
}

/* Cut to fit, never inside a UTF-8 character. */
static void
set_text(char *text, size_t size, const char *value, size_t len)
{
	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)value[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(text, value, len);
	text_make_printable(text, len);
	text[len] = '\0';
}

static void
set_field(struct notify_message *m, size_t field, const char *value, size_t len)
{
	void *at = (char *)m + fields[field].offset;

	switch (fields[field].type) {
	case FLAG:
		if (len == 1 && *value == '1')
			*(bool *)at = true;
		break;
	case NUMBER:
		set_number(at, value, len);
		break;
	case TEXT:
		set_text(at, sizeof(m->status), value, len);
		break;
	}
}

static void
parse_line(const char *line, size_t len, struct notify_message *m)
{
	const char *eq = memchr(line, '=', len);
	size_t i, name_len;

	if (eq == NULL)
		return;
	name_len = (size_t)(eq - line);
	for (i = 0; i < COUNT(fields); i++) {
		if (strlen(fields[i].name) == name_len &&
		    memcmp(fields[i].name, line, name_len) == 0)
			set_field(m, i, eq + 1, len - name_len - 1);
	}
}

void
notify_parse(const char *text, size_t len, struct notify_message *m)
{
	const char *end = text + len;
	const char *nl;

	memset(m, 0, sizeof(*m));
	m->extend_timeout_us = -1;
	while (text < end) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (nl == NULL)
			nl = end;
		parse_line(text, (size_t)(nl - text), m);
		text = nl + 1;
	}
}

/* ---- socket ------------------------------------------------------------ */

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(struct ucred)) +
		   CMSG_SPACE(DATAGRAM_FDS * sizeof(int))];
};

struct received_fds {
	int fd[DATAGRAM_FDS];
	size_t n;
};

static void
read_control(struct msghdr *msg, pid_t *sender, struct received_fds *fds)
{
	struct cmsghdr *c;
	struct ucred cred;
	size_t len;

	*sender = 0;
	fds->n = 0;
	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		len = c->cmsg_len - CMSG_LEN(0);
		if (c->cmsg_type == SCM_CREDENTIALS && len == sizeof(cred)) {
			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
			*sender = cred.pid;
		}
		if (c->cmsg_type == SCM_RIGHTS && len <= sizeof(fds->fd)) {
			memcpy(fds->fd, CMSG_DATA(c), len);
			fds->n = len / sizeof(int);
		}
	}
}

int
notify_recv(int sock, struct notify_message *m, pid_t *sender)
{
	char text[DATAGRAM_BYTES];
	union control control;
	struct received_fds fds;
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) };
	struct msghdr msg;
	ssize_t n;

	do {
		memset(&msg, 0, sizeof(msg));
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		n = recvmsg(sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno == EAGAIN ? 0 : -errno;
	read_control(&msg, sender, &fds);
	/* A cut datagram may end inside a value: believe none of it. */
	notify_parse(text, (msg.msg_flags & MSG_TRUNC) ? 0 : (size_t)n, m);
	while (fds.n > 0)
		close(fds.fd[--fds.n]);
	return 1;
}

/* What an earlier clusterd left behind; anything but a socket stays. */
static void
remove_stale(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
}

int
notify_bind(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int on = 1;
	int fd, rc;

	if (len == 0 || len >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == -1)
		goto fail;
	remove_stale(path);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1)
		goto fail;
	/* Workers may run as another user; the kernel says who they are. */
	if (chmod(path, 0666) == -1) {
		rc = -errno;
		(void)unlink(path);
		close(fd);
		return rc;
	}
	return fd;
fail:
	rc = -errno;
	close(fd);
	return rc;
}
