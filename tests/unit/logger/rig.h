/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.h - a whole logger inside a test: the test is its master, its keeper and
 * its workers.
 */
#ifndef TEST_LOGGER_RIG_H
#define TEST_LOGGER_RIG_H

#include <clusterd/loglink.h>
#include <clusterd/order.h>

#include "logger/logger.h"

struct rig {
	struct ev_loop *loop;
	struct scoreboard *board;
	int board_fd;
	int keeper, master; /* our ends */
	int keeper_theirs, master_theirs;
	char dir[64];
	struct logger lg;
	ev_timer tick; /* so that the loop comes back to us */
};

/* A worker: our ends of its pipes. */
struct rig_worker {
	uint32_t index;
	uint64_t uid;
	int out, err;
	int out_theirs, err_theirs; /* as the keeper holds them */
};

void rig_start(struct rig *r);
void rig_stop(struct rig *r);

/* Path of a file in the rig's folder; a static buffer each of 8 calls. */
const char *rig_path(const struct rig *r, const char *name);
/* What is in it; "" when it is not there. Freed by the caller. */
char *rig_read(const struct rig *r, const char *name);
size_t rig_count(const struct rig *r, const char *name, const char *needle);

void rig_worker_open(struct rig_worker *w, uint32_t index, uint64_t uid);
void rig_worker_close(struct rig_worker *w); /* our ends: EOF */
void rig_say(int fd, const char *text);

/* LOG_WORKER of a worker "api", JSON, to these files ("" none). */
void rig_message(const struct rig *r, struct log_message *m,
    const struct rig_worker *w, const char *out, const char *err,
    const char *log);
void rig_describe(struct rig *r, const struct log_message *m,
    const struct rig_worker *w, bool with_fds);
void rig_report(
    struct rig *r, enum order_type type, const struct rig_worker *w);

/* Let the logger run until `file` holds `needle` `n` times; false: too late. */
bool rig_wait_for(
    struct rig *r, const char *name, const char *needle, size_t n);
/* Until the keeper is told to release the worker. */
bool rig_wait_release(struct rig *r, const struct rig_worker *w);
/* One turn of the loop, at most 10 ms. */
void rig_turn(struct rig *r);

enum { RIG_DEADLINE_MS = 10000 };

#endif
