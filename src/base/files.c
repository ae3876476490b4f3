/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.c - whole files and paths.
 */
#include <clusterd/files.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* True if a byte can be read at `offset`: the file is longer than that. */
static bool
has_more(int fd, size_t offset)
{
	char c;

	return pread(fd, &c, 1, (off_t)offset) == 1;
}

static int
read_all(int fd, struct buf *b)
{
	size_t offset = 0, room;
	ssize_t n;
	int rc;

	for (;;) {
		room = b->max - b->len;
		if (room == 0)
			return has_more(fd, offset) ? -EFBIG : 0;
		if (room > 16384)
			room = 16384;
		rc = buf_reserve(b, room);
		if (rc < 0)
			return rc;
		n = pread(fd, b->data + b->len, room, (off_t)offset);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -errno;
		if (n == 0)
			return 0;
		b->len += (size_t)n;
		offset += (size_t)n;
	}
}

int
file_read_fd(int fd, struct buf *b)
{
	size_t before = b->len;
	struct stat st;
	int rc;

	if (fstat(fd, &st) == -1)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > 0 && (size_t)st.st_size > b->max - b->len)
		return -EFBIG;
	rc = read_all(fd, b);
	if (rc < 0)
		b->len = before;
	if (b->len == 0)
		buf_consume(b, 0); /* gives back what was reserved */
	return rc;
}

int
file_read(const char *path, struct buf *b)
{
	/* O_NONBLOCK: a fifo must not hang us before it is refused. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc;

	if (fd == -1)
		return -errno;
	rc = file_read_fd(fd, b);
	close(fd);
	return rc;
}

static int
make_dir(const char *path, mode_t mode)
{
	struct stat st;
	int rc;

	if (mkdir(path, mode) == 0)
		return 0;
	rc = -errno;
	/* On a read-only or foreign parent the error may hide that it exists.
	 */
	if (stat(path, &st) == -1)
		return rc;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int
file_mkdirs(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	int rc;

	if (len == 0)
		return -ENOENT;
	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i < len; i++) {
		if (path[i] != '/' || path[i - 1] == '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		rc = make_dir(part, mode);
		if (rc < 0)
			return rc;
	}
	return make_dir(path, mode);
}

int
path_join(const char *base, const char *path, char *out, size_t size)
{
	size_t len = strlen(base);
	int n;

	if (path[0] == '/') {
		n = snprintf(out, size, "%s", path);
	} else {
		while (path[0] == '.' && path[1] == '/') {
			path += 2;
			path += strspn(path, "/");
		}
		n = snprintf(out, size, "%s%s%s", base,
		    len > 0 && base[len - 1] == '/' ? "" : "/", path);
	}
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* 0, -ENOENT (not there, not a regular file), -EACCES (not executable). */
static int
check_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno == EACCES ? -EACCES : -ENOENT;
	if (!S_ISREG(st.st_mode))
		return -ENOENT;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : -EACCES;
}

/* One entry of a PATH, `len` bytes at `dir`: an empty one is `cwd` itself. */
static int
try_entry(const char *dir, size_t len, const char *name, const char *cwd,
    char *out, size_t size)
{
	char entry[PATH_MAX], folder[PATH_MAX];

	if (len >= sizeof(entry))
		return -ENOENT;
	memcpy(entry, dir, len);
	entry[len] = '\0';
	if (len == 0)
		snprintf(folder, sizeof(folder), "%s", cwd);
	else if (path_join(cwd, entry, folder, sizeof(folder)) < 0)
		return -ENOENT;
	if (path_join(folder, name, out, size) < 0)
		return -ENOENT;
	return check_executable(out);
}

int
path_search(const char *name, const char *search, const char *cwd, char *out,
    size_t size)
{
	char denied[PATH_MAX] = "";
	int rc;

	if (name[0] == '\0')
		return -ENOENT;
	if (strchr(name, '/') != NULL) {
		rc = path_join(cwd, name, out, size);
		return rc < 0 ? rc : check_executable(out);
	}
	if (search == NULL)
		search = "/usr/local/bin:/usr/bin:/bin";
	for (const char *p = search;; p++) {
		size_t len = strcspn(p, ":");

		rc = try_entry(p, len, name, cwd, out, size);
		if (rc == 0)
			return 0;
		if (rc == -EACCES && denied[0] == '\0')
			snprintf(denied, sizeof(denied), "%s", out);
		p += len;
		if (*p == '\0')
			break;
	}
	if (denied[0] == '\0')
		return -ENOENT;
	snprintf(out, size, "%s", denied);
	return -EACCES;
}
