/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.h - whole files and paths.
 */
#ifndef CLUSTERD_FILES_H
#define CLUSTERD_FILES_H

#include <stddef.h>
#include <sys/types.h>

#include <clusterd/buf.h>

/*
 * Append the whole of a regular file to `b`. 0, -EISDIR, -EINVAL (not a regular
 * file), -EFBIG (larger than b->max leaves room for), or the errno of
 * open/read.
 */
int file_read(const char *path, struct buf *b) MUST_CHECK;

/* The same for an open descriptor, from its offset 0 (pread). */
int file_read_fd(int fd, struct buf *b) MUST_CHECK;

/* mkdir -p: 0 or -errno. Directories that exist are left as they are. */
int file_mkdirs(const char *path, mode_t mode) MUST_CHECK;

/* `path` seen from `base` unless it is absolute; -ENAMETOOLONG when too long.
 */
int path_join(
    const char *base, const char *path, char *out, size_t size) MUST_CHECK;

/*
 * Search `name` along `search` (a PATH; NULL: /usr/local/bin:/usr/bin:/bin) for
 * an executable regular file. Relative entries are seen from `cwd`. 0, -ENOENT,
 * -EACCES (found, but not executable).
 */
int path_search(const char *name, const char *search, const char *cwd,
    char *out, size_t size) MUST_CHECK;

#endif
