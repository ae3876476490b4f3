/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_slot_replace.c - replace before kill: the moves of a slot from one
 * worker to the next.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "slot_rig.h"

Test(slot_replace, the_old_one_drains_only_when_the_new_one_is_ready)
{
	struct slot_rig r;

	rig_up(&r);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "spawn2");
	cr_assert_eq(slot_status(&r.s), SLOT_RELOADING);
	rig_report(&r, SLOT_EV_FORKED, 2);
	cr_assert_str_eq(rig_wait(&r, 2000), "");
	cr_assert_eq(rig_state(&r, 1), WORKER_READY);
	cr_assert_str_eq(
	    rig_report(&r, SLOT_EV_READY, 2), "ready2 drain1 DONE");
	cr_assert_eq(r.s.current.uid, 2);
	cr_assert_eq(slot_status(&r.s), SLOT_READY);
	cr_assert_eq(r.s.restarts, 1);
	cr_assert_str_eq(rig_exit(&r, 1), "");
	cr_assert_eq(slot_deadline(&r.s), SLOT_NEVER);
}

Test(slot_replace, a_new_one_that_exits_leaves_the_old_one_serving)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_report(&r, SLOT_EV_FORKED, 2);
	cr_assert_str_eq(rig_exit(&r, 2), "failed2 NOT_DONE");
	cr_assert_eq(slot_status(&r.s), SLOT_READY);
	cr_assert_str_eq(rig_wait(&r, 100000), ""); /* not tried again */
	cr_assert_eq(rig_state(&r, 1), WORKER_READY);
}

Test(slot_replace, a_new_one_that_hangs_leaves_the_old_one_serving)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_report(&r, SLOT_EV_FORKED, 2);
	cr_assert_str_eq(rig_wait(&r, 3000), "failed2(timeout) kill2 NOT_DONE");
	/* The next try does not wait until that one has gone. */
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "spawn3");
	cr_assert_str_eq(rig_exit(&r, 2), "");
	cr_assert_str_eq(
	    rig_report(&r, SLOT_EV_READY, 3), "ready3 drain1 DONE");
}

Test(slot_replace, a_new_one_that_is_never_born_leaves_the_old_one_serving)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	cr_assert_str_eq(rig_unborn(&r, 2), "failed2 NOT_DONE");
	cr_assert_eq(rig_state(&r, 1), WORKER_READY);
}

Test(slot_replace, the_new_one_takes_over_when_the_old_one_crashes)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_report(&r, SLOT_EV_FORKED, 2);
	cr_assert_str_eq(rig_exit(&r, 1), "crashed1");
	cr_assert_eq(r.s.current.uid, 2);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "ready2 DONE");
}

Test(slot_replace, both_may_fail)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_exit(&r, 1);
	cr_assert_str_eq(rig_exit(&r, 2), "failed2 NOT_DONE");
	cr_assert_str_eq(rig_wait(&r, 100), "spawn3");
}

Test(slot_replace, without_overlap_the_old_one_goes_first)
{
	struct slot_rig r;

	rig_up(&r);
	r.policy.overlap = false;
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "drain1");
	cr_assert_eq(slot_status(&r.s), SLOT_RELOADING);
	cr_assert_str_eq(rig_exit(&r, 1), "spawn2");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "ready2 DONE");
}

Test(slot_replace, one_that_boots_is_not_waited_for)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	rig_report(&r, SLOT_EV_FORKED, 1);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "stop1");
	cr_assert_str_eq(rig_exit(&r, 1), "spawn2");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "ready2 DONE");
}

Test(slot_replace, one_that_waits_for_a_retry_is_started)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	rig_exit(&r, 1);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "spawn2");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "ready2 DONE");
}

Test(slot_replace, the_newest_request_counts)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_report(&r, SLOT_EV_FORKED, 2);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "stop2 spawn3");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "");
	cr_assert_str_eq(rig_exit(&r, 2), "");
	cr_assert_str_eq(
	    rig_report(&r, SLOT_EV_READY, 3), "ready3 drain1 DONE");
}

Test(slot_replace, a_restart_stops_and_then_starts)
{
	struct slot_rig r;

	rig_up(&r);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_RESTART), "drain1");
	cr_assert_str_eq(rig_exit(&r, 1), "spawn2");
	cr_assert_eq(r.s.crashes, 0);
	cr_assert_eq(r.s.restarts, 1);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "ready2 DONE");
}

Test(slot_replace, a_restart_overtakes_a_replacement)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_RESTART), "stop2 drain1");
	cr_assert_str_eq(rig_exit(&r, 1), "spawn3");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 3), "ready3 DONE");
	cr_assert_str_eq(rig_exit(&r, 2), "");
}

Test(slot_replace, a_restart_that_fails_is_told)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_RESTART);
	rig_exit(&r, 1);
	cr_assert_str_eq(rig_exit(&r, 2), "failed2 NOT_DONE");
	cr_assert_str_eq(rig_wait(&r, 0), "spawn3");
}

Test(slot_replace, a_stop_ends_both)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_report(&r, SLOT_EV_FORKED, 2);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP), "drain1 stop2");
	cr_assert_str_eq(rig_exit(&r, 1), "");
	cr_assert_str_eq(rig_exit(&r, 2), "DOWN");
}

Test(slot_replace, one_that_leaves_by_itself_has_a_successor_at_once)
{
	struct slot_rig r;

	rig_up(&r);
	rig_wait(&r, 1000);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_LEAVES, 1), "");
	cr_assert_eq(rig_state(&r, 1), WORKER_DRAINING);
	cr_assert_str_eq(rig_wait(&r, 0), "spawn2");
	cr_assert_str_eq(rig_exit(&r, 1), "");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "ready2");
	cr_assert_eq(r.s.crashes, 0);
}

Test(slot_replace, a_successor_that_fails_is_tried_again_while_the_old_one_goes)
{
	struct slot_rig r;

	rig_up(&r);
	rig_wait(&r, 1000);
	rig_report(&r, SLOT_EV_LEAVES, 1);
	rig_wait(&r, 0);
	cr_assert_str_eq(rig_exit(&r, 2), "failed2");
	cr_assert_str_eq(rig_wait(&r, 0), "spawn3");
	cr_assert_eq(rig_state(&r, 1), WORKER_DRAINING);
}

Test(slot_replace, one_that_leaves_and_does_not_go_is_killed)
{
	struct slot_rig r;

	rig_up(&r);
	rig_report(&r, SLOT_EV_LEAVES, 1);
	rig_wait(&r, 0);
	rig_boot(&r, 2);
	cr_assert_str_eq(rig_wait(&r, 5000), "stop1");
	cr_assert_str_eq(rig_wait(&r, 1600), "kill1");
}

Test(slot_replace, without_overlap_the_successor_waits_until_it_has_left)
{
	struct slot_rig r;

	rig_up(&r);
	r.policy.overlap = false;
	rig_wait(&r, 1000);
	rig_report(&r, SLOT_EV_LEAVES, 1);
	cr_assert_str_eq(rig_wait(&r, 100), "");
	cr_assert_eq(slot_status(&r.s), SLOT_RELOADING);
	cr_assert_str_eq(rig_exit(&r, 1), "");
	cr_assert_str_eq(rig_wait(&r, 0), "spawn2");
}

Test(slot_replace, leaving_at_once_again_and_again_is_slowed_down)
{
	struct slot_rig r;

	rig_up(&r);
	rig_report(&r, SLOT_EV_LEAVES, 1);
	rig_wait(&r, 0);
	rig_boot(&r, 2);
	rig_report(&r, SLOT_EV_LEAVES, 2);
	cr_assert_str_eq(rig_wait(&r, 99), "");
	cr_assert_str_eq(rig_wait(&r, 1), "spawn3");
}

Test(slot_replace, one_that_leaves_during_a_replacement_needs_no_other)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_LEAVES, 1), "");
	cr_assert_eq(r.s.current.uid, 2);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "ready2 DONE");
}

/* Workers 1 to 4 linger, 5 serves. */
static void
fill_leaving(struct slot_rig *r)
{
	rig_up(r);
	r->policy.kill_timeout_ms = 60000;
	for (uint64_t uid = 2; uid <= SLOT_LEAVING_MAX + 1; uid++) {
		rig_wait(r, 1000);
		rig_ask(r, SLOT_EV_REPLACE);
		rig_boot(r, uid);
	}
}

Test(slot_replace, when_too_many_linger_the_oldest_is_killed)
{
	struct slot_rig r;

	fill_leaving(&r);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "spawn6");
	rig_report(&r, SLOT_EV_SPEAKS, 6);
	cr_assert_str_eq(
	    rig_report(&r, SLOT_EV_READY, 6), "ready6 kill1 drain5 DONE");
	/* Until there is a place the new one serves from where it is. */
	cr_assert_eq(r.s.current.uid, 5);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_START), "DONE");
	cr_assert_str_eq(rig_exit(&r, 1), "");
	cr_assert_eq(r.s.current.uid, 6);
	cr_assert_eq(rig_state(&r, 5), WORKER_DRAINING);
}

Test(slot_replace, when_too_many_linger_the_old_one_may_go_first)
{
	struct slot_rig r;

	fill_leaving(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_boot(&r, 6);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "NOT_DONE");
	cr_assert_eq(rig_state(&r, 6), WORKER_READY);
	cr_assert_str_eq(rig_exit(&r, 5), "");
	cr_assert_eq(r.s.current.uid, 6);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP), "drain6");
}

Test(slot_replace, when_too_many_linger_the_new_one_may_crash)
{
	struct slot_rig r;

	fill_leaving(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_boot(&r, 6);
	cr_assert_str_eq(rig_exit(&r, 6), "crashed6");
	cr_assert_str_eq(rig_exit(&r, 1), "");
	cr_assert_eq(rig_state(&r, 5), WORKER_DRAINING);
	cr_assert_str_eq(rig_wait(&r, 100), "spawn7");
}

Test(slot_replace, a_start_while_the_old_one_leaves_starts_no_second_one)
{
	struct slot_rig r;

	fill_leaving(&r);
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_report(&r, SLOT_EV_LEAVES, 5); /* no place: it stays */
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_START), "");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 6), "ready6 DONE");
	cr_assert_str_eq(rig_exit(&r, 1), "");
	cr_assert_str_eq(rig_exit(&r, 5), "");
	cr_assert_eq(r.s.respawn, 0);
	cr_assert_eq(slot_status(&r.s), SLOT_READY);
}
