/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.h - what /proc says of a process.
 */
#ifndef CLUSTERD_PROC_H
#define CLUSTERD_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <clusterd/compiler.h>

struct proc_stat {
	pid_t pid, ppid, pgid, session;
	char state;	/* 'R', 'S', 'T', 'Z', ... */
	char comm[16];	/* NUL-terminated */
	int64_t cpu_us; /* user + system, this process alone */
	int64_t rss_bytes;
	uint64_t
	    start_ticks; /* since boot; with the pid it names one process */
};

/* From /proc/PID/stat (proc(5)). 0, -ESRCH (gone), -EIO (does not parse). */
int proc_read_stat(pid_t pid, struct proc_stat *st) MUST_CHECK;

/* Parse the text of a stat file; for proc_read_stat() and its test. */
int proc_parse_stat(const char *text, struct proc_stat *st) MUST_CHECK;

/*
 * Call `each` for every process there is; it returns false to end the walk.
 * 0 or -errno when /proc cannot be read. A process may come or go meanwhile.
 */
int proc_walk(bool (*each)(const struct proc_stat *st, void *arg), void *arg);

/*
 * The command line, arguments joined by blanks, cut to `size`, control bytes
 * made '?'; of a kernel thread or zombie its comm in brackets. 0 or -ESRCH.
 */
int proc_read_cmdline(pid_t pid, char *out, size_t size) MUST_CHECK;

/* CPUs this process may use: affinity, then cgroup v1/v2 quota rounded up;
 * >= 1. */
int proc_cpu_count(void);

#endif
