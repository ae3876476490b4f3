/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slot_rig.c - one slot in the hands of a test.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "slot_rig.h"

static const char *const names[] = {
	[SLOT_ACT_SPAWN] = "spawn",
	[SLOT_ACT_DRAIN] = "drain",
	[SLOT_ACT_STOP] = "stop",
	[SLOT_ACT_KILL] = "kill",
	[SLOT_ACT_SAY_READY] = "ready",
	[SLOT_ACT_SAY_CRASHED] = "crashed",
	[SLOT_ACT_SAY_FAILED] = "failed",
	[SLOT_ACT_DONE] = "DONE",
	[SLOT_ACT_NOT_DONE] = "NOT_DONE",
	[SLOT_ACT_DOWN] = "DOWN",
};

void
rig_init(struct slot_rig *r)
{
	memset(r, 0, sizeof(*r));
	slot_init(&r->s, "api", 0, 0, 0);
	r->policy = (struct slot_policy){
		.listen_timeout_ms = 3000,
		.min_uptime_ms = 1000,
		.kill_timeout_ms = 5000,
		.overlap = true,
	};
	r->now = 1000;
	r->next_uid = 1;
}

static void
say(struct slot_rig *r, const struct slot_action *a)
{
	size_t len = strlen(r->did);
	char uid[24] = "";

	if (a->copy.uid != 0)
		snprintf(
		    uid, sizeof(uid), "%llu", (unsigned long long)a->copy.uid);
	snprintf(r->did + len, sizeof(r->did) - len, "%s%s%s%s",
	    len > 0 ? " " : "", names[a->type], uid,
	    a->timeout ? "(timeout)" : "");
}

static void
feed(struct slot_rig *r, const struct slot_event *ev)
{
	struct slot_actions out = { .count = 0 };

	slot_handle(&r->s, &r->policy, ev, r->now, &out);
	for (size_t i = 0; i < out.count; i++) {
		if (out.list[i].type == SLOT_ACT_SPAWN) {
			out.list[i].worker->uid = r->next_uid++;
			out.list[i].copy.uid = out.list[i].worker->uid;
		}
		say(r, &out.list[i]);
	}
}

static const char *
feed_one(struct slot_rig *r, struct slot_event ev)
{
	r->did[0] = '\0';
	feed(r, &ev);
	return r->did;
}

const char *
rig_ask(struct slot_rig *r, enum slot_event_type type)
{
	return feed_one(r, (struct slot_event){ .type = type });
}

const char *
rig_report(struct slot_rig *r, enum slot_event_type type, uint64_t uid)
{
	return feed_one(r, (struct slot_event){ .type = type, .uid = uid });
}

const char *
rig_exit(struct slot_rig *r, uint64_t uid)
{
	return feed_one(
	    r, (struct slot_event){
		   .type = SLOT_EV_EXITED, .uid = uid, .status = 1 << 8 });
}

const char *
rig_unborn(struct slot_rig *r, uint64_t uid)
{
	return feed_one(
	    r, (struct slot_event){
		   .type = SLOT_EV_EXITED, .uid = uid, .unborn = true });
}

const char *
rig_wait(struct slot_rig *r, int64_t ms)
{
	int64_t end = r->now + ms;

	r->did[0] = '\0';
	while (slot_deadline(&r->s) <= end) {
		if (slot_deadline(&r->s) > r->now)
			r->now = slot_deadline(&r->s);
		feed(r, &(struct slot_event){ .type = SLOT_EV_TICK });
		cr_assert_gt(slot_deadline(&r->s), r->now, "a busy loop");
	}
	r->now = end;
	return r->did;
}

void
rig_boot(struct slot_rig *r, uint64_t uid)
{
	rig_report(r, SLOT_EV_FORKED, uid);
	rig_report(r, SLOT_EV_SPEAKS, uid);
	rig_report(r, SLOT_EV_READY, uid);
}

void
rig_up(struct slot_rig *r)
{
	rig_init(r);
	rig_ask(r, SLOT_EV_START);
	rig_boot(r, 1);
	cr_assert_eq(r->s.current.state, WORKER_READY);
}

enum worker_state
rig_state(struct slot_rig *r, uint64_t uid)
{
	const struct slot_worker *w = slot_find(&r->s, uid);

	return w != NULL ? (enum worker_state)w->state : WORKER_NONE;
}
