/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_sweep.c - nothing of a worker survives; nothing else dies.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clusterd/proc.h>

#include "master/sweep.h"
#include "master_rig.h"

static struct master *m;

static void
set_up(void)
{
	m = master_rig_new("apps: [{name: api, script: x.js}]");
	/* The rig is the keeper: orphans become ours. */
	cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

static void
tear_down(void)
{
	master_rig_free(m);
}

TestSuite(sweep, .init = set_up, .fini = tear_down, .timeout = 60);

enum { PIDS_MAX = 16 };

struct family {
	pid_t main;
	pid_t pids[PIDS_MAX]; /* that it has told, its own first */
	size_t count;
};

/*
 * A shell in a session of its own. It tells the pids of what it starts, a line
 * each, then "end".
 */
static struct family
start(const char *script, const char *mark)
{
	struct family f = { .count = 0 };
	char line[64];
	int ends[2];
	FILE *in;

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	f.main = fork();
	if (f.main == 0) {
		char *const env[] = { (char *)"PATH=/usr/bin:/bin",
			(char *)mark, NULL };

		setsid();
		dup2(ends[1], 3);
		execle("/bin/sh", "sh", "-c", script, NULL, env);
		_exit(127);
	}
	close(ends[1]);
	f.pids[f.count++] = f.main;
	in = fdopen(ends[0], "r");
	while (fgets(line, sizeof(line), in) != NULL &&
	       strcmp(line, "end\n") != 0 && f.count < PIDS_MAX)
		f.pids[f.count++] = (pid_t)atoi(line);
	cr_assert_str_eq(line, "end\n");
	return f; /* `in` stays open: a write must not fail */
}

static bool
is_alive(pid_t pid)
{
	struct proc_stat st;

	return proc_read_stat(pid, &st) == 0 && st.state != 'Z';
}

static size_t
count_alive(const struct family *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += is_alive(f->pids[i]);
	return n;
}

static bool
is_swept(struct master *master)
{
	/* As the keeper would. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return sweep_is_idle(master);
}

static void
end_all(const struct family *f)
{
	for (size_t i = 0; i < f->count; i++)
		kill(f->pids[i], SIGKILL);
}

/* Tells through 3 and lets nobody else have it. */
#define BEGIN "exec 4>&3 3>&-; "
#define TELL  "echo $! >&4; "
#define END   "echo end >&4; exec 4>&-; "

Test(sweep, a_session_with_children_and_theirs)
{
	struct family f = start(BEGIN
	    "sleep 1000 4>&- & " TELL
	    "sh -c 'sleep 1000 & echo $! >&4; exec 4>&-; wait' & " TELL
	    "sleep 0.1; " END "wait",
	    "CLUSTERD_WORKER=77");

	cr_assert_eq(f.count, 4);
	cr_assert_eq(count_alive(&f), 4);
	sweep_session(m, f.main, 77);
	cr_assert(master_rig_run(m, is_swept));
	cr_assert_eq(count_alive(&f), 0);
}

Test(sweep, one_that_left_the_session_but_has_the_mark)
{
	struct family f = start(BEGIN "setsid sleep 1000 4>&- & " TELL
				      "sleep 0.1; " END "wait",
	    "CLUSTERD_WORKER=77");

	cr_assert_eq(f.count, 2);
	sweep_session(m, f.main, 77);
	cr_assert(master_rig_run(m, is_swept));
	cr_assert_eq(count_alive(&f), 0);
}

Test(sweep, what_is_left_when_the_main_process_has_gone)
{
	struct family f = start(BEGIN "sleep 1000 4>&- & " TELL
				      "setsid sleep 1000 4>&- & " TELL
				      "sleep 0.1; " END "exit 0",
	    "CLUSTERD_WORKER=77");

	cr_assert_eq(waitpid(f.main, NULL, 0), f.main);
	cr_assert_eq(count_alive(&f), 2);
	sweep_session(m, f.main, 77);
	cr_assert(master_rig_run(m, is_swept));
	cr_assert_eq(count_alive(&f), 0);
}

Test(sweep, strangers_live)
{
	struct family mine =
	    start(BEGIN END "exec sleep 1000", "CLUSTERD_WORKER=77");
	struct family other = start(BEGIN "sleep 1000 4>&- & " TELL
					  "setsid sleep 1000 4>&- & " TELL
					  "sleep 0.1; " END "exit 0",
	    "CLUSTERD_WORKER=78");
	struct family unmarked =
	    start(BEGIN "sleep 1000 4>&- & " TELL END "exit 0", "OTHER=77");

	cr_assert_eq(waitpid(other.main, NULL, 0), other.main);
	cr_assert_eq(waitpid(unmarked.main, NULL, 0), unmarked.main);
	sweep_session(m, mine.main, 77);
	cr_assert(master_rig_run(m, is_swept));
	cr_assert_eq(count_alive(&mine), 0);
	cr_assert_eq(count_alive(&other), 2);
	cr_assert_eq(count_alive(&unmarked), 1);
	end_all(&other);
	end_all(&unmarked);
}

Test(sweep, a_session_number_in_use_again_is_not_swept)
{
	struct pool *p = master_rig_pool(m, "api", 1);
	struct family f =
	    start(BEGIN END "exec sleep 1000", "CLUSTERD_WORKER=78");
	struct worker *w =
	    master_rig_worker(master_rig_slot(p, 0), 78, WORKER_READY);

	w->pid = f.main;
	sweep_session(m, f.main, 77); /* an earlier worker with that number */
	cr_assert(master_rig_run(m, is_swept));
	cr_assert_eq(count_alive(&f), 1);
	end_all(&f);
}

Test(sweep, ourselves_and_init_are_never_a_session)
{
	sweep_session(m, 0, 77);
	sweep_session(m, 1, 77);
	sweep_session(m, -1, 77);
	cr_assert(sweep_is_idle(m));
}

Test(sweep, what_is_asked_for_twice_is_one)
{
	sweep_session(m, 0x3fffffff, 77);
	sweep_session(m, 0x3fffffff, 77);
	cr_assert_eq(m->n_swept, 1);
	cr_assert(master_rig_run(m, is_swept));
}
