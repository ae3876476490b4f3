/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_errors.c - the bounded list of messages.
 */
#include "helper.h"

#include <stdio.h>
#include <string.h>

static const struct config_pos nowhere = { 0, 0 };

Test(errors, place_comes_first)
{
	struct config_pos pos = { 3, 7 };
	struct config_errors e;

	config_errors_init(&e);
	config_errors_add(&e, "f.yaml", pos, "apps: %s", "wrong");
	config_errors_add(&e, "f.yaml", nowhere, "missing");
	cr_assert_str_eq(e.text[0], "f.yaml:3:7: apps: wrong");
	cr_assert_str_eq(e.text[1], "f.yaml: missing");
	config_errors_fini(&e);
}

Test(errors, all_are_counted_and_twenty_are_kept)
{
	struct config_errors e;
	int i;

	config_errors_init(&e);
	for (i = 0; i < 50; i++)
		config_errors_add(&e, "f", nowhere, "error %d", i);
	cr_assert_eq(e.count, 50);
	cr_assert_str_eq(e.text[19], "f: error 19");
	config_errors_fini(&e);
}

Test(errors, same_message_is_kept_once)
{
	struct config_errors e;

	config_errors_init(&e);
	config_errors_add(&e, "f", nowhere, "again");
	config_errors_add(&e, "f", nowhere, "again");
	cr_assert_eq(e.count, 1);
	config_errors_fini(&e);
}

Test(errors, terminals_get_no_control_bytes_and_no_endless_lines)
{
	struct config_errors e;
	char text[8192];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	config_errors_init(&e);
	config_errors_add(&e, "f", nowhere, "a\033[31mb\nc");
	config_errors_add(&e, "f", nowhere, "%s", text);
	cr_assert_str_eq(e.text[0], "f: a?[31mb?c");
	cr_assert_lt(strlen(e.text[1]), 1100);
	config_errors_fini(&e);
}
