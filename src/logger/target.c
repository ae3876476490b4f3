/* SPDX-License-Identifier: Apache-2.0 */
/*
 * target.c - open what the path of a log file names.
 *
 * A regular file as a rule, but also /dev/stdout in a container: a terminal, a
 * pipe, or (under systemd) a socket, which no open(2) opens.
 */
#include "logger/target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/files.h>
#include <clusterd/loglink.h>

static int
make_parent(const char *path)
{
	char dir[LOG_PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return 0;
	if ((size_t)(slash - path) >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = '\0';
	return file_mkdirs(dir, 0750);
}

/*
 * A writer that was killed in the middle of a write leaves half a line. End it,
 * so that it does not take our first one with it.
 */
static void
end_torn_line(int fd, const char *path)
{
	struct stat st;
	char last = '\n';
	int reader;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return;
	reader = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (reader < 0)
		return;
	if (pread(reader, &last, 1, st.st_size - 1) == 1 && last != '\n')
		(void)!write(fd, "\n", 1);
	close(reader);
}

int
target_open(const char *path)
{
	int rc, fd;

	rc = make_parent(path);
	if (rc < 0)
		return rc;
	fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
	    0640);
	if (fd >= 0) {
		end_torn_line(fd, path);
		return fd;
	}
	rc = -errno;
	if (rc == -ENXIO && strcmp(path, "/dev/stdout") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	else if (rc == -ENXIO && strcmp(path, "/dev/stderr") == 0)
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	return fd >= 0 ? fd : rc;
}
