/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_same.c - which changes need a new worker.
 */
#include "helper.h"

#include <stdio.h>

#define BASE "name: a, script: a.js, listen: 80, env: {A: 1, B: 2}"

static bool
same(const char *a, const char *b)
{
	struct loaded x, y;
	char text[512];
	bool answer;

	snprintf(text, sizeof(text), "apps: [{%s}]", a);
	x = parse_yaml(text);
	snprintf(text, sizeof(text), "\n\napps:\n  - {%s}", b);
	y = parse_yaml(text);
	answer = config_app_same(good_app(&x), good_app(&y));
	cr_assert_eq(config_app_same(good_app(&y), good_app(&x)), answer);
	loaded_fini(&x);
	loaded_fini(&y);
	return answer;
}

Test(same, place_in_the_file_and_order_do_not_matter)
{
	cr_assert(same(BASE, BASE));
	cr_assert(
	    same(BASE, "env: {B: 2, A: 1}, listen: 80, script: a.js, name: a"));
}

Test(same, live_keys_need_no_new_worker)
{
	cr_assert(same(BASE, BASE ", instances: 4"));
	cr_assert(same(BASE, BASE ", max_surge: 4"));
	cr_assert(same(BASE, BASE ", kill_timeout: 4s"));
	cr_assert(same(BASE, BASE ", listen_timeout: 4s"));
	cr_assert(same(BASE, BASE ", wait_ready: true"));
}

Test(same, what_a_worker_is_started_with_does)
{
	cr_assert_not(same(BASE, BASE ", args: x"));
	cr_assert_not(same(BASE ", args: x", BASE ", args: y"));
	cr_assert_not(same(BASE, BASE ", cwd: x"));
	cr_assert_not(same(BASE, BASE ", clear_env: true"));
	cr_assert_not(same(BASE, BASE ", drain_linger: 2s"));
	cr_assert_not(same(BASE, BASE ", out_file: x"));
	cr_assert_not(same(BASE, BASE ", increment_var: A"));
	cr_assert_not(same("script: a.js", "script: b.js, name: a"));
	cr_assert_not(same("script: a.js", "command: [node, a.js], name: a"));
	cr_assert_not(
	    same("script: a.js, env: {A: 1}", "script: a.js, env: {A: 2}"));
	cr_assert_not(same(
	    "script: a.js, env: {A: 1}", "script: a.js, env: {A: 1, B: 1}"));
}

Test(same, listeners_count_with_their_options)
{
	cr_assert_not(same("script: a.js, listen: 80", "script: a.js"));
	cr_assert_not(
	    same("script: a.js, listen: 80", "script: a.js, listen: 81"));
	cr_assert_not(same("script: a.js, listen: '80'",
	    "script: a.js, listen: '80?backlog=5'"));
	cr_assert_not(same(
	    "script: a.js, listen: {a: 80}", "script: a.js, listen: {b: 80}"));
	cr_assert_not(same("script: a.js, listen: systemd:a",
	    "script: a.js, listen: systemd:b"));
	cr_assert(same(
	    "script: a.js, listen: 'tcp://*:80'", "script: a.js, listen: 80"));
}
