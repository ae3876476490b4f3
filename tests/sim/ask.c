/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.c - what people ask for: start, stop, restart, reload as a rollout.
 */
#include "sim.h"

static void
request(struct sim *m, struct sim_slot *x, enum slot_event_type type)
{
	x->request++;
	x->asked_ms = m->now_ms;
	x->starts = 0;
	x->starts_since_ms = m->now_ms;
	switch (type) {
	case SLOT_EV_STOP:
	case SLOT_EV_STOP_FAST:
		x->wait = SIM_NOBODY;
		if (!x->down_due)
			x->stopped_ms = m->now_ms;
		x->down_due = true;
		break;
	case SLOT_EV_START:
		x->wait = SIM_FOR_UP;
		x->down_due = false;
		break;
	default:
		x->wait = SIM_FOR_NEW;
		x->down_due = false;
		break;
	}
	step_feed(m, x, (struct slot_event){ .type = type });
}

static void
advance(struct sim *m, struct sim_pool *p)
{
	int i;

	while (p->rolling && (i = rollout_next(&p->plan)) != -1) {
		if (p->plan.active > p->plan.max_surge)
			sim_fail(m, &p->slots[i], "%u in change, max_surge %u",
			    p->plan.active, p->plan.max_surge);
		p->slots[i].in_rollout = true;
		request(m, &p->slots[i], SLOT_EV_REPLACE);
	}
	if (p->rolling && rollout_is_over(&p->plan))
		p->rolling = false;
}

/* A new configuration comes with the rollout. */
static void
change_policy(struct sim *m, struct sim_pool *p)
{
	if (p->mood == SIM_HEALTHY || sim_chance(m, 60))
		return;
	p->policy.kill_timeout_ms =
	    sim_random(m, p->mood == SIM_LINGERING ? 15000 : 1500);
	p->policy.listen_timeout_ms = 300 + sim_random(m, 700);
	if (p->policy.kill_timeout_ms > p->kill_timeout_max_ms)
		p->kill_timeout_max_ms = p->policy.kill_timeout_ms;
	if (p->policy.listen_timeout_ms > p->listen_timeout_max_ms)
		p->listen_timeout_max_ms = p->policy.listen_timeout_ms;
	if (sim_chance(m, 10))
		p->policy.overlap = !p->policy.overlap;
}

static void
roll(struct sim *m, struct sim_pool *p)
{
	change_policy(m, p);
	rollout_init(&p->plan, p->n_slots, sim_random(m, 4));
	p->begun_at_failure = UINT32_MAX;
	p->rolling = true;
	advance(m, p);
}

void
ask_settled(struct sim *m, struct sim_slot *x)
{
	struct sim_pool *p = x->pool;
	bool rolled = x->in_rollout;

	x->settled = x->in_rollout = false;
	if (!rolled || !p->rolling)
		return;
	rollout_result(&p->plan, x->settled_ok);
	if (!x->settled_ok && p->begun_at_failure == UINT32_MAX)
		p->begun_at_failure = p->plan.next;
	if (p->begun_at_failure != UINT32_MAX &&
	    p->plan.next != p->begun_at_failure)
		sim_fail(m, x, "a failed rollout has begun another slot");
	advance(m, p);
}

static void
ask_slot(struct sim *m, struct sim_pool *p, enum slot_event_type type)
{
	if (type == SLOT_EV_STOP || type == SLOT_EV_STOP_FAST)
		rollout_end(&p->plan);
	else if (p->rolling)
		return; /* refused, as methods_change.c does */
	request(m, &p->slots[sim_random(m, p->n_slots)], type);
}

void
ask_something(struct sim *m)
{
	struct sim_pool *p = &m->pools[sim_random(m, m->n_pools)];
	uint32_t what = sim_random(m, 100);

	if (p->mood == SIM_CRASHING && sim_chance(m, 90))
		return; /* a crash loop is to be left alone for a while */
	if (what < 40 || p->mood == SIM_HEALTHY) {
		if (!p->rolling)
			roll(m, p);
	} else if (what < 50 ||
		   (p->mood == SIM_LINGERING && sim_chance(m, 80))) {
		/* One that overtakes another, as after the master's death. */
		ask_slot(m, p, SLOT_EV_REPLACE);
	} else if (what < 60) {
		ask_slot(m, p, SLOT_EV_STOP);
	} else if (what < 67) {
		ask_slot(m, p, SLOT_EV_STOP_FAST);
	} else if (what < 90) {
		ask_slot(m, p, SLOT_EV_START);
	} else {
		ask_slot(m, p, SLOT_EV_RESTART);
	}
}

void
ask_start_all(struct sim *m)
{
	for (unsigned i = 0; i < m->n_pools; i++)
		for (unsigned k = 0; k < m->pools[i].n_slots; k++)
			request(m, &m->pools[i].slots[k], SLOT_EV_START);
}

void
ask_stop_all(struct sim *m)
{
	bool fast = sim_chance(m, 30);

	for (unsigned i = 0; i < m->n_pools; i++) {
		rollout_end(&m->pools[i].plan);
		for (unsigned k = 0; k < m->pools[i].n_slots; k++)
			request(m, &m->pools[i].slots[k],
			    fast ? SLOT_EV_STOP_FAST : SLOT_EV_STOP);
	}
}
