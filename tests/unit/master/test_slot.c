/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_slot.c - a slot that is started, crashes, is stopped. How its worker is
 * replaced is in test_slot_replace.c.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "slot_rig.h"

Test(slot, a_start_is_done_when_the_worker_is_ready)
{
	struct slot_rig r;

	rig_init(&r);
	cr_assert_eq(slot_status(&r.s), SLOT_STOPPED);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_START), "spawn1");
	cr_assert_eq(slot_status(&r.s), SLOT_STARTING);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_FORKED, 1), "");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 1), "ready1 DONE");
	cr_assert_eq(slot_status(&r.s), SLOT_READY);
	cr_assert_eq(slot_deadline(&r.s), SLOT_NEVER);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 1), "");
}

Test(slot, a_start_of_one_that_is_up_is_done_at_once)
{
	struct slot_rig r;

	rig_up(&r);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_START), "DONE");
}

Test(slot, ready_may_overtake_the_report_of_the_fork)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 1), "ready1 DONE");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_FORKED, 1), "");
	cr_assert_eq(rig_state(&r, 1), WORKER_READY);
}

Test(slot, a_deadline_is_a_failure)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	rig_report(&r, SLOT_EV_FORKED, 1);
	cr_assert_str_eq(rig_wait(&r, 2999), "");
	cr_assert_str_eq(rig_wait(&r, 1), "failed1(timeout) kill1 NOT_DONE");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 1), "");
	cr_assert_str_eq(rig_exit(&r, 1), "");
	cr_assert_str_eq(rig_wait(&r, 0), "spawn2"); /* tried again */
}

Test(slot, sigkill_is_repeated_until_it_works)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	cr_assert_str_eq(rig_wait(&r, 3000), "failed1(timeout) kill1 NOT_DONE");
	cr_assert_str_eq(rig_wait(&r, 2000), "kill1 kill1");
}

Test(slot, a_worker_that_extends_gets_more_time)
{
	struct slot_rig r;
	struct slot_event more = {
		.type = SLOT_EV_EXTEND, .uid = 1, .extend_ms = 4000
	};
	struct slot_actions out = { .count = 0 };

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	rig_report(&r, SLOT_EV_FORKED, 1);
	rig_wait(&r, 2000);
	slot_handle(&r.s, &r.policy, &more, r.now, &out);
	more.extend_ms = 10; /* never less than it has */
	slot_handle(&r.s, &r.policy, &more, r.now, &out);
	more.extend_ms = INT64_MAX;
	slot_handle(&r.s, &r.policy, &more, r.now, &out);
	cr_assert_str_eq(rig_wait(&r, 3999), "");
	cr_assert_str_eq(rig_wait(&r, 1), "failed1(timeout) kill1 NOT_DONE");
}

Test(slot, ready_started_means_alive_for_min_uptime)
{
	struct slot_rig r;

	rig_init(&r);
	r.policy.ready_started = true;
	rig_ask(&r, SLOT_EV_START);
	rig_wait(&r, 500);
	rig_report(&r, SLOT_EV_FORKED, 1);
	cr_assert_str_eq(rig_wait(&r, 999), "");
	cr_assert_str_eq(rig_wait(&r, 1), "ready1 DONE");
}

Test(slot, ready_started_needs_the_fork)
{
	struct slot_rig r;

	rig_init(&r);
	r.policy.ready_started = true;
	rig_ask(&r, SLOT_EV_START);
	cr_assert_str_eq(rig_wait(&r, 3000), "failed1(timeout) kill1 NOT_DONE");
}

Test(slot, a_start_that_fails_is_told_once_and_tried_again)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	rig_report(&r, SLOT_EV_FORKED, 1);
	cr_assert_str_eq(rig_exit(&r, 1), "failed1 NOT_DONE");
	cr_assert_eq(slot_status(&r.s), SLOT_WAITING);
	cr_assert(r.s.has_last_status);
	cr_assert_str_eq(rig_wait(&r, 0), "spawn2");
	cr_assert_str_eq(rig_unborn(&r, 2), "failed2");
	cr_assert_not(r.s.has_last_status);
	cr_assert_str_eq(rig_wait(&r, 99), "");
	cr_assert_str_eq(rig_wait(&r, 1), "spawn3");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 3), "ready3");
}

Test(slot, crashes_in_a_row_wait_ever_longer)
{
	static const int64_t delays[] = { 0, 100, 200, 400, 800, 1600, 3200,
		6400, 12800, 15000, 15000 };
	struct slot_rig r;

	rig_up(&r);
	for (uint64_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		char spawn[32], crashed[32];

		cr_assert_eq(slot_backoff_ms((uint32_t)i + 1), delays[i]);
		snprintf(crashed, sizeof(crashed), "crashed%llu",
		    (unsigned long long)i + 1);
		snprintf(spawn, sizeof(spawn), "spawn%llu",
		    (unsigned long long)i + 2);
		cr_assert_str_eq(rig_exit(&r, i + 1), crashed);
		cr_assert_eq(slot_deadline(&r.s) - r.now, delays[i]);
		cr_assert_str_eq(rig_wait(&r, delays[i]), spawn);
		rig_boot(&r, i + 2);
	}
	cr_assert_eq(r.s.restarts, sizeof(delays) / sizeof(delays[0]));
	cr_assert_eq(slot_backoff_ms(UINT32_MAX), 15000);
	cr_assert_eq(slot_backoff_ms(0), 0);
}

Test(slot, a_long_life_ends_the_row_of_crashes)
{
	struct slot_rig r;

	rig_up(&r);
	for (uint64_t uid = 1; uid <= 6; uid++) {
		rig_exit(&r, uid);
		rig_wait(&r, slot_deadline(&r.s) - r.now);
		rig_boot(&r, uid + 1);
	}
	rig_wait(&r, 1000);
	rig_exit(&r, 7);
	cr_assert_str_eq(rig_wait(&r, 0), "spawn8");
	rig_exit(&r, 8);
	cr_assert_eq(slot_deadline(&r.s) - r.now, 100);
}

Test(slot, a_start_does_not_wait_for_the_delay)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	for (uint64_t uid = 1; uid <= 5; uid++) {
		rig_exit(&r, uid);
		if (uid < 5)
			rig_wait(&r, slot_deadline(&r.s) - r.now);
	}
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_START), "spawn6");
	cr_assert_str_eq(rig_exit(&r, 6), "failed6 NOT_DONE");
	cr_assert_str_eq(rig_wait(&r, 0), "spawn7"); /* counted afresh */
}

Test(slot, a_stop_drains_then_signals_then_kills)
{
	struct slot_rig r;

	rig_up(&r);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP), "drain1");
	cr_assert_eq(slot_status(&r.s), SLOT_STOPPING);
	cr_assert_str_eq(rig_wait(&r, 4999), "");
	cr_assert_str_eq(rig_wait(&r, 1), "stop1");
	cr_assert_str_eq(rig_wait(&r, 1599), "");
	cr_assert_str_eq(rig_wait(&r, 1), "kill1");
	cr_assert_str_eq(rig_exit(&r, 1), "DOWN");
	cr_assert_eq(slot_status(&r.s), SLOT_STOPPED);
	cr_assert_eq(slot_deadline(&r.s), SLOT_NEVER);
	cr_assert_str_eq(rig_exit(&r, 1), "");
}

Test(slot, one_that_cannot_be_told_gets_the_signal)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	rig_report(&r, SLOT_EV_READY, 1);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP), "stop1");
	cr_assert_str_eq(rig_wait(&r, 4999), "");
	cr_assert_str_eq(rig_wait(&r, 1), "kill1");
}

Test(slot, one_whose_channel_has_ended_gets_the_signal_and_all_its_time)
{
	struct slot_rig r;

	rig_up(&r);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_DRAINED, 1), "");
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP), "stop1");
	cr_assert_str_eq(rig_wait(&r, 4999), "");
}

Test(slot, one_that_has_drained_gets_a_moment_to_exit)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_STOP);
	rig_wait(&r, 1000);
	cr_assert_str_eq(rig_report(&r, SLOT_EV_DRAINED, 1), "");
	cr_assert_str_eq(rig_wait(&r, 199), "");
	cr_assert_str_eq(rig_wait(&r, 1), "stop1");
}

Test(slot, saying_drained_again_wins_no_time)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_STOP);
	rig_report(&r, SLOT_EV_DRAINED, 1);
	rig_wait(&r, 150);
	rig_report(&r, SLOT_EV_DRAINED, 1);
	cr_assert_str_eq(rig_wait(&r, 50), "stop1");
}

Test(slot, a_stop_while_it_boots_is_just_the_signal)
{
	struct slot_rig r;

	rig_init(&r);
	rig_ask(&r, SLOT_EV_START);
	rig_report(&r, SLOT_EV_FORKED, 1);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP), "stop1");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 1), "");
	cr_assert_str_eq(rig_exit(&r, 1), "DOWN");
}

Test(slot, a_stop_while_it_waits_for_a_retry_is_down_at_once)
{
	struct slot_rig r;

	rig_up(&r);
	rig_exit(&r, 1);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP), "DOWN");
	cr_assert_str_eq(rig_wait(&r, 60000), "");
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP), "DOWN");
}

Test(slot, a_fast_stop_is_the_signal_and_then_sigkill)
{
	struct slot_rig r;

	rig_up(&r);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP_FAST), "stop1");
	cr_assert_str_eq(rig_wait(&r, 1599), "");
	cr_assert_str_eq(rig_wait(&r, 1), "kill1");
	cr_assert_str_eq(rig_exit(&r, 1), "DOWN");
}

Test(slot, a_fast_stop_hurries_a_slow_one)
{
	struct slot_rig r;

	rig_up(&r);
	r.policy.kill_timeout_ms = 60000;
	rig_ask(&r, SLOT_EV_REPLACE);
	rig_boot(&r, 2); /* 1 drains */
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_REPLACE), "spawn3");
	rig_ask(&r, SLOT_EV_STOP); /* 2 drains, 3 has the signal */
	cr_assert_eq(rig_state(&r, 3), WORKER_STOPPING);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_STOP_FAST), "stop2 stop1");
	cr_assert_str_eq(rig_wait(&r, 1600), "kill3 kill2 kill1");
}

Test(slot, a_fast_stop_never_waits_longer_than_a_slow_one)
{
	struct slot_rig r;

	rig_up(&r);
	r.policy.kill_timeout_ms = 100;
	rig_ask(&r, SLOT_EV_STOP_FAST);
	cr_assert_str_eq(rig_wait(&r, 100), "kill1");
}

Test(slot, a_start_during_a_stop_follows_it)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_STOP);
	cr_assert_str_eq(rig_ask(&r, SLOT_EV_START), "");
	cr_assert_str_eq(rig_exit(&r, 1), "spawn2");
	cr_assert_str_eq(rig_report(&r, SLOT_EV_READY, 2), "ready2 DONE");
}

Test(slot, a_stop_takes_a_start_back)
{
	struct slot_rig r;

	rig_up(&r);
	rig_ask(&r, SLOT_EV_STOP);
	rig_ask(&r, SLOT_EV_START);
	rig_ask(&r, SLOT_EV_STOP);
	cr_assert_str_eq(rig_exit(&r, 1), "DOWN");
}

Test(slot, reports_about_strangers_change_nothing)
{
	struct slot_rig r;
	struct slot before;

	rig_up(&r);
	before = r.s;
	for (int type = SLOT_EV_FORKED; type <= SLOT_EV_EXITED; type++) {
		cr_assert_str_eq(
		    rig_report(&r, (enum slot_event_type)type, 77), "");
		cr_assert_str_eq(
		    rig_report(&r, (enum slot_event_type)type, 0), "");
	}
	cr_assert_eq(memcmp(&before, &r.s, sizeof(before)), 0);
}

Test(slot, every_state_has_a_name)
{
	for (int i = 0; i < SLOT_NSTATUS; i++)
		cr_assert_gt(strlen(slot_status_name((enum slot_status)i)), 0);
	cr_assert_str_eq(worker_state_name(WORKER_DRAINING), "draining");
	cr_assert_str_eq(worker_state_name(WORKER_NSTATES), "?");
}
