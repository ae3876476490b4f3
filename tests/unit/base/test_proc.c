/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clusterd/files.h>
#include <clusterd/proc.h>

#include "base/cgroup.h"

Test(proc, parses_a_name_with_blanks_and_brackets)
{
	struct proc_stat st;

	cr_assert_eq(proc_parse_stat("42 (a b) R (c) S 1 40 39 0 -1 4194560 1 2"
				     " 3 4 150 50 0 0 20 0 1 0 987 1000 7 18",
			 &st),
	    0);
	cr_assert_eq(st.pid, 42);
	cr_assert_str_eq(st.comm, "a b) R (c");
	cr_assert_eq(st.state, 'S');
	cr_assert_eq(st.ppid, 1);
	cr_assert_eq(st.pgid, 40);
	cr_assert_eq(st.session, 39);
	cr_assert_eq(st.cpu_us, 200 * (1000000 / sysconf(_SC_CLK_TCK)));
	cr_assert_eq(st.rss_bytes, 7 * sysconf(_SC_PAGESIZE));
	cr_assert_eq(st.start_ticks, 987);
}

Test(proc, refuses_what_is_not_a_stat_file)
{
	struct proc_stat st;

	cr_assert_eq(proc_parse_stat("", &st), -EIO);
	cr_assert_eq(proc_parse_stat("42 (x", &st), -EIO);
	cr_assert_eq(proc_parse_stat("42 )x( S 1", &st), -EIO);
	cr_assert_eq(proc_parse_stat("x (y) S 1 2 3", &st), -EIO);
}

Test(proc, reads_ourselves_and_not_the_dead)
{
	struct proc_stat st;
	char line[4096];
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	cr_assert_eq(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT), 0);
	cr_assert_eq(proc_read_stat(pid, &st), 0);
	cr_assert_eq(st.state, 'Z');
	cr_assert_eq(proc_read_cmdline(pid, line, sizeof(line)), 0);
	cr_assert_eq(line[0], '[');
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_assert_eq(proc_read_stat(pid, &st), -ESRCH);
	cr_assert_eq(proc_read_cmdline(pid, line, sizeof(line)), -ESRCH);

	cr_assert_eq(proc_read_stat(getpid(), &st), 0);
	cr_assert_eq(st.pid, getpid());
	cr_assert_eq(st.ppid, getppid());
	cr_assert_gt(st.rss_bytes, 0);
	cr_assert_gt(st.start_ticks, 0);
}

Test(proc, a_command_line_is_one_line, .timeout = 20)
{
	char line[4096], c;
	int ends[2], in[2];
	pid_t pid;

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO); /* what it reads never comes */
		close(STDERR_FILENO);
		execl("/bin/sh", "sh", "-c", "read x\n\033[31m", "a b", NULL);
		_exit(127);
	}
	close(ends[1]);
	cr_assert_eq(read(ends[0], &c, 1), 0); /* exec has closed the other */
	cr_assert_eq(proc_read_cmdline(pid, line, sizeof(line)), 0);
	cr_assert_str_eq(line, "sh -c read x??[31m a b");
	close(in[1]);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

static bool
find_self(const struct proc_stat *st, void *found)
{
	if (st->pid == getpid())
		*(bool *)found = true;
	return !*(bool *)found;
}

Test(proc, walks_over_all)
{
	bool found = false;

	cr_assert_eq(proc_walk(find_self, &found), 0);
	cr_assert(found);
}

Test(proc, counts_the_cpus_of_the_affinity_mask)
{
	cpu_set_t all, one;

	cr_assert_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	cr_assert_geq(proc_cpu_count(), 1);
	cr_assert_leq(proc_cpu_count(), CPU_COUNT(&all));
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &all)) {
			CPU_SET(i, &one);
			break;
		}
	}
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	cr_assert_eq(proc_cpu_count(), 1);
}

/* ---- cgroup: below a root of our own ---- */

static char root[64];

static void
put(const char *path, const char *text)
{
	char full[512], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	slash = strrchr(full, '/');
	*slash = '\0';
	cr_assert_eq(file_mkdirs(full, 0755), 0);
	*slash = '/';
	f = fopen(full, "w");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

static void
make_root(void)
{
	strcpy(root, "/tmp/clusterd-test-cgroup-XXXXXX");
	cr_assert_not_null(mkdtemp(root));
}

static void
remove_root(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(cgroup, .init = make_root, .fini = remove_root);

Test(cgroup, the_smallest_quota_of_the_parents_counts)
{
	put("/proc/self/cgroup", "0::/a/b\n");
	put("/proc/self/mountinfo",
	    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 "
	    "rw,nsdelegate\n");
	put("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	cr_assert_eq(cgroup_cpu_quota(root), 0);
	put("/sys/fs/cgroup/a/cpu.max", "250000 100000\n");
	cr_assert_eq(cgroup_cpu_quota(root), 3);
	put("/sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
	cr_assert_eq(cgroup_cpu_quota(root), 1);
	put("/sys/fs/cgroup/a/b/cpu.max", "nonsense");
	cr_assert_eq(cgroup_cpu_quota(root), 3);
}

Test(cgroup, v1_is_found_by_its_controller)
{
	put("/proc/self/cgroup",
	    "5:memory:/m\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/\n0::/\n");
	put("/proc/self/mountinfo",
	    "20 19 0:19 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
	    "31 19 0:20 /docker/x /sys/fs/cgroup/memory rw - cgroup m "
	    "rw,memory\n"
	    "32 19 0:21 /docker/x /sys/fs/cgroup/cpu rw - cgroup c "
	    "rw,cpu,cpuacct\n");
	cr_assert_eq(cgroup_cpu_quota(root), 0);
	put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
	put("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
	cr_assert_eq(cgroup_cpu_quota(root), 0);
	put("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n");
	cr_assert_eq(cgroup_cpu_quota(root), 2);
}

Test(cgroup, without_any_there_is_no_quota)
{
	cr_assert_eq(cgroup_cpu_quota(root), 0);
	put("/proc/self/cgroup", "0::/\n");
	put("/proc/self/mountinfo", "garbage\n");
	cr_assert_eq(cgroup_cpu_quota(root), 0);
}
