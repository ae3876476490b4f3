/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.c - lines that are added to files, as they come.
 *
 * inotify on the folders says when to look; what to do is found by looking: at
 * the open file, and at what its path names now.
 */
#include "ctl/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, EVENT_BYTES = 16 * 1024 };

static void
watch_folder(const struct follow *f, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder;

	if (f->notify < 0 || !slash)
		return;
	folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!folder)
		return;
	/* A folder watched already is not watched twice. */
	(void)inotify_add_watch(f->notify, folder,
	    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
		IN_ONLYDIR);
	free(folder);
}

void
follow_init(struct follow *f,
    void (*on_line)(void *arg, void *tag, const char *line, size_t len),
    void *arg)
{
	memset(f, 0, sizeof(*f));
	f->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	f->on_line = on_line;
	f->arg = arg;
}

void
follow_fini(struct follow *f)
{
	size_t i;

	for (i = 0; i < f->n_files; i++) {
		if (f->files[i].fd >= 0)
			close(f->files[i].fd);
		free(f->files[i].path);
		buf_fini(&f->files[i].held);
	}
	free(f->files);
	if (f->notify >= 0)
		close(f->notify);
}

static bool
is_own_output(const struct stat *st)
{
	struct stat own;
	int fd;

	for (fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &own) == 0 && own.st_dev == st->st_dev &&
		    own.st_ino == st->st_ino)
			return true;
	}
	return false;
}

int
follow_open(const char *path)
{
	struct stat st;
	int fd, rc = 0;

	if (stat(path, &st) == -1)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENODEV; /* not even opened: that may act on it */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == -1)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -ENODEV;
	else if (is_own_output(&st))
		rc = -EDEADLK;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

static void
set_fd(struct follow_file *file, int fd, off_t offset)
{
	struct stat st;

	file->fd = fd;
	file->offset = offset;
	if (fd >= 0 && fstat(fd, &st) == 0) {
		file->dev = st.st_dev;
		file->ino = st.st_ino;
	}
}

int
follow_add(struct follow *f, const char *path, void *tag, int fd, off_t offset)
{
	struct follow_file *files, *file;
	size_t i;

	for (i = 0; i < f->n_files; i++) {
		if (strcmp(f->files[i].path, path) != 0)
			continue;
		f->files[i].tag = tag;
		if (fd >= 0)
			close(fd);
		return 0;
	}
	files = realloc(f->files, (f->n_files + 1) * sizeof(*files));
	if (files)
		f->files = files;
	file = files ? &files[f->n_files] : NULL;
	if (file) {
		memset(file, 0, sizeof(*file));
		file->path = strdup(path);
	}
	if (!file || !file->path) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	file->tag = tag;
	buf_init(&file->held, FOLLOW_LINE_MAX);
	set_fd(file, fd, offset);
	f->n_files++;
	watch_folder(f, path);
	return 0;
}

static void
end_line(struct follow *f, struct follow_file *file)
{
	f->on_line(f->arg, file->tag, file->held.data ? file->held.data : "",
	    file->held.len);
	buf_consume(&file->held, file->held.len);
}

static void
take_bytes(
    struct follow *f, struct follow_file *file, const char *data, size_t len)
{
	const char *end = data + len, *nl;
	size_t n;

	while (data < end) {
		nl = memchr(data, '\n', (size_t)(end - data));
		n = (size_t)((nl ? nl : end) - data);
		if (nl && file->held.len == 0) {
			f->on_line(f->arg, file->tag, data, n);
		} else {
			if (buf_append(&file->held, data, n) != 0) {
				end_line(f, file);
				if (buf_append(&file->held, data, n) != 0)
					return; /* no memory */
			}
			if (nl)
				end_line(f, file);
		}
		data += n + (nl != NULL);
	}
}

/* Whether it was read to its end; else it is to be read on. */
static bool
read_new(struct follow *f, struct follow_file *file)
{
	char data[READ_BYTES];
	size_t taken = 0;
	struct stat st;
	ssize_t n;

	if (fstat(file->fd, &st) == 0 && st.st_size < file->offset) {
		file->offset = 0; /* truncated */
		buf_consume(&file->held, file->held.len);
	}
	while (taken < FOLLOW_TURN_BYTES) {
		n = pread(file->fd, data, sizeof(data), file->offset);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		file->offset += n;
		taken += (size_t)n;
		take_bytes(f, file, data, (size_t)n);
	}
	f->has_more = true;
	return false;
}

static void
check_file(struct follow *f, struct follow_file *file)
{
	struct stat st;
	int fd;

	if (file->fd >= 0 && !read_new(f, file))
		return;
	if (stat(file->path, &st) == -1)
		return; /* renamed, and not made anew yet */
	if (file->fd >= 0 && st.st_dev == file->dev && st.st_ino == file->ino)
		return;
	fd = follow_open(file->path);
	if (fd < 0)
		return;
	if (file->fd >= 0) {
		if (!read_new(f, file)) { /* last words before the rename */
			close(fd);
			return;
		}
		close(file->fd);
	}
	if (file->held.len > 0)
		end_line(f, file);
	set_fd(file, fd, 0);
	watch_folder(f, file->path);
	(void)read_new(f, file);
}

static bool
is_ours(const struct follow *f, const char *name)
{
	const char *slash;
	size_t i;

	for (i = 0; i < f->n_files; i++) {
		slash = strrchr(f->files[i].path, '/');
		if (slash && strcmp(slash + 1, name) == 0)
			return true;
	}
	return false;
}

/* Only says that something has happened, and whether a new file has come. */
static void
drain_events(struct follow *f)
{
	char events[EVENT_BYTES]
	    __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *e;
	ssize_t n, at;

	while ((n = read(f->notify, events, sizeof(events))) > 0) {
		for (at = 0; at < n; at += (ssize_t)(sizeof(*e) + e->len)) {
			e = (const void *)(events + at);
			if ((e->mask & (IN_CREATE | IN_MOVED_TO)) &&
			    e->len > 0 && !is_ours(f, e->name))
				f->has_new = true;
		}
	}
}

int
follow_step(struct follow *f, int out_fd)
{
	struct pollfd fds[2] = {
		{ .fd = f->notify, .events = POLLIN },
		{ .fd = out_fd, .events = 0 }, /* POLLERR: its reader left */
	};
	size_t i;

	if (poll(fds, 2, f->has_more ? 0 : FOLLOW_CHECK_MS) > 0) {
		if (fds[1].revents & (POLLERR | POLLNVAL))
			return -EPIPE;
		if (fds[0].revents & POLLIN)
			drain_events(f);
	}
	f->has_more = false;
	for (i = 0; i < f->n_files; i++)
		check_file(f, &f->files[i]);
	return 0;
}
