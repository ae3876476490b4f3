/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - runs of the simulation: time goes from one thing that is due to the
 * next, and nobody knows which of two that are near is first.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"

enum { RUNS = 25000, STEPS = 600, END_STEPS = 20000, SHOWN_MAX = 5 };

uint32_t
sim_random(struct sim *m, uint32_t n)
{
	uint64_t z = (m->random += 0x9e3779b97f4a7c15); /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return n > 1 ? (uint32_t)((z >> 32) % n) : 0;
}

bool
sim_chance(struct sim *m, uint32_t percent)
{
	return sim_random(m, 100) < percent;
}

void
sim_fail(struct sim *m, const struct sim_slot *x, const char *fmt, ...)
{
	va_list ap;

	if (m->failures++ > 0)
		return;
	printf("FAILED at %" PRId64 " ms, step %" PRIu64 ", %s[%u]: ",
	    m->now_ms, m->steps, x->s.app, x->s.number);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n  again: tests/sim/run --seed %" PRIu64 " --runs 1 --trace\n",
	    m->seed);
}

static void
make_pool(struct sim *m, struct sim_pool *p, unsigned number)
{
	char name[16];

	p->mood = (enum sim_mood)sim_random(m, SIM_NMOODS);
	p->n_slots = 1 + sim_random(m, SIM_SLOTS_MAX);
	p->policy = (struct slot_policy){
		.listen_timeout_ms = 300 + sim_random(m, 700),
		.min_uptime_ms = 50 + sim_random(m, 1000),
		.kill_timeout_ms =
		    sim_chance(m, 5) ? 0 : 50 + sim_random(m, 1500),
		.overlap = sim_chance(m, 75),
		.ready_started = sim_chance(m, 20),
	};
	if (p->mood == SIM_LINGERING)
		p->policy.kill_timeout_ms = 1000 + sim_random(m, 14000);
	p->kill_timeout_max_ms = p->policy.kill_timeout_ms;
	p->listen_timeout_max_ms = p->policy.listen_timeout_ms;
	snprintf(name, sizeof(name), "pool%u", number);
	for (unsigned i = 0; i < p->n_slots; i++) {
		slot_init(&p->slots[i].s, name, i, i, 0);
		p->slots[i].pool = p;
	}
}

static struct sim_slot *
earliest_deadline(struct sim *m, int64_t *at_ms)
{
	struct sim_slot *first = NULL;

	*at_ms = SLOT_NEVER;
	for (unsigned i = 0; i < m->n_pools; i++)
		for (unsigned k = 0; k < m->pools[i].n_slots; k++) {
			struct sim_slot *x = &m->pools[i].slots[k];
			int64_t at = slot_deadline(&x->s);

			if (at < *at_ms) {
				*at_ms = at;
				first = x;
			}
		}
	return first;
}

/* One of those that are due first; near ones overtake each other. */
static size_t
pick_report(struct sim *m, int64_t *at_ms)
{
	size_t best = 0;

	*at_ms = SLOT_NEVER;
	for (size_t i = 0; i < m->n_reports; i++) {
		int64_t at = m->reports[i].at_ms;

		if (at < *at_ms - SIM_LATE_MS ||
		    (at < *at_ms + SIM_LATE_MS && sim_chance(m, 50))) {
			best = i;
			*at_ms = at;
		}
	}
	return best;
}

static void
deliver(struct sim *m, size_t i)
{
	struct sim_report r = m->reports[i];
	struct sim_proc *p = world_find(r.slot, r.event.uid);

	m->reports[i] = m->reports[--m->n_reports];
	if (r.event.type == SLOT_EV_EXITED && p != NULL &&
	    r.at_ms != p->reap_at_ms)
		return; /* it ended earlier than this one says */
	step_feed(m, r.slot, r.event);
}

static void
step(struct sim *m)
{
	int64_t report_at, deadline_at, at;
	size_t report = pick_report(m, &report_at);
	struct sim_slot *x = earliest_deadline(m, &deadline_at);

	at = report_at < deadline_at ? report_at : deadline_at;
	if (m->request_at_ms <= at && !m->ending) {
		m->now_ms =
		    m->request_at_ms > m->now_ms ? m->request_at_ms : m->now_ms;
		m->request_at_ms = m->now_ms + sim_random(m, m->pace_ms);
		ask_something(m);
		return;
	}
	if (at == SLOT_NEVER)
		return;
	if (report_at != SLOT_NEVER && deadline_at != SLOT_NEVER &&
	    llabs(report_at - deadline_at) <= SIM_LATE_MS)
		at = sim_chance(m, 50) ? report_at : deadline_at;
	m->now_ms = at > m->now_ms ? at : m->now_ms;
	if (at == report_at && (at != deadline_at || sim_chance(m, 50)))
		deliver(m, report);
	else
		step_feed(m, x, (struct slot_event){ .type = SLOT_EV_TICK });
}

static bool
is_quiet(struct sim *m)
{
	int64_t at;

	return m->n_reports == 0 && earliest_deadline(m, &at) == NULL;
}

static void
run_one(struct sim *m, uint64_t seed, bool tracing)
{
	memset(m, 0, sizeof(*m));
	m->seed = m->random = seed;
	m->trace = tracing;
	m->now_ms = 1000;
	m->next_uid = 1;
	m->pace_ms = 100u << sim_random(m, 5);
	m->n_pools = 1 + sim_random(m, SIM_POOLS_MAX);
	for (unsigned i = 0; i < m->n_pools; i++)
		make_pool(m, &m->pools[i], i);
	ask_start_all(m);
	m->request_at_ms = m->now_ms + sim_random(m, 3000);
	while (m->steps < STEPS && m->failures == 0) {
		step(m);
		check_pools(m);
	}
	m->ending = true;
	ask_stop_all(m);
	for (int i = 0; i < END_STEPS && m->failures == 0 && !is_quiet(m); i++)
		step(m);
	check_end(m);
}

static uint64_t
number(const char *text, const char *what)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "sim: %s: not a number: %s\n", what, text);
		exit(2);
	}
	return n;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "runs", required_argument, NULL, 'r' },
		{ "trace", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	const char *env = getenv("CLUSTERD_SIM_RUNS");
	uint64_t seed = (uint64_t)time(NULL) * 1000003 % 1000000000000;
	uint64_t runs = env != NULL ? number(env, "CLUSTERD_SIM_RUNS") : RUNS;
	uint64_t steps = 0, failed = 0;
	bool tracing = false;
	struct sim *m = calloc(1, sizeof(*m));
	int c;

	while ((c = getopt_long(argc, argv, "j:", options, NULL)) != -1) {
		if (c == 's')
			seed = number(optarg, "--seed");
		else if (c == 'r')
			runs = number(optarg, "--runs");
		else if (c == 't')
			tracing = true;
		else if (c == '?')
			return 2;
	}
	if (m == NULL)
		return 1;
	printf("sim: seed %" PRIu64 ", %" PRIu64 " runs\n", seed, runs);
	for (uint64_t i = 0; i < runs && failed < SHOWN_MAX; i++) {
		run_one(m, seed + i, tracing);
		steps += m->steps;
		failed += m->failures > 0;
	}
	free(m);
	printf("sim: %" PRIu64 " runs, %" PRIu64 " steps, %" PRIu64 " failed\n",
	    runs, steps, failed);
	printf(
	    "%" PRIu64 " passed, %" PRIu64 " failed\n", runs - failed, failed);
	return failed == 0 ? 0 : 1;
}
