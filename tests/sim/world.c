/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.c - the processes of the simulation and what they and the keeper
 * report.
 */
#include <string.h>

#include "sim.h"

struct sim_proc *
world_find(struct sim_slot *x, uint64_t uid)
{
	for (size_t i = 0; uid != 0 && i < SIM_PROCS_MAX; i++)
		if (x->procs[i].uid == uid)
			return &x->procs[i];
	return NULL;
}

void
world_report(
    struct sim *m, struct sim_slot *x, int64_t in_ms, struct slot_event event)
{
	if (m->n_reports == SIM_REPORTS_MAX) {
		sim_fail(m, x, "more reports than the simulation holds");
		return;
	}
	m->reports[m->n_reports++] = (struct sim_report){
		.at_ms = m->now_ms + in_ms,
		.slot = x,
		.event = event,
	};
}

static void
say(struct sim *m, struct sim_slot *x, const struct sim_proc *p, int64_t in_ms,
    enum slot_event_type type)
{
	world_report(
	    m, x, in_ms, (struct slot_event){ .type = type, .uid = p->uid });
}

/* Its exit becomes due; an earlier one stands. */
static void
exit_in(struct sim *m, struct sim_slot *x, struct sim_proc *p, int64_t in_ms,
    bool unborn)
{
	if (p->reap_at_ms <= m->now_ms + in_ms)
		return;
	p->reap_at_ms = m->now_ms + in_ms;
	world_report(m, x, in_ms,
	    (struct slot_event){
		.type = SLOT_EV_EXITED,
		.uid = p->uid,
		.status = (int)sim_random(m, 3) << 8,
		.unborn = unborn,
	    });
}

/* Between `from` and `to`. */
static int
between(struct sim *m, int64_t from, int64_t to)
{
	return (int)(from + sim_random(m, (uint32_t)(to - from + 1)));
}

static void
decide_end(struct sim *m, const struct sim_pool *pool, struct sim_proc *p)
{
	bool lingers = pool->mood == SIM_LINGERING;
	int kill_timeout = (int)pool->policy.kill_timeout_ms;

	p->speaks = sim_chance(m, 60);
	p->drain_ms = between(m, 0, kill_timeout / 2);
	p->exit_ms = p->drain_ms + between(m, 0, 150);
	p->term_ms = between(m, 0, kill_timeout / 2);
	p->die_ms = between(m, 0, 3);
	if (pool->mood == SIM_HEALTHY)
		return;
	if (sim_chance(m, lingers ? 90 : 15))
		p->drain_ms = -1; /* does not say that it has drained */
	if (sim_chance(m, lingers ? 90 : 25))
		p->exit_ms = -1; /* waits for the signal */
	if (sim_chance(m, lingers ? 60 : 20))
		p->term_ms = -1; /* ignores the signal */
	if (sim_chance(m, lingers ? 20 : 3))
		p->die_ms = between(m, 500, SIM_DIE_MAX_MS);
}

/* Up: what it does by itself while it serves. */
static void
decide_life(
    struct sim *m, struct sim_slot *x, struct sim_proc *p, int64_t ready_ms)
{
	const struct slot_policy *policy = &x->pool->policy;
	int64_t life = between(m, 1, 2 * policy->min_uptime_ms);

	if (x->pool->mood == SIM_HEALTHY)
		return;
	if (x->pool->mood == SIM_CRASHING) {
		if (sim_chance(m, 20))
			say(m, x, p, ready_ms, SLOT_EV_LEAVES);
		exit_in(m, x, p,
		    ready_ms + between(m, 0, policy->min_uptime_ms - 1), false);
		return;
	}
	if (sim_chance(m, 20)) {
		exit_in(m, x, p, ready_ms + life, false);
	} else if (sim_chance(m, 20)) {
		say(m, x, p, ready_ms + life, SLOT_EV_LEAVES);
		if (sim_chance(m, 70))
			exit_in(m, x, p, ready_ms + life + between(m, 0, 2000),
			    false);
	}
	if (sim_chance(m, 10)) /* its channel ends */
		say(m, x, p, ready_ms + between(m, 0, 1000), SLOT_EV_DRAINED);
	if (sim_chance(m, 10)) /* says ready again */
		say(m, x, p, ready_ms + between(m, 0, 1000), SLOT_EV_READY);
}

static void
decide_boot(struct sim *m, struct sim_slot *x, struct sim_proc *p, int fork_ms)
{
	const struct slot_policy *policy = &x->pool->policy;
	int limit = (int)policy->listen_timeout_ms;
	bool lingers = x->pool->mood == SIM_LINGERING;
	int boot = fork_ms + between(m, 0, lingers ? 20 : limit / 3);

	if (p->speaks)
		say(m, x, p, between(m, fork_ms, boot), SLOT_EV_SPEAKS);
	if (x->pool->mood != SIM_HEALTHY) {
		if (sim_chance(m, 10)) {
			exit_in(m, x, p, between(m, 0, boot), false);
			return;
		}
		if (sim_chance(m, 10)) {
			world_report(m, x, between(m, fork_ms, limit),
			    (struct slot_event){
				.type = SLOT_EV_EXTEND,
				.uid = p->uid,
				.extend_ms = between(m, 0, SIM_EXTEND_MAX_MS),
			    });
			boot = between(m, fork_ms, 2 * limit);
		}
		if (sim_chance(m, 10))
			return; /* hangs */
	}
	if (policy->ready_started)
		boot = fork_ms + (int)policy->min_uptime_ms + SIM_LATE_MS;
	else
		say(m, x, p, boot, SLOT_EV_READY);
	decide_life(m, x, p, boot);
}

struct sim_proc *
world_spawn(struct sim *m, struct sim_slot *x, uint64_t uid)
{
	struct sim_proc *p = NULL;
	int fork_ms = sim_chance(m, 70) ? 0 : between(m, 0, 20);

	for (size_t i = 0; i < SIM_PROCS_MAX && p == NULL; i++)
		if (x->procs[i].uid == 0)
			p = &x->procs[i];
	if (p == NULL) {
		sim_fail(m, x, "more than %d processes", SIM_PROCS_MAX);
		return NULL;
	}
	*p = (struct sim_proc){
		.uid = uid,
		.request = x->request,
		.reap_at_ms = SLOT_NEVER,
	};
	decide_end(m, x->pool, p);
	if (x->pool->mood != SIM_HEALTHY && sim_chance(m, 5)) {
		exit_in(m, x, p, fork_ms, true);
		return p;
	}
	say(m, x, p, fork_ms, SLOT_EV_FORKED);
	decide_boot(m, x, p, fork_ms);
	return p;
}

static void
told_to_drain(struct sim *m, struct sim_slot *x, struct sim_proc *p)
{
	int again = p->exit_ms < 0 && sim_chance(m, 10) ? 40 : 1;

	for (int i = 0; p->drain_ms >= 0 && i < again; i++)
		say(m, x, p, p->drain_ms + 150 * i, SLOT_EV_DRAINED);
	if (p->exit_ms >= 0)
		exit_in(m, x, p, p->exit_ms, false);
}

void
world_perform(struct sim *m, struct sim_slot *x, const struct slot_action *a)
{
	struct sim_proc *p = world_find(x, a->copy.uid);

	if (p == NULL)
		return; /* the check has said it */
	if (a->type == SLOT_ACT_DRAIN) {
		told_to_drain(m, x, p);
	} else if (a->type == SLOT_ACT_STOP) {
		p->told = true;
		if (p->term_ms >= 0)
			exit_in(m, x, p, p->term_ms, false);
	} else if (a->type == SLOT_ACT_KILL) {
		p->killed = true;
		exit_in(m, x, p, p->die_ms, false);
	}
}

/* The keeper has reaped it. What it said before may still arrive, late. */
void
world_reaped(struct sim *m, struct sim_slot *x, uint64_t uid)
{
	static const enum slot_event_type late[] = { SLOT_EV_FORKED,
		SLOT_EV_READY, SLOT_EV_DRAINED, SLOT_EV_LEAVES, SLOT_EV_EXITED,
		SLOT_EV_SPEAKS };
	struct sim_proc *p = world_find(x, uid);

	if (p == NULL)
		return;
	if (sim_chance(m, 10))
		say(m, x, p, between(m, 0, 3000),
		    late[sim_random(m, COUNT(late))]);
	memset(p, 0, sizeof(*p));
}
