/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.c - one event into one slot, as slot_run.c does it: the record is
 * written, then the actions are carried out. The master may die in between.
 */
#include <stdio.h>
#include <string.h>

#include "sim.h"

static const char *const event_names[] = {
	[SLOT_EV_START] = "START",
	[SLOT_EV_STOP] = "STOP",
	[SLOT_EV_STOP_FAST] = "STOP_FAST",
	[SLOT_EV_REPLACE] = "REPLACE",
	[SLOT_EV_RESTART] = "RESTART",
	[SLOT_EV_FORKED] = "FORKED",
	[SLOT_EV_SPEAKS] = "SPEAKS",
	[SLOT_EV_READY] = "READY",
	[SLOT_EV_EXTEND] = "EXTEND",
	[SLOT_EV_DRAINED] = "DRAINED",
	[SLOT_EV_LEAVES] = "LEAVES",
	[SLOT_EV_EXITED] = "EXITED",
	[SLOT_EV_TICK] = "TICK",
};

static const char *const action_names[] = {
	[SLOT_ACT_SPAWN] = "spawn",
	[SLOT_ACT_DRAIN] = "drain",
	[SLOT_ACT_STOP] = "stop",
	[SLOT_ACT_KILL] = "kill",
	[SLOT_ACT_SAY_READY] = "say-ready",
	[SLOT_ACT_SAY_CRASHED] = "say-crashed",
	[SLOT_ACT_SAY_FAILED] = "say-failed",
	[SLOT_ACT_DONE] = "DONE",
	[SLOT_ACT_NOT_DONE] = "NOT-DONE",
	[SLOT_ACT_DOWN] = "DOWN",
};

static void
print_worker(const char *what, const struct slot_worker *w)
{
	if (w->state != WORKER_NONE)
		printf(" %s=%llu:%s", what, (unsigned long long)w->uid,
		    worker_state_name((enum worker_state)w->state));
}

static void
trace(const struct sim *m, const struct sim_slot *x,
    const struct slot_event *event, const struct slot_actions *out)
{
	printf("%8lld %s[%u] %s", (long long)m->now_ms, x->s.app, x->s.number,
	    event_names[event->type]);
	if (event->uid != 0)
		printf(" %llu", (unsigned long long)event->uid);
	printf(" ->");
	for (size_t i = 0; i < out->count; i++) {
		printf(" %s", action_names[out->list[i].type]);
		if (out->list[i].copy.uid != 0)
			printf("(%llu)",
			    (unsigned long long)out->list[i].copy.uid);
	}
	printf(" |%s", x->s.goal == SLOT_UP ? " up" : " down");
	print_worker("current", &x->s.current);
	print_worker("next", &x->s.next);
	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		print_worker("leaving", &x->s.leaving[i]);
	printf("\n");
}

/* The executor's part of SPAWN; `order` false: the master dies before it. */
static void
perform_spawn(
    struct sim *m, struct sim_slot *x, const struct slot_action *a, bool order)
{
	a->worker->uid = m->next_uid++;
	if (order)
		(void)world_spawn(m, x, a->worker->uid);
}

/* Carry out the first `n` actions. */
static void
perform(
    struct sim *m, struct sim_slot *x, const struct slot_actions *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct slot_action *a = &out->list[i];

		switch (a->type) {
		case SLOT_ACT_SPAWN:
			perform_spawn(m, x, a, true);
			break;
		case SLOT_ACT_DONE:
		case SLOT_ACT_NOT_DONE:
		case SLOT_ACT_DOWN:
			x->settled = true;
			x->settled_ok = a->type != SLOT_ACT_NOT_DONE;
			break;
		default:
			world_perform(m, x, a);
			break;
		}
	}
}

static void
handle(struct sim *m, struct sim_slot *x, const struct slot_event *event,
    struct slot_actions *out)
{
	struct slot was = x->s;

	m->steps++;
	out->count = 0;
	slot_handle(&x->s, &x->pool->policy, event, m->now_ms, out);
	if (event->type == SLOT_EV_EXITED)
		world_reaped(m, x, event->uid);
	if (m->trace)
		trace(m, x, event, out);
	check_step(m, x, &was, event, out);
}

/* A new master finds the records and asks what became of each worker. */
static void
adopt(struct sim *m, struct sim_slot *x)
{
	struct slot_worker *all[2 + SLOT_LEAVING_MAX] = { &x->s.current,
		&x->s.next };
	uint64_t lost[COUNT(all)];
	size_t n = 0;

	for (size_t i = 0; i < SLOT_LEAVING_MAX; i++)
		all[2 + i] = &x->s.leaving[i];
	for (size_t i = 0; i < COUNT(all); i++) {
		if (all[i]->state == WORKER_NONE)
			continue;
		if (all[i]->uid == 0) /* decided, but never ordered */
			all[i]->uid = m->next_uid++;
		if (world_find(x, all[i]->uid) == NULL)
			lost[n++] = all[i]->uid;
	}
	for (size_t i = 0; i < n; i++)
		step_feed(m, x,
		    (struct slot_event){ .type = SLOT_EV_EXITED,
			.uid = lost[i],
			.unborn = true });
}

void
step_master_dies(struct sim *m)
{
	if (m->trace)
		printf("%8lld the master dies\n", (long long)m->now_ms);
	for (unsigned i = 0; i < m->n_pools; i++) {
		struct sim_pool *p = &m->pools[i];

		p->rolling = false;
		for (unsigned k = 0; k < p->n_slots; k++) {
			struct sim_slot *x = &p->slots[k];
			unsigned char record[sizeof(x->s)];

			memcpy(record, &x->s, sizeof(record));
			memset(&x->s, 0xa5, sizeof(x->s));
			memcpy(&x->s, record, sizeof(record));
			x->in_rollout = x->settled = false;
			if (x->wait != SIM_NOBODY)
				x->wait = SIM_FOR_ORPHAN;
		}
	}
	for (unsigned i = 0; i < m->n_pools; i++)
		for (unsigned k = 0; k < m->pools[i].n_slots; k++)
			adopt(m, &m->pools[i].slots[k]);
}

void
step_feed(struct sim *m, struct sim_slot *x, struct slot_event event)
{
	struct slot_actions out;
	bool dies = sim_random(m, 400) == 0;
	size_t n;

	handle(m, x, &event, &out);
	n = dies ? sim_random(m, (uint32_t)out.count + 1) : out.count;
	perform(m, x, &out, n);
	if (dies) {
		if (n < out.count && out.list[n].type == SLOT_ACT_SPAWN &&
		    sim_chance(m, 50))
			perform_spawn(m, x, &out.list[n], false);
		step_master_dies(m);
		return;
	}
	check_slot(m, x);
	if (x->settled)
		ask_settled(m, x);
}
