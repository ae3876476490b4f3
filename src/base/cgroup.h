/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup.h - the CPU quota that the own control group imposes.
 */
#ifndef CLUSTERD_BASE_CGROUP_H
#define CLUSTERD_BASE_CGROUP_H

/*
 * The smallest quota of the own cgroup and its parents in CPUs, rounded up; 0
 * when there is none. Reads /proc/self/{cgroup,mountinfo} and what is mounted,
 * all below `root` ("" but in tests).
 */
int cgroup_cpu_quota(const char *root);

#endif
