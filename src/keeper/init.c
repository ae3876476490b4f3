/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.c - what the service manager gives us.
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/limits.h>
#include <clusterd/log.h>
#include <clusterd/order.h>

#include "store.h"

enum {
	LISTEN_FIRST = 3, /* SD_LISTEN_FDS_START */
	ABOVE = 32,	  /* out of the way of the numbers in order.h */
};

/* clang-format off */
static const char *const variables[] = {
	"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID",
	"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
};
/* clang-format on */

/* The variable as a number; -1 when it is not set, or not a number. */
static int64_t
env_number(const char *name)
{
	const char *text = getenv(name);
	long long n;
	char *end;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	n = strtoll(text, &end, 10);
	return *end != '\0' || errno != 0 ? -1 : n;
}

/* `name`, cut at ':', made unique within the store. */
static void
choose_name(const struct store *store, const char *name, char *out, size_t size)
{
	size_t len = strcspn(name, ":");
	int n;

	if (len == 0) {
		name = "unknown"; /* as sd_listen_fds_with_names(3) */
		len = strlen(name);
	}
	snprintf(out, size, HELD_SYSTEMD "%.*s", (int)len, name);
	for (n = 2; store_find(store, out) != NULL; n++)
		snprintf(out, size, HELD_SYSTEMD "%.*s:%d", (int)len, name, n);
}

static int
take_one(struct store *store, int from, const char *name)
{
	char key[HELD_NAME_MAX];
	int fd = fcntl(from, F_DUPFD_CLOEXEC, ABOVE), rc;

	if (fd == -1) {
		rc = -errno;
		log_error(
		    "descriptor %d of LISTEN_FDS: %s", from, strerror(-rc));
		return rc;
	}
	close(from);
	choose_name(store, name, key, sizeof(key));
	rc = store_hold(store, key, fd);
	if (rc < 0) {
		log_error("LISTEN_FDS gives more than %d sockets", HELD_MAX);
		close(fd);
	}
	return rc;
}

static int
take_sockets(struct store *store, int n)
{
	const char *names = getenv("LISTEN_FDNAMES");
	int rc = 0;

	if (names == NULL)
		names = "";
	for (int i = 0; i < n && rc == 0; i++) {
		rc = take_one(store, LISTEN_FIRST + i, names);
		names += strcspn(names, ":");
		names += *names == ':';
	}
	return rc;
}

/* NOTIFY_SOCKET: a path, or '@' and an abstract name. */
static int
open_notify(struct init *in, const char *path)
{
	size_t len = strlen(path);

	in->notify = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len < 2 || len >= sizeof(in->notify.sun_path) ||
	    (path[0] != '/' && path[0] != '@')) {
		log_warning("NOTIFY_SOCKET=%s is not a unix socket address: "
			    "nothing will be notified",
		    path);
		return 0;
	}
	memcpy(in->notify.sun_path, path, len);
	in->notify_len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	if (path[0] == '@')
		in->notify.sun_path[0] = '\0';
	in->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (in->notify_fd != -1)
		return 0;
	log_error("cannot open a socket for notifications: %m");
	return -errno;
}

int
init_take(struct init *in, struct store *store)
{
	int64_t n = env_number("LISTEN_FDS"), watchdog_us, pid;
	const char *notify = getenv("NOTIFY_SOCKET");
	int rc = 0;

	*in = (struct init){ .notify_fd = -1 };
	if (n < 0 || n > HELD_MAX || env_number("LISTEN_PID") != getpid())
		n = 0;
	close_range(LISTEN_FIRST + (unsigned)n, ~0U, 0);
	rc = take_sockets(store, (int)n);
	if (rc == 0 && notify != NULL && notify[0] != '\0')
		rc = open_notify(in, notify);
	watchdog_us = env_number("WATCHDOG_USEC");
	pid = env_number("WATCHDOG_PID");
	if (watchdog_us > 0 && (pid == -1 || pid == getpid()))
		in->watchdog_us = watchdog_us;
	for (size_t i = 0; i < COUNT(variables); i++)
		unsetenv(variables[i]);
	return rc;
}

void
init_notify(const struct init *in, const char *text)
{
	ssize_t n;

	if (in->notify_fd == -1)
		return;
	/* A full queue drops it: to wait for init would stop the reaping. */
	do
		n = sendto(in->notify_fd, text, strlen(text),
		    MSG_NOSIGNAL | MSG_DONTWAIT,
		    (const struct sockaddr *)&in->notify, in->notify_len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		log_warning("cannot notify init of \"%s\": %m", text);
}

void
init_close(struct init *in)
{
	if (in->notify_fd != -1)
		close(in->notify_fd);
	in->notify_fd = -1;
}
