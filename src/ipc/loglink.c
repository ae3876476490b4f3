/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loglink.c - one message from the master to the logger.
 */
#include <clusterd/loglink.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <clusterd/fdpass.h>

int
loglink_send(int sock, const struct log_message *m, const int *fds, size_t nfds)
{
	ssize_t n = fdpass_send(sock, m, sizeof(*m), fds, nfds);

	return n < 0 ? (int)n : 0; /* SOCK_SEQPACKET: all of it or nothing */
}

static bool
is_text(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL;
}

static bool
is_path(const char *s, size_t size)
{
	return is_text(s, size) && (s[0] == '\0' || s[0] == '/');
}

static bool
holds_together(const struct log_message *m, size_t nfds)
{
	if (m->type == LOG_REOPEN)
		return nfds == 0;
	return m->type == LOG_WORKER && (nfds == 0 || nfds == 2) &&
	       m->index < WORKERS_MAX && m->uid != 0 && m->pid >= 0 &&
	       (m->format == LOG_JSON || m->format == LOG_RAW) &&
	       is_text(m->app, sizeof(m->app)) &&
	       is_path(m->out_file, sizeof(m->out_file)) &&
	       is_path(m->error_file, sizeof(m->error_file)) &&
	       is_path(m->log_file, sizeof(m->log_file)) &&
	       is_text(m->time_format, sizeof(m->time_format));
}

int
loglink_recv(int sock, struct log_message *m, int *fds, size_t *nfds)
{
	size_t room = *nfds;
	ssize_t n = fdpass_recv(sock, m, sizeof(*m), fds, nfds);

	if (n == -ECONNRESET) { /* as in order_recv() */
		*nfds = room;
		n = fdpass_recv(sock, m, sizeof(*m), fds, nfds);
	}
	if (n == 0 && *nfds == 0)
		return 0;
	if (n < 0)
		return n == -EMSGSIZE ? -EPROTO : (int)n;
	if ((size_t)n != sizeof(*m) || !holds_together(m, *nfds)) {
		fdpass_close(fds, *nfds);
		*nfds = 0;
		return -EPROTO;
	}
	return 1;
}
