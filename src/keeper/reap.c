/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reap.c - collect the exit status of every child.
 */
#include <sys/wait.h>

#include "keeper.h"

enum { PER_TURN = 1024 };

/*
 * Of any child: we are the subreaper, and processes whose parent died are ours
 * without our having started them. This is the one place where that is right;
 * whoever else waits for -1 would steal a worker's status from here.
 */
void
reap_all(struct keeper *k)
{
	struct rusage usage;
	int wait_status;
	pid_t pid;

	k->reap_more = false;
	for (int n = 0; n < PER_TURN; n++) {
		pid = wait4(-1, &wait_status, WNOHANG, &usage);
		if (pid <= 0)
			return;
		if (pid == k->master.pid)
			child_on_exit(k, &k->master, wait_status);
		else if (pid == k->logger.pid)
			child_on_exit(k, &k->logger, wait_status);
		else /* an orphan that nobody here knows is forgotten */
			procs_on_exit(k, pid, wait_status, &usage);
	}
	k->reap_more = true;
}
