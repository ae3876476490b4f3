/* SPDX-License-Identifier: Apache-2.0 */
/* test_args.c - the words of the command line. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/scale.h"

static struct ctl c;

static int
parse(const char *const *argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	ctl_init(&c);
	return args_parse(&c, argc, (char **)(uintptr_t)argv);
}

#define PARSE(...) parse((const char *[]){ "clusterctl", __VA_ARGS__, NULL })

TestSuite(args, .init = cr_redirect_stderr);

Test(args, options_stand_before_and_after_the_command)
{
	cr_assert_eq(PARSE("--json", "status", "--socket", "/x", "api"), 0);
	cr_expect_str_eq(c.command->name, "status");
	cr_expect(c.opt.json);
	cr_expect_str_eq(c.opt.socket_path, "/x");
	cr_expect_eq(c.n_args, 1);
	cr_expect_str_eq(c.args[0], "api");
	ctl_fini(&c);
}

Test(args, a_value_may_be_joined)
{
	cr_assert_eq(PARSE("logs", "--lines=7", "--socket=/y"), 0);
	cr_expect_eq(c.opt.lines, 7);
	cr_expect_str_eq(c.opt.socket_path, "/y");
	ctl_fini(&c);
	cr_assert_eq(PARSE("logs", "-n5"), 0);
	cr_expect_eq(c.opt.lines, 5);
	ctl_fini(&c);
	cr_assert_eq(PARSE("logs", "-n", "6", "-q"), 0);
	cr_expect_eq(c.opt.lines, 6);
	cr_expect(c.opt.quiet);
	ctl_fini(&c);
}

Test(args, a_lone_negative_number_is_no_option)
{
	cr_assert_eq(PARSE("scale", "api", "-2"), 0);
	cr_expect_eq(c.n_args, 2);
	cr_expect_str_eq(c.args[1], "-2");
	ctl_fini(&c);
	cr_assert_eq(PARSE("scale", "--", "-2"), 0);
	cr_expect_eq(c.n_args, 1);
	cr_expect_str_eq(c.args[0], "-2");
	ctl_fini(&c);
}

Test(args, two_dashes_end_the_options)
{
	cr_assert_eq(PARSE("status", "--", "--json"), 0);
	cr_expect_not(c.opt.json);
	cr_expect_str_eq(c.args[0], "--json");
	ctl_fini(&c);
}

Test(args, aliases_are_the_command)
{
	static const char *const pairs[][2] = { { "ls", "status" },
		{ "ps", "status" }, { "del", "delete" }, { "desc", "describe" },
		{ "log", "logs" }, { "reloadLogs", "reopen-logs" },
		{ "signal", "sendSignal" } };
	size_t i;

	for (i = 0; i < COUNT(pairs); i++)
		cr_expect_str_eq(command_find(pairs[i][0])->name, pairs[i][1]);
}

Test(args, names_are_unique)
{
	const struct command *cmds;
	size_t n, i, a;

	cmds = command_table(&n);
	for (i = 0; i < n; i++) {
		cr_expect_eq(
		    command_find(cmds[i].name), &cmds[i], "%s", cmds[i].name);
		for (a = 0; a < COUNT(cmds[i].aliases); a++) {
			if (!cmds[i].aliases[a])
				break;
			cr_expect_eq(command_find(cmds[i].aliases[a]), &cmds[i],
			    "%s", cmds[i].aliases[a]);
		}
	}
}

Test(args, an_unknown_command_gets_a_suggestion)
{
	cr_expect_eq(PARSE("stauts"), CTL_USAGE);
	ctl_fini(&c);
	cr_expect_str_eq(command_suggest("stauts"), "status");
	cr_expect_null(command_suggest("xyzzyplugh"));
}

Test(args, what_is_wrong_is_a_usage_error)
{
	cr_expect_eq(PARSE("status", "--jsn"), CTL_USAGE);
	ctl_fini(&c);
	cr_expect_eq(PARSE("status", "--socket"), CTL_USAGE);
	ctl_fini(&c);
	cr_expect_eq(PARSE("status", "--socket", ""), CTL_USAGE);
	ctl_fini(&c);
	cr_expect_eq(PARSE("status", "--json=1"), CTL_USAGE);
	ctl_fini(&c);
	cr_expect_eq(PARSE("logs", "--lines", "many"), CTL_USAGE);
	ctl_fini(&c);
	cr_expect_eq(PARSE("logs", "--lines", "100001"), CTL_USAGE);
	ctl_fini(&c);
	cr_expect_eq(PARSE("status", "--lines", "3"), CTL_USAGE);
	ctl_fini(&c);
	cr_expect_eq(PARSE("stop"), CTL_USAGE, "an argument is missing");
	ctl_fini(&c);
	cr_expect_eq(PARSE("ping", "x"), CTL_USAGE, "one too many");
	ctl_fini(&c);
}

Test(args, help_needs_no_arguments)
{
	cr_expect_eq(PARSE("stop", "--help"), 0);
	cr_expect(c.opt.help);
	ctl_fini(&c);
}

static int
scale(struct scale *s, const char *first, const char *second)
{
	char *words[] = { (char *)(uintptr_t)first, (char *)(uintptr_t)second };

	memset(s, 0, sizeof(*s));
	return scale_parse(words, second ? 2 : 1, s);
}

Test(scale, every_form_is_understood)
{
	static const struct {
		const char *first, *second, *app;
		bool is_relative;
		int number;
	} forms[] = {
		{ "8", NULL, NULL, false, 8 },
		{ "api", "8", "api", false, 8 },
		{ "+2", NULL, NULL, true, 2 },
		{ "api", "+2", "api", true, 2 },
		{ "-2", NULL, NULL, true, -2 },
		{ "api", "-2", "api", true, -2 },
		{ "0", NULL, NULL, false, 0 },
	};
	struct scale s;
	size_t i;

	for (i = 0; i < COUNT(forms); i++) {
		cr_assert_eq(scale(&s, forms[i].first, forms[i].second), 0);
		cr_expect_eq(s.number, forms[i].number, "form %zu", i);
		cr_expect_eq(s.is_relative, forms[i].is_relative);
		if (forms[i].app)
			cr_expect_str_eq(s.app, forms[i].app);
		else
			cr_expect_null(s.app);
	}
}

Test(scale, what_is_no_number_is_refused)
{
	static const char *const words[] = { "", "+", "-", "x", "8x", "--2",
		"+-2", " 8", "99999", "99999999999999999999" };
	struct scale s;
	size_t i;

	for (i = 0; i < COUNT(words); i++)
		cr_expect_eq(
		    scale(&s, words[i], NULL), -EINVAL, "\"%s\"", words[i]);
}
