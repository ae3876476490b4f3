/* SPDX-License-Identifier: Apache-2.0 */
/*
 * daemon.c - into the background, with a parent that waits for the outcome.
 *
 * The daemon and its children write to the log file from the first line on; the
 * parent copies from there, so that the caller reads it too and yet no process
 * that stays keeps the caller's terminal.
 */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clusterd/files.h>
#include <clusterd/log.h>

enum { COPY_EVERY_MS = 50 };

/* What has been added to the log since `*offset`. */
static void
copy_log(int fd, off_t *offset)
{
	char bytes[4096];
	ssize_t n;

	while ((n = pread(fd, bytes, sizeof(bytes), *offset)) > 0) {
		*offset += n;
		if (write(STDERR_FILENO, bytes, (size_t)n) == -1)
			return;
	}
}

/* The daemon's exit status; it closed its end without having told one. */
static int
wait_daemon(pid_t pid)
{
	int wait_status;

	while (waitpid(pid, &wait_status, 0) == -1) {
		if (errno != EINTR)
			return 1;
	}
	if (WIFEXITED(wait_status))
		return WEXITSTATUS(wait_status);
	fprintf(stderr, "clusterd: the daemon was killed by signal %d\n",
	    WTERMSIG(wait_status));
	return 1;
}

static _Noreturn void
be_parent(pid_t pid, int status_fd, int log_fd, off_t offset)
{
	struct pollfd p = { .fd = status_fd, .events = POLLIN };
	unsigned char status;
	ssize_t n;

	while (poll(&p, 1, COPY_EVERY_MS) <= 0)
		copy_log(log_fd, &offset);
	n = read(status_fd, &status, 1);
	if (n != 1)
		status = (unsigned char)wait_daemon(pid);
	copy_log(log_fd, &offset);
	_exit(status);
}

static int
open_log(const char *path)
{
	char folder[4096];
	char *slash;
	int fd, rc = 0;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash != NULL && slash != folder) {
		*slash = '\0';
		rc = file_mkdirs(folder, 0750);
	}
	fd = rc < 0 ? -1
		    : open(path,
			  O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
			  0640);
	if (fd != -1)
		return fd;
	rc = rc < 0 ? rc : -errno;
	log_error("cannot open the log file %s: %s; name another with "
		  "--log-file",
	    path, strerror(-rc));
	return rc;
}

static void
be_daemon(int log_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log_fd, STDERR_FILENO);
	close(null);
	close(log_fd);
}

int
daemon_start(const char *log_file)
{
	int ends[2], log_fd, rc;
	off_t offset;
	pid_t pid;

	log_fd = open_log(log_file);
	if (log_fd < 0)
		return log_fd;
	offset = lseek(log_fd, 0, SEEK_END);
	if (pipe2(ends, O_CLOEXEC) == -1) {
		rc = -errno;
		goto fail;
	}
	pid = fork();
	if (pid == -1) {
		rc = -errno;
		close(ends[0]);
		close(ends[1]);
		goto fail;
	}
	if (pid > 0) {
		close(ends[1]);
		be_parent(pid, ends[0], log_fd, offset < 0 ? 0 : offset);
	}
	close(ends[0]);
	be_daemon(log_fd);
	return ends[1];
fail:
	log_error("cannot go to the background: %s", strerror(-rc));
	close(log_fd);
	return rc;
}

void
daemon_tell(int fd, int status)
{
	unsigned char byte = (unsigned char)status;

	if (write(fd, &byte, 1) == -1)
		log_debug("nobody waits for the exit status any more");
	close(fd);
}
