/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup.c - the CPU quota that the own control group imposes, v2 (cpu.max)
 * and v1 (cpu.cfs_quota_us).
 */
#include "cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hierarchy {
	bool v2;
	char path[PATH_MAX]; /* of the own group, from the hierarchy's root */
	char root[PATH_MAX]; /* what of the hierarchy is mounted at `mount` */
	char mount[PATH_MAX];
};

/* The file's first line up to `size`; false when it cannot be read. */
static bool
read_small(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return false;
	n = read(fd, out, size - 1);
	close(fd);
	if (n <= 0)
		return false;
	out[n] = '\0';
	return true;
}

/* True if `word` is one of the comma separated `list`. */
static bool
list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; *p != '\0'; p += strspn(p, ",")) {
		size_t n = strcspn(p, ",\n");

		if (n == len && memcmp(p, word, len) == 0)
			return true;
		p += n;
		if (*p == '\n')
			break;
	}
	return false;
}

/*
 * Lines of /proc/self/cgroup are "0::/path" (v2) and "4:cpu,cpuacct:/path". The
 * cpu controller is in one hierarchy only: v1 where it is named there.
 */
static bool
find_group(const char *root, struct hierarchy *h)
{
	char name[PATH_MAX], line[PATH_MAX + 256];
	bool found = false;
	FILE *f;

	snprintf(name, sizeof(name), "%s/proc/self/cgroup", root);
	f = fopen(name, "re");
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		char *controllers = strchr(line, ':'), *path;

		line[strcspn(line, "\n")] = '\0';
		if (controllers == NULL)
			continue;
		path = strchr(++controllers, ':');
		if (path == NULL)
			continue;
		*path++ = '\0';
		if (controllers[0] != '\0' && !list_has(controllers, "cpu"))
			continue;
		if (controllers[0] == '\0' && found)
			continue;
		h->v2 = controllers[0] == '\0';
		snprintf(h->path, sizeof(h->path), "%s", path);
		found = true;
	}
	fclose(f);
	return found;
}

/*
 * A line of mountinfo (proc(5)): "36 35 98:0 /root /mount opts - type source
 * superopts". True if it is the mount of this hierarchy.
 */
static bool
parse_mount(char *line, struct hierarchy *h)
{
	char *end = strstr(line, " - ");
	char type[32], options[512];
	char root[PATH_MAX], mount[PATH_MAX];

	if (end == NULL ||
	    sscanf(end, " - %31s %*s %511s", type, options) != 2 ||
	    sscanf(line, "%*s %*s %*s %4095s %4095s", root, mount) != 2)
		return false;
	if (h->v2 ? strcmp(type, "cgroup2") != 0
		  : strcmp(type, "cgroup") != 0 || !list_has(options, "cpu"))
		return false;
	strcpy(h->root, root);
	strcpy(h->mount, mount);
	return true;
}

static bool
find_mount(const char *root, struct hierarchy *h)
{
	char name[PATH_MAX], line[2 * PATH_MAX];
	bool found = false;
	FILE *f;

	snprintf(name, sizeof(name), "%s/proc/self/mountinfo", root);
	f = fopen(name, "re");
	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = parse_mount(line, h);
	fclose(f);
	return found;
}

/* Quota of the one group in `dir` in CPUs, rounded up; 0: none. */
static int
read_quota(const char *dir, bool v2)
{
	char path[PATH_MAX + 32], text[64];
	long long quota, period;

	snprintf(path, sizeof(path), "%s/%s", dir,
	    v2 ? "cpu.max" : "cpu.cfs_quota_us");
	if (!read_small(path, text, sizeof(text)))
		return 0;
	if (v2) {
		/* "max 100000" does not scan: no quota */
		if (sscanf(text, "%lld %lld", &quota, &period) != 2)
			return 0;
	} else {
		quota = atoll(text); /* -1: no quota */
		snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", dir);
		if (!read_small(path, text, sizeof(text)))
			return 0;
		period = atoll(text);
	}
	if (quota <= 0 || period <= 0 || quota / period > INT_MAX - 1)
		return 0;
	return (int)((quota + period - 1) / period);
}

/* `path` with the mounted part of the hierarchy taken off its front. */
static const char *
below_mount(const struct hierarchy *h)
{
	size_t len = strlen(h->root);

	if (strcmp(h->root, "/") == 0)
		return h->path;
	if (strncmp(h->path, h->root, len) == 0 &&
	    (h->path[len] == '/' || h->path[len] == '\0'))
		return h->path + len;
	return ""; /* a namespace in between: the mount is all we can see */
}

int
cgroup_cpu_quota(const char *root)
{
	struct hierarchy h = { 0 };
	char dir[PATH_MAX];
	int smallest = 0, quota, n;
	size_t top;

	if (!find_group(root, &h) || !find_mount(root, &h))
		return 0;
	top = strlen(root) + strlen(h.mount);
	n = snprintf(
	    dir, sizeof(dir), "%s%s%s", root, h.mount, below_mount(&h));
	if (n < 0 || (size_t)n >= sizeof(dir))
		return 0;
	for (;;) {
		char *slash;

		quota = read_quota(dir, h.v2);
		if (quota > 0 && (smallest == 0 || quota < smallest))
			smallest = quota;
		slash = strrchr(dir, '/');
		if (slash == NULL || (size_t)(slash - dir) < top)
			return smallest;
		*slash = '\0';
	}
}
