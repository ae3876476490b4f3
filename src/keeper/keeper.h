/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper.h - the keeper's state, and who does what with it.
 *
 * Everything is one struct keeper, made before the loop runs: from then on
 * nothing is allocated. Reports are not queued but derived from state that
 * says what a child has not been told yet, so a child that does not read costs
 * nothing, and its successor is told.
 */
#ifndef CLUSTERD_KEEPER_H
#define CLUSTERD_KEEPER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <clusterd/compiler.h>
#include <clusterd/limits.h>
#include <clusterd/order.h>

#include "control.h"
#include "init.h"
#include "options.h"
#include "pidfile.h"
#include "store.h"

struct board_proc;
struct scoreboard;

/* What is held of one worker, beside its entry of the scoreboard. */
struct held_proc {
	uint64_t uid;	 /* 0: nothing, and the fields below mean nothing */
	pid_t pid;	 /* 0: fork failed */
	int32_t spawned; /* for REPORT_SPAWNED: the pid, or -errno of fork */
	int channel;	 /* owned, the master's end; -1: released */
	int out, err;	 /* owned, read ends; -1: released */
	bool reaped;
	bool released;	   /* the master is done with it */
	bool tell_spawned; /* the master is still to be told */
	bool tell_exited;
};

/* How far a child has been handed what is held; order of REPORTs. */
enum handover { HAND_NAMES, HAND_PROCS, HAND_END, HAND_DONE };

/* The master or the logger. */
struct child {
	const char *name;	   /* "master", for messages */
	const char *path;	   /* of its program, for messages; borrowed */
	int image, image_again;	   /* owned: first start, later ones */
	struct board_proc *launch; /* owned: shared memory, why it failed */
	pid_t pid;		   /* 0: none runs */
	int link;		   /* owned; -1: none, or it has closed it */
	int64_t started_ms;
	int64_t start_at_ms; /* when to start it again; 0: not now */
	int64_t kill_at_ms;  /* when it has had its time; 0: never */
	int64_t retry_at_ms; /* sending failed for want of memory; 0: no */
	unsigned failures;   /* deaths in a row soon after a start */
	bool blocked;	     /* the link is full: wait until it drains */
	enum handover stage;
	uint32_t next; /* index within the stage */
};

struct keeper {
	struct options *options; /* borrowed: main's */
	struct init init;
	struct control control;
	struct pidfile pidfile;
	struct store store;
	struct child master, logger;
	char master_path[4096], logger_path[4096];
	struct scoreboard *board;	  /* owned: mapped from board_fd */
	int board_fd, null_fd, signal_fd; /* owned */
	int loglink[2]; /* owned, for every start: master's end, logger's end */
	int status_fd;	/* owned: to the waiting parent of a daemon; or -1 */
	struct rlimit nofile; /* as we found it: for the workers */
	uint64_t start_ticks; /* of the clock that proc_stat counts with */

	uint32_t procs_high; /* entries from here on were never used */
	struct held_proc procs[WORKERS_MAX];
	uint64_t to_tell[WORKERS_MAX / 64]; /* procs with tell_... set */

	uint64_t signals;      /* bit: to be reported to the master */
	uint64_t stop_signals; /* bit: TERM.., told again to a next master */
	int64_t last_int_ms;   /* 0: never */
	bool tell_logger;      /* REPORT_LOGGER is to be sent */
	bool reap_more;
	bool running; /* ORDER_RUNNING came: a master that dies is replaced */
	bool ending;  /* no child is started any more */
	int status;   /* the exit status, once ending */
};

/* child.c - start master and logger, and what their deaths mean. */
int child_prepare_all(struct keeper *k) MUST_CHECK; /* said why; or 0 */
void child_start(struct keeper *k, struct child *c);
void child_on_exit(struct keeper *k, struct child *c, int wait_status);
void child_on_link_end(struct keeper *k, struct child *c);
void child_on_time(struct keeper *k, struct child *c, int64_t now_ms);

/* procs.c - workers: fork, signal, exit, release. `fds` are taken over. */
void procs_spawn(
    struct keeper *k, const struct order *o, int *fds, size_t nfds);
void procs_signal(struct keeper *k, const struct order *o);
void procs_release(struct keeper *k, const struct order *o);
void procs_release_logs(struct keeper *k, const struct order *o);
void procs_forsake_logs(struct keeper *k); /* no logger will ever read them */
/* False when no worker has that pid. */
bool procs_on_exit(
    struct keeper *k, pid_t pid, int wait_status, const struct rusage *usage);
void procs_tell_exits_again(struct keeper *k);
void procs_kill_all(struct keeper *k);
/* Wait status in words: "exited with status 1", "was killed by SIGSEGV". */
void procs_format_status(int wait_status, char *out, size_t size);

/* report.c - tell the children what they do not know yet. */
void report_restart(struct child *c); /* a new process: all from the start */
/* The pipes once more: a master may have died before it passed some on. */
void report_procs_again(struct child *logger);
void report_pump(struct keeper *k, struct child *c);
bool report_is_pending(const struct keeper *k, const struct child *c);

/* link.c - read the orders of one child; to its end if it is dead. */
void link_read(struct keeper *k, struct child *c);
void link_drain(struct keeper *k, struct child *c);

/* signals.c */
int signals_open(void) MUST_CHECK; /* blocks them; signalfd or -errno */
void signals_read(struct keeper *k);

/* reap.c */
void reap_all(struct keeper *k);

/* end.c - the way down. */
void end_begin(struct keeper *k, int status);
bool end_is_reached(const struct keeper *k);
void end_finish(struct keeper *k); /* kills what is left, unlinks, closes */

/* loop.c - until the end is reached. */
void loop_run(struct keeper *k);

#endif
