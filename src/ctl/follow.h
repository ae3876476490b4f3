/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.h - lines that are added to files, as they come.
 *
 * A file may be truncated, renamed and made anew, or appear only later.
 */
#ifndef CTL_FOLLOW_H
#define CTL_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <clusterd/buf.h>
#include <clusterd/compiler.h>

enum {
	FOLLOW_LINE_MAX = 512 * 1024, /* a longer line comes in pieces */
	FOLLOW_CHECK_MS = 1000,	      /* look without being told, this often */
	FOLLOW_TURN_BYTES = 1024 * 1024, /* of one file, then the others */
};

struct follow_file {
	char *path; /* owned */
	void *tag;  /* borrowed: the caller's */
	int fd;	    /* -1: not there yet */
	dev_t dev;
	ino_t ino;
	off_t offset;
	struct buf held; /* a line whose end has not come */
};

struct follow {
	int notify; /* inotify; -1: only looked at every second */
	struct follow_file *files; /* owned */
	size_t n_files;
	bool has_new;  /* a file unknown to us has appeared beside ours */
	bool has_more; /* a file was not read to its end */
	void (*on_line)(void *arg, void *tag, const char *line, size_t len);
	void *arg; /* borrowed */
};

void follow_init(struct follow *f,
    void (*on_line)(void *arg, void *tag, const char *line, size_t len),
    void *arg);
void follow_fini(struct follow *f);

/*
 * A log file to be read: a descriptor, or -errno. -ENODEV: it is no regular
 * file (a device may have no end, and who reads a pipe takes lines away).
 * -EDEADLK: it is where our own output goes, which would feed itself.
 */
int follow_open(const char *path) MUST_CHECK;

/*
 * Lines from `offset` on; a path already there only gets the new tag. `fd` (the
 * file as it was read so far, or -1: read it from its begin when it appears) is
 * taken over. 0 or -ENOMEM.
 */
int follow_add(struct follow *f, const char *path, void *tag, int fd,
    off_t offset) MUST_CHECK;

/*
 * Wait for something to happen, at most FOLLOW_CHECK_MS, and hand on new lines.
 * 0, or -EPIPE: nobody reads `out_fd` any more.
 */
int follow_step(struct follow *f, int out_fd) MUST_CHECK;

#endif
