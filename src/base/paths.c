/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths.c - where clusterd's own things are.
 */
#include <clusterd/paths.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* A variable that is set to something, else NULL. */
static const char *
env_text(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* The same for one that must be an absolute path to count (XDG). */
static const char *
env_path(const char *name)
{
	const char *value = env_text(name);

	return value != NULL && value[0] == '/' ? value : NULL;
}

static int put(char *out, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);

static int
put(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, size, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int
paths_control_socket(char *out, size_t size)
{
	const char *path = env_text("CLUSTERD_SOCKET");
	const char *run = env_path("XDG_RUNTIME_DIR");

	if (size > sizeof(((struct sockaddr_un *)0)->sun_path))
		size = sizeof(((struct sockaddr_un *)0)->sun_path);
	if (path != NULL)
		return put(out, size, "%s", path);
	if (geteuid() == 0)
		return put(out, size, "/run/clusterd/clusterd.sock");
	if (run != NULL)
		return put(out, size, "%s/clusterd.sock", run);
	return put(
	    out, size, "/tmp/clusterd-%u/clusterd.sock", (unsigned)geteuid());
}

int
paths_log_dir(char *out, size_t size)
{
	const char *logs = env_path("LOGS_DIRECTORY");
	const char *state = env_path("XDG_STATE_HOME");
	const char *home = env_path("HOME");

	if (logs != NULL) /* may list several, ':' between them */
		return put(out, size, "%.*s", (int)strcspn(logs, ":"), logs);
	if (geteuid() == 0)
		return put(out, size, "/var/log/clusterd");
	if (state != NULL)
		return put(out, size, "%s/clusterd", state);
	if (home != NULL)
		return put(out, size, "%s/.local/state/clusterd", home);
	return -ENOENT;
}

int
paths_libexec(const char *name, char *out, size_t size)
{
	const char *dir = env_text("CLUSTERD_LIBEXECDIR");

	return put(
	    out, size, "%s/%s", dir != NULL ? dir : CLUSTERD_LIBEXECDIR, name);
}

int
paths_data(const char *name, char *out, size_t size)
{
	const char *dir = env_text("CLUSTERD_DATADIR");

	return put(
	    out, size, "%s/%s", dir != NULL ? dir : CLUSTERD_DATADIR, name);
}
