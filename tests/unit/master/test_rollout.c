/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_rollout.c - which slot is next, and when none is.
 */
#include <criterion/criterion.h>

#include "master/rollout.h"

Test(rollout, one_at_a_time)
{
	struct rollout r;

	rollout_init(&r, 3, 1);
	for (int i = 0; i < 3; i++) {
		cr_assert_not(rollout_is_over(&r));
		cr_assert_eq(rollout_next(&r), i);
		cr_assert_eq(rollout_next(&r), -1);
		rollout_result(&r, true);
	}
	cr_assert_eq(rollout_next(&r), -1);
	cr_assert(rollout_is_over(&r));
	cr_assert(rollout_succeeded(&r));
}

Test(rollout, never_more_than_max_surge)
{
	struct rollout r;

	rollout_init(&r, 5, 2);
	cr_assert_eq(rollout_next(&r), 0);
	cr_assert_eq(rollout_next(&r), 1);
	cr_assert_eq(rollout_next(&r), -1);
	rollout_result(&r, true);
	cr_assert_eq(rollout_next(&r), 2);
	cr_assert_eq(rollout_next(&r), -1);
}

Test(rollout, no_surge_would_never_end)
{
	struct rollout r;

	rollout_init(&r, 1, 0);
	cr_assert_eq(rollout_next(&r), 0);
}

Test(rollout, a_failure_begins_nothing_more)
{
	struct rollout r;

	rollout_init(&r, 5, 2);
	cr_assert_eq(rollout_next(&r), 0);
	cr_assert_eq(rollout_next(&r), 1);
	rollout_result(&r, false);
	cr_assert_eq(rollout_next(&r), -1);
	cr_assert_not(rollout_is_over(&r), "one is in change still");
	rollout_result(&r, true);
	cr_assert_eq(rollout_next(&r), -1);
	cr_assert(rollout_is_over(&r));
	cr_assert_not(rollout_succeeded(&r));
	cr_assert_eq(r.done, 1);
	cr_assert_eq(r.failed, 1);
}

Test(rollout, an_end_on_request)
{
	struct rollout r;

	rollout_init(&r, 2, 1);
	rollout_end(&r);
	cr_assert_eq(rollout_next(&r), -1);
	cr_assert(rollout_is_over(&r));
	cr_assert_not(rollout_succeeded(&r));
}

Test(rollout, of_nothing_succeeds)
{
	struct rollout r;

	rollout_init(&r, 0, 1);
	cr_assert_eq(rollout_next(&r), -1);
	cr_assert(rollout_is_over(&r));
	cr_assert(rollout_succeeded(&r));
}
