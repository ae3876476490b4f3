/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch.h - the launch image: all that a worker's process needs between fork
 * and exec, made by the master, read only by the child.
 *
 * One sealed memfd. The keeper passes it on without looking inside; the child
 * maps it privately, turns offsets into pointers in place, and execs. So the
 * keeper neither parses nor allocates, and the child calls nothing that is not
 * async-signal-safe.
 *
 *   struct launch_image | argv offsets (u64, argc + 1) | env offsets (u64,
 *   envc + 1) | NUL-terminated strings
 *
 * Offsets count from the start of the image; the last of each array is 0 and
 * becomes NULL.
 */
#ifndef CLUSTERD_LAUNCH_H
#define CLUSTERD_LAUNCH_H

#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>
#include <clusterd/fdpass.h>

enum {
	LAUNCH_MAGIC = 0x6c6e6368, /* "lnch" */
	LAUNCH_BYTES_MAX = 4 * 1024 * 1024,
	LAUNCH_ARGS_MAX = 4096,
};

/* Where it went wrong, for board_proc.fail_stage. */
enum launch_stage {
	LAUNCH_OK = 0,
	LAUNCH_FORK,   /* the keeper could not fork */
	LAUNCH_IMAGE,  /* the image does not hold together: our own defect */
	LAUNCH_FDS,    /* dup2 */
	LAUNCH_CWD,    /* chdir */
	LAUNCH_LIMITS, /* setrlimit, umask, nice */
	LAUNCH_EXEC,   /* execve */
};

struct launch_image {
	uint32_t magic;
	uint32_t size; /* bytes, this header included */
	uint32_t argc, envc;
	uint32_t argv_at,
	    envp_at;	  /* byte offsets of the offset arrays, 8-aligned */
	uint32_t exec_at; /* absolute path to exec */
	uint32_t cwd_at;  /* absolute path to chdir to */
	uint32_t listen_pid_at; /* "LISTEN_PID=" + room for 10 digits, or 0 */
	uint32_t umask;		/* 0xffffffff: leave */
	uint32_t nfds; /* descriptors for the child, at most FDPASS_MAX */
	int32_t fd_target[FDPASS_MAX]; /* number each gets in the child */
};

/* What the master says; all borrowed. */
struct launch_spec {
	const char *exec_path;	 /* absolute */
	const char *cwd;	 /* absolute */
	const char *const *argv; /* NULL-terminated */
	const char *const *envp; /* NULL-terminated, "NAME=value" */
	const int *fd_target;	 /* nfds numbers: 0, 1, 2, 3 .. */
	size_t nfds;
	uint32_t umask; /* 0xffffffff: leave */
};

/*
 * The image as a sealed, close-on-exec memfd. An environment entry
 * "LISTEN_PID=" (empty) gets room for the child's own pid. -E2BIG when it does
 * not fit the bounds above, or -errno.
 */
int launch_image_make(const struct launch_spec *spec) MUST_CHECK;

/* Words for a stage, "change directory to", for messages: "api[2]: cannot ..."
 */
const char *launch_stage_text(enum launch_stage stage);

struct board_proc;

/*
 * The far side of fork, in the child: never returns. `image_fd` and `fds` are
 * as received by the keeper, in the order of fd_target. New session, default
 * signal actions and an empty mask, descriptors in place, all others closed,
 * cwd, LISTEN_PID, exec. On failure stage and errno go to `proc` (shared
 * memory), and the exit status is 127 (not found) or 126.
 */
_Noreturn void launch_child(
    int image_fd, const int *fds, size_t nfds, struct board_proc *proc);

#endif
