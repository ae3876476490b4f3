/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.h - a real keeper whose master and logger are puppets of the test.
 *
 * The keeper starts the program `puppet` as its master and as its logger. Each
 * puppet hands the descriptors that it found to the test, which then speaks
 * with the keeper in its place.
 */
#ifndef CLUSTERD_TEST_RIG_H
#define CLUSTERD_TEST_RIG_H

#include <clusterd/fdpass.h>
#include <clusterd/order.h>
#include <clusterd/scoreboard.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { WAIT_MS = 20000, PUPPET_FDS = 5 };

/* What a puppet says of itself; beside it its descriptors 3, 4, 5 (6, 7). */
struct hello {
	pid_t pid, session;
	bool is_master;
	bool stdin_is_null;
	char cwd[64];
	char args[2048];     /* argv, one a line */
	char open_fds[64];   /* "0 1 2 3 4 5" */
	char listen_fds[16]; /* $LISTEN_FDS$NOTIFY_SOCKET$WATCHDOG_USEC */
};

struct puppet {
	int sock; /* -1: not there */
	struct hello hello;
	int fds[PUPPET_FDS]; /* FD_LINK, .. at fds[number - 3]; -1 */
};

struct rig {
	char build[2048];
	char dir[64];
	char socket[96]; /* of the keeper */
	char stderr_path[96];
	int puppets; /* listening */
	pid_t keeper;
	int wait_status; /* of the keeper, once it has ended */
	bool ended;
	struct puppet master, logger;
	struct scoreboard *board;
};

/* A folder with the programs in place, and the environment set. */
void rig_init(struct rig *r);
/* Start the keeper with `args` (NULL-terminated) behind -c and --socket. */
void rig_start(struct rig *r, const char *const *args);
/* A keeper by any means: fork, exec the words of `argv`. The pid. */
pid_t rig_exec(struct rig *r, const char *const *argv);
/* The next puppet to come goes where it belongs. */
void rig_accept(struct rig *r);
/* Start, both puppets there, REPORT_HANDED_OVER and _LOGGER read, RUNNING. */
void rig_run(struct rig *r);
/* A puppet ends, by exit or by a signal (status < 0), and has been reaped. */
void rig_end_puppet(struct puppet *p, int status);
/* Wait for the keeper's end; its exit status, or minus the signal. */
int rig_wait(struct rig *r);
/* QUIT 0, wait, and check that no process and no file is left. */
void rig_quit(struct rig *r);
/* No child is left of what was started, and the folder is as it was. */
void rig_fini(struct rig *r);
const char *rig_stderr(struct rig *r);
void rig_wait_stderr(struct rig *r, const char *text);

/* To the keeper. */
void rig_order(struct rig *r, const struct order *o, const int *fds, size_t n);
/* From the keeper, by `link`: must be of `type`. fds as in order_recv(). */
struct order rig_report(int link, uint32_t type, int *fds, size_t *n);
/* REPORT_HELD .. HANDED_OVER: counts by type. */
void rig_skip_handover(int link);

/* A worker: /bin/sh -c SCRIPT, its stdout held; entry and uid in `o`. */
struct order rig_spawn(struct rig *r, const char *script);

#endif
