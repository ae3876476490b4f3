/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot.h - the life of one slot, as a pure state machine.
 *
 * (slot, event, now) -> (slot, actions). No clock, descriptor or syscall in
 * here: the master carries the actions out and feeds back what became of them.
 * A struct slot is plain bytes without pointers, because it lives in the
 * scoreboard, where the next master finds it.
 *
 * A slot has at most one current worker, one successor that is booting to
 * replace it, and a few that are leaving:
 *
 *	spawn -> STARTING -> READY -> DRAINING -> STOPPING -> KILLED -> reaped
 *
 * Replace before kill: with overlap the current worker is drained only when the
 * successor is ready; a successor that fails leaves everything as it was.
 */
#ifndef MASTER_SLOT_H
#define MASTER_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/limits.h>

enum worker_state {
	WORKER_NONE,	 /* no worker here */
	WORKER_SPAWNING, /* ordered, not forked yet */
	WORKER_STARTING, /* forked, not ready */
	WORKER_READY,
	WORKER_DRAINING, /* told to take no new work */
	WORKER_STOPPING, /* has got the stop signal */
	WORKER_KILLED,	 /* has got SIGKILL */
	WORKER_NSTATES,
};

enum {
	SLOT_LEAVING_MAX = 4, /* workers that linger; the oldest is killed */
	SLOT_ACTIONS_MAX = 32,
};

#define SLOT_NEVER INT64_MAX

/* All times are milliseconds of the monotonic clock. */
struct slot_worker {
	uint64_t uid;	     /* 0: none */
	uint64_t generation; /* of the configuration it was started from */
	uint32_t proc;	     /* its entry in the scoreboard */
	uint32_t state;	     /* enum worker_state */
	uint32_t speaks;     /* drains on a message; else on the stop signal */
	int64_t spawned_ms;
	int64_t ready_ms;    /* 0 until ready */
	int64_t deadline_ms; /* when slot_tick() has something to do for it */
	int64_t kill_at_ms;  /* draining: when patience ends */
};

enum slot_goal { SLOT_DOWN, SLOT_UP };

struct slot {
	char app[APP_NAME_MAX];
	uint32_t number;     /* in the app, from 0 */
	uint32_t pm_id;	     /* in clusterd; PM2's id */
	uint32_t goal;	     /* enum slot_goal */
	uint32_t restarts;   /* successors after a crash or a replacement */
	uint32_t crashes;    /* in a row, none of them up for min_uptime */
	uint32_t replacing;  /* a REPLACE or RESTART is under way */
	uint32_t asked;	     /* a request waits for DONE or NOT_DONE */
	uint32_t respawn;    /* start anew once the current worker has gone */
	uint32_t removing;   /* the master's: leaves the pool once it is down */
	int32_t last_status; /* wait(2), of the last exit nobody asked for */
	uint32_t has_last_status;
	int64_t last_exit_ms;
	int64_t retry_ms; /* next start after a crash; SLOT_NEVER: none due */
	int64_t created_wall_ms;
	struct slot_worker current, next;
	struct slot_worker leaving[SLOT_LEAVING_MAX];
};

/* What the app's configuration says; borrowed for the call. */
struct slot_policy {
	int64_t listen_timeout_ms;
	int64_t min_uptime_ms;
	int64_t kill_timeout_ms;
	bool overlap;	    /* two workers of a slot can serve side by side */
	bool ready_started; /* ready means: alive for min_uptime */
};

enum slot_event_type {
	SLOT_EV_START,	   /* be up; clears crashes */
	SLOT_EV_STOP,	   /* be down, gracefully */
	SLOT_EV_STOP_FAST, /* be down, by the stop signal at once */
	SLOT_EV_REPLACE, /* a new worker, the old one serving until it is ready
			  */
	SLOT_EV_RESTART, /* stop, then start */
	/* of the worker `uid` */
	SLOT_EV_FORKED,
	SLOT_EV_SPEAKS, /* a dialect in which it can be told to drain */
	SLOT_EV_READY,
	SLOT_EV_EXTEND,	 /* still booting: `extend_ms` more from now */
	SLOT_EV_DRAINED, /* it has finished its work; before a drain: it
			    cannot be told to drain any more */
	SLOT_EV_LEAVES,	 /* it has begun to drain by itself and will exit */
	SLOT_EV_EXITED,	 /* reaped, `status`; or never came to be, `unborn` */
	SLOT_EV_TICK,	 /* time has passed */
};

struct slot_event {
	enum slot_event_type type;
	uint64_t uid;
	int status;  /* wait(2) */
	bool unborn; /* fork or exec failed: there is no status */
	int64_t extend_ms;
};

enum slot_action_type {
	SLOT_ACT_SPAWN, /* `worker` points into the slot: the executor fills in
			   uid, proc and generation, or feeds EXITED, unborn */
	SLOT_ACT_DRAIN, /* tell it to take no new work */
	SLOT_ACT_STOP,	/* the app's stop signal to the main process */
	SLOT_ACT_KILL,	/* SIGKILL to the whole session */
	SLOT_ACT_SAY_READY,   /* for the log */
	SLOT_ACT_SAY_CRASHED, /* retry_ms says when the next start is */
	SLOT_ACT_SAY_FAILED,  /* a start that failed; `timeout`: not in time */
	SLOT_ACT_DONE,	      /* what was asked for is true: up, or replaced */
	SLOT_ACT_NOT_DONE,    /* it has failed */
	SLOT_ACT_DOWN,	      /* no worker is left, and none is wanted */
};

struct slot_action {
	enum slot_action_type type;
	struct slot_worker *worker; /* in the slot; NULL for DONE.. */
	struct slot_worker copy;    /* of it, as it was (it may be gone) */
	int status;
	bool unborn, timeout;
};

struct slot_actions {
	struct slot_action list[SLOT_ACTIONS_MAX];
	size_t count;
};

void slot_init(struct slot *s, const char *app, uint32_t number, uint32_t pm_id,
    int64_t wall_ms);

/* Appends to `out`, which the caller has emptied. An event that makes no sense
 * in the present state changes nothing. */
void slot_handle(struct slot *s, const struct slot_policy *policy,
    const struct slot_event *event, int64_t now_ms, struct slot_actions *out);

/* When slot_handle() wants a TICK at the latest; SLOT_NEVER: none. */
int64_t slot_deadline(const struct slot *s);

bool slot_is_empty(const struct slot *s); /* no worker of any kind */
struct slot_worker *slot_find(struct slot *s, uint64_t uid); /* or NULL */

enum slot_status {
	SLOT_STOPPED,
	SLOT_STARTING,
	SLOT_READY,
	SLOT_RELOADING,
	SLOT_STOPPING,
	SLOT_WAITING,
	SLOT_NSTATUS,
};
enum slot_status slot_status(const struct slot *s);
const char *slot_status_name(enum slot_status status);
const char *worker_state_name(enum worker_state state);

/*
 * How long to wait before the next start after `crashes` in a row: nothing for
 * the first, then 100 ms doubling up to 15 s.
 */
int64_t slot_backoff_ms(uint32_t crashes);

#endif
