/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - the pure core of the master in a model of the world.
 *
 * Pools of slots, processes that boot, serve, crash, hang and leave, requests
 * of people, a master that dies at any step; all from one seed. After every
 * step check.c looks whether what must never happen has happened.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>

#include "master/rollout.h"
#include "master/slot.h"

enum {
	SIM_POOLS_MAX = 3,
	SIM_SLOTS_MAX = 6,  /* of one pool */
	SIM_PROCS_MAX = 16, /* alive at once, one slot */
	SIM_REPORTS_MAX = 4096,
	SIM_LATE_MS = 4,       /* a report or a timer may be late by that */
	SIM_DIE_MAX_MS = 4000, /* from SIGKILL to reaped (uninterruptible) */
	SIM_EXTEND_MAX_MS = 800,
};

/* How the workers of a pool are. */
enum sim_mood {
	SIM_HEALTHY,   /* boot in time, do as they are told */
	SIM_MIXED,     /* anything */
	SIM_CRASHING,  /* never live for min_uptime */
	SIM_LINGERING, /* boot fast, leave slowly or not at all */
	SIM_NMOODS,
};

/* What one process will do, decided at its birth. -1: never. */
struct sim_proc {
	uint64_t uid;	    /* 0: the entry is free */
	uint64_t request;   /* number of the slot's last request when spawned */
	int64_t reap_at_ms; /* when its EXITED is due, SLOT_NEVER: not yet */
	bool speaks;
	bool forked;
	int drain_ms, exit_ms; /* after a drain message: says drained, exits */
	int term_ms;	       /* after the stop signal: exits */
	int die_ms;	       /* after SIGKILL */
	bool told, killed;
};

enum sim_wait {
	SIM_NOBODY,
	SIM_FOR_UP,	/* START */
	SIM_FOR_NEW,	/* REPLACE, RESTART: a worker spawned since */
	SIM_FOR_ORPHAN, /* its asker died with the master: may settle once */
};

struct sim_pool;

struct sim_slot {
	struct slot s;
	struct sim_pool *pool; /* borrowed */
	struct sim_proc procs[SIM_PROCS_MAX];
	enum sim_wait wait;
	uint64_t request; /* number of the last request */
	int64_t asked_ms;
	int64_t stopped_ms; /* when the last STOP was asked */
	bool down_due;	    /* a DOWN is to come */
	bool in_rollout, settled, settled_ok;
	/* autonomous starts since the last request or the last long life */
	unsigned starts;
	int64_t starts_since_ms;
};

struct sim_pool {
	struct slot_policy policy;
	enum sim_mood mood;
	struct sim_slot slots[SIM_SLOTS_MAX];
	unsigned n_slots;
	bool rolling, was_full;
	struct rollout plan;
	uint32_t begun_at_failure; /* plan.next when the first one failed */
	int64_t kill_timeout_max_ms, listen_timeout_max_ms;
};

/* An event on its way to a slot. */
struct sim_report {
	int64_t at_ms;
	struct sim_slot *slot; /* borrowed */
	struct slot_event event;
};

struct sim {
	uint64_t seed, random;
	int64_t now_ms, request_at_ms;
	uint32_t pace_ms; /* between two requests, at most */
	uint64_t next_uid, steps, failures;
	bool trace, ending;
	struct sim_pool pools[SIM_POOLS_MAX];
	unsigned n_pools;
	struct sim_report reports[SIM_REPORTS_MAX];
	size_t n_reports;
};

/* [0, n) */
uint32_t sim_random(struct sim *m, uint32_t n);
/* True in `percent` of all cases. */
bool sim_chance(struct sim *m, uint32_t percent);

/* The invariant that was broken, once a run; the first one ends it. */
void sim_fail(struct sim *m, const struct sim_slot *x, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* world.c: processes and reports. */
struct sim_proc *world_spawn(struct sim *m, struct sim_slot *x, uint64_t uid);
void world_perform(
    struct sim *m, struct sim_slot *x, const struct slot_action *a);
void world_reaped(struct sim *m, struct sim_slot *x, uint64_t uid);
struct sim_proc *world_find(struct sim_slot *x, uint64_t uid);
void world_report(
    struct sim *m, struct sim_slot *x, int64_t in_ms, struct slot_event event);

/* step.c: an event into a slot, its actions carried out, the master's death. */
void step_feed(struct sim *m, struct sim_slot *x, struct slot_event event);
void step_master_dies(struct sim *m);

/* ask.c: what people ask for. */
void ask_something(struct sim *m);
void ask_start_all(struct sim *m);
void ask_stop_all(struct sim *m);
void ask_settled(struct sim *m, struct sim_slot *x);

/* check.c: what must hold. `was` is the slot before the step. */
void check_step(struct sim *m, struct sim_slot *x, const struct slot *was,
    const struct slot_event *event, const struct slot_actions *out);
void check_slot(struct sim *m, struct sim_slot *x);
void check_pools(struct sim *m);
void check_end(struct sim *m);

#endif
