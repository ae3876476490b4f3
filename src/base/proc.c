/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proc.c - what /proc says of a process.
 */
#include <clusterd/proc.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"

/* /proc/PID/NAME, at most size - 1 bytes and a NUL; bytes, or -ESRCH. */
static ssize_t
read_proc_file(pid_t pid, const char *name, char *out, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -ESRCH;
	n = read(fd, out, size - 1);
	close(fd);
	if (n == -1)
		return -ESRCH;
	out[n] = '\0';
	return n;
}

int
proc_parse_stat(const char *text, struct proc_stat *st)
{
	/* The name may hold blanks and brackets: it ends at the last ')'. */
	const char *open = strchr(text, '('), *end = strrchr(text, ')');
	unsigned long long utime, stime, start;
	int pid, ppid, pgid, session;
	long long rss_pages;
	long ticks = sysconf(_SC_CLK_TCK);
	size_t len;
	char state;

	if (open == NULL || end == NULL || end < open ||
	    sscanf(text, "%d", &pid) != 1)
		return -EIO;
	if (sscanf(end + 1,
		" %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d"
		" %*d %*d %*d %*d %llu %*u %lld",
		&state, &ppid, &pgid, &session, &utime, &stime, &start,
		&rss_pages) != 8)
		return -EIO;
	len = (size_t)(end - open) - 1;
	if (len >= sizeof(st->comm))
		len = sizeof(st->comm) - 1;
	*st = (struct proc_stat){
		.pid = pid,
		.ppid = ppid,
		.pgid = pgid,
		.session = session,
		.state = state,
		.cpu_us = (int64_t)(utime + stime) * (1000000 / ticks),
		.rss_bytes = (int64_t)rss_pages * sysconf(_SC_PAGESIZE),
		.start_ticks = start,
	};
	memcpy(st->comm, open + 1, len);
	return 0;
}

int
proc_read_stat(pid_t pid, struct proc_stat *st)
{
	char text[1024];
	ssize_t n = read_proc_file(pid, "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	return proc_parse_stat(text, st);
}

int
proc_walk(bool (*each)(const struct proc_stat *st, void *arg), void *arg)
{
	DIR *dir = opendir("/proc");
	struct proc_stat st;
	struct dirent *entry;

	if (dir == NULL)
		return -errno;
	while ((entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (proc_read_stat(atoi(entry->d_name), &st) < 0)
			continue;
		if (!each(&st, arg))
			break;
	}
	closedir(dir);
	return 0;
}

int
proc_read_cmdline(pid_t pid, char *out, size_t size)
{
	ssize_t n = read_proc_file(pid, "cmdline", out, size);
	struct proc_stat st;

	if (n < 0)
		return (int)n;
	while (n > 0 && out[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++) {
		if (out[i] == '\0')
			out[i] = ' ';
		else if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f)
			out[i] = '?';
	}
	if (n > 0)
		return 0;
	if (proc_read_stat(pid, &st) < 0)
		return -ESRCH;
	snprintf(out, size, "[%s]", st.comm);
	return 0;
}

/* By the affinity mask; the set grows until the kernel's fits. */
static int
count_affinity(void)
{
	for (int cpus = 1024; cpus <= 1 << 16; cpus *= 2) {
		size_t bytes = CPU_ALLOC_SIZE(cpus);
		cpu_set_t *set = CPU_ALLOC(cpus);
		int n, rc;

		if (set == NULL)
			return 1;
		rc = sched_getaffinity(0, bytes, set);
		n = rc == 0 ? CPU_COUNT_S(bytes, set) : 0;
		CPU_FREE(set);
		if (rc == 0)
			return n;
		if (errno != EINVAL)
			return 1;
	}
	return 1;
}

int
proc_cpu_count(void)
{
	int cpus = count_affinity();
	int quota = cgroup_cpu_quota("");

	if (quota > 0 && quota < cpus)
		cpus = quota;
	return cpus < 1 ? 1 : cpus;
}
