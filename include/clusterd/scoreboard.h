/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scoreboard.h - the shared table that outlives the master.
 *
 * A memfd which the keeper makes at start and every process of clusterd maps.
 * Two tables, each with one writer per field:
 *
 *   procs	one entry a worker alive. The master takes a free entry and sets
 *		its uid; from the SPAWN order on the keeper writes pid, start
 *and exit; the child writes why it could not exec. Only the keeper sets uid
 *back to 0, when nothing of the worker is held any more. slots	one record a
 *slot, written by the master only: the pure state machine of master/slot.h as
 *bytes. Two copies and an index, so that a master that dies while writing
 *leaves the old one whole.
 *
 * The keeper knows procs only; what a slot record means is the master's.
 */
#ifndef CLUSTERD_SCOREBOARD_H
#define CLUSTERD_SCOREBOARD_H

#include <stdatomic.h>
#include <stdint.h>

#include <clusterd/compiler.h>
#include <clusterd/limits.h>

enum {
	SCOREBOARD_MAGIC = 0x636c7364, /* "clsd" */
	SCOREBOARD_LAYOUT = 1,	       /* changes with the structs below */
	SLOT_RECORD_SIZE = 1024,
};

struct board_proc {
	_Atomic uint64_t uid;	 /* of the worker; 0: the entry is free */
	_Atomic int32_t pid;	 /* 0 until forked */
	_Atomic uint32_t exited; /* 1 once wait_status is valid (release) */
	int32_t wait_status;	 /* as waitpid(2) gives it */
	uint32_t fail_stage;	 /* enum launch_stage; 0: exec was reached */
	int32_t fail_errno;
	uint32_t slot;	       /* index into slots, set by the master */
	uint64_t start_ticks;  /* proc_stat.start_ticks of pid */
	int64_t forked_ms;     /* monotonic */
	int64_t exited_ms;     /* monotonic */
	int64_t cpu_us;	       /* user + system at exit, with waited children */
	int64_t max_rss_bytes; /* at exit */
};

struct board_slot {
	_Atomic uint32_t used;	  /* 1: the record is a live slot */
	_Atomic uint32_t current; /* which of the copies is whole: 0 or 1 */
	unsigned char copy[2][SLOT_RECORD_SIZE];
};

struct scoreboard {
	uint32_t magic;
	uint32_t layout;
	_Atomic uint64_t next_uid;	  /* never reused; counts from 1 */
	_Atomic uint64_t next_generation; /* counts from 1 */
	int64_t started_wall_ms;
	_Atomic uint32_t master_starts; /* 1: the first master */
	_Atomic uint32_t logger_starts;
	/*
	 * Entries from these on have never been used. A walk must stop there:
	 * reading a page of the memfd that nobody wrote takes memory for it.
	 */
	_Atomic uint32_t procs_high;
	_Atomic uint32_t slots_high;
	struct board_proc procs[WORKERS_MAX];
	struct board_slot slots[WORKERS_MAX];
};

/*
 * Make one: returns the memfd (sealed against resizing, close-on-exec) and maps
 * it to `*board`; or -errno.
 */
int scoreboard_create(struct scoreboard **board) MUST_CHECK;

/* Map an existing one. 0, -EINVAL (not a scoreboard of this layout), -errno. */
int scoreboard_map(int fd, struct scoreboard **board) MUST_CHECK;
void scoreboard_unmap(struct scoreboard *board);

/* Slot records: `len` bytes at most SLOT_RECORD_SIZE. Single writer. */
void scoreboard_slot_commit(
    struct scoreboard *board, uint32_t slot, const void *record, size_t len);
void scoreboard_slot_load(
    const struct scoreboard *board, uint32_t slot, void *record, size_t len);
/* A free slot index, now used; -ENOSPC. */
int scoreboard_slot_take(struct scoreboard *board) MUST_CHECK;
void scoreboard_slot_free(struct scoreboard *board, uint32_t slot);

/* A free proc entry, its uid set to a fresh one; -ENOSPC. Master only. */
int scoreboard_proc_take(struct scoreboard *board, uint32_t slot) MUST_CHECK;

#endif
