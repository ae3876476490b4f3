/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holder.c - who has that address: from /proc/net to a pid and its command.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <clusterd/proc.h>

#include "master/listener.h"

enum { TCP_LISTEN_STATE = 0x0a, LINE_BYTES = 512, INODES_MAX = 16 };

struct inodes {
	uint64_t list[INODES_MAX];
	size_t count;
};

static void
add_inode(struct inodes *in, uint64_t inode)
{
	if (inode != 0 && in->count < INODES_MAX)
		in->list[in->count++] = inode;
}

/* One row of /proc/net/{tcp,udp}{,6}: "sl local:port remote:port st ... inode".
 */
static void
scan_inet_row(const char *line, int port, bool tcp, struct inodes *in)
{
	unsigned local_port, state;
	uint64_t inode;

	if (sscanf(line,
		" %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x "
		"%*x:%*x %*x:%*x %*x %*u %*u %" SCNu64,
		&local_port, &state, &inode) != 3)
		return;
	if ((int)local_port == port && (!tcp || state == TCP_LISTEN_STATE))
		add_inode(in, inode);
}

static void
scan_inet(const char *file, int port, bool tcp, struct inodes *in)
{
	FILE *f = fopen(file, "re");
	char line[LINE_BYTES];

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		scan_inet_row(line, port, tcp, in);
	fclose(f);
}

/* "Num RefCount Protocol Flags Type St Inode Path"; '@' leads an abstract name.
 */
static void
scan_unix(const char *path, struct inodes *in)
{
	FILE *f = fopen("/proc/net/unix", "re");
	char line[LINE_BYTES], found[256];
	uint64_t inode;

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %" SCNu64 " %255s",
			&inode, found) == 2 &&
		    strcmp(found, path) == 0)
			add_inode(in, inode);
	fclose(f);
}

static void
find_inodes(
    const struct sockaddr *addr, socklen_t len, int type, struct inodes *in)
{
	char path[160];
	bool tcp = type == SOCK_STREAM;
	int port;

	if (addr->sa_family == AF_UNIX) {
		config_format_address(addr, len, path, sizeof(path));
		scan_unix(path + strlen("unix:"), in);
		return;
	}
	port = addr->sa_family == AF_INET
		   ? ntohs(((const struct sockaddr_in *)(const void *)addr)
			       ->sin_port)
		   : ntohs(((const struct sockaddr_in6 *)(const void *)addr)
			       ->sin6_port);
	scan_inet(tcp ? "/proc/net/tcp" : "/proc/net/udp", port, tcp, in);
	scan_inet(tcp ? "/proc/net/tcp6" : "/proc/net/udp6", port, tcp, in);
}

static bool
has_inode(pid_t pid, const struct inodes *in)
{
	char dir[64], path[330], target[64];
	struct dirent *e;
	bool found = false;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/fd", (int)pid);
	d = opendir(dir);
	if (d == NULL)
		return false; /* of another user: not ours to see */
	while (!found && (e = readdir(d)) != NULL) {
		uint64_t inode;
		ssize_t n;

		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		if (sscanf(target, "socket:[%" SCNu64 "]", &inode) != 1)
			continue;
		for (size_t i = 0; i < in->count; i++)
			found = found || in->list[i] == inode;
	}
	closedir(d);
	return found;
}

struct search {
	const struct inodes *in;
	pid_t pid;
};

static bool
look_at(const struct proc_stat *st, void *arg)
{
	struct search *s = arg;

	if (st->pid == getpid() || !has_inode(st->pid, s->in))
		return true;
	s->pid = st->pid;
	return false;
}

void
holder_describe(const struct sockaddr *addr, socklen_t len, int type, char *out,
    size_t size)
{
	struct inodes in = { .count = 0 };
	struct search s = { .in = &in, .pid = 0 };
	char command[128];

	out[0] = '\0';
	find_inodes(addr, len, type, &in);
	if (in.count == 0 || proc_walk(look_at, &s) != 0 || s.pid == 0)
		return;
	if (proc_read_cmdline(s.pid, command, sizeof(command)) != 0)
		command[0] = '\0';
	snprintf(out, size, "pid %d (%s)", (int)s.pid, command);
}
