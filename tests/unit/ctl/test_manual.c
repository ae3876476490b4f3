/* SPDX-License-Identifier: Apache-2.0 */
/* test_manual.c - the manual and the completion know every row of the tables.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "fake.h"

/* As a word of its own: not as a part of another one. */
static bool
has_word(const char *text, const char *word)
{
	const char *at = text;
	size_t len = strlen(word);

	while ((at = strstr(at, word)) != NULL) {
		bool begins = at == text || (!isalnum((unsigned char)at[-1]) &&
						at[-1] != '-');
		bool ends = !isalnum((unsigned char)at[len]) && at[len] != '-';

		if (begins && ends)
			return true;
		at += len;
	}
	return false;
}

/* The lines of the manual that begin an entry with these words. */
static bool
has_entry(const char *manual, const char *begin, const char *word)
{
	char wanted[96];
	const char *at = manual;

	snprintf(wanted, sizeof(wanted), "%s%s", begin, word);
	while ((at = strstr(at, wanted)) != NULL) {
		at += strlen(wanted);
		if (*at == '\n' || *at == ' ')
			return true;
	}
	return false;
}

Test(manual, every_command_has_an_entry)
{
	char *manual = source_text("man/clusterctl.1");
	const struct command *cmds;
	size_t n, i, a;

	cmds = command_table(&n);
	for (i = 0; i < n; i++) {
		cr_expect(has_entry(manual, ".It Cm ", cmds[i].name),
		    "clusterctl.1 has no entry for %s", cmds[i].name);
		for (a = 0; a < COUNT(cmds[i].aliases); a++) {
			if (!cmds[i].aliases[a])
				break;
			cr_expect(has_word(manual, cmds[i].aliases[a]),
			    "clusterctl.1 does not name %s",
			    cmds[i].aliases[a]);
		}
	}
	free(manual);
}

Test(manual, every_option_has_an_entry)
{
	char *manual = source_text("man/clusterctl.1");
	const struct option_row *rows;
	char letter[32];
	size_t n, i;

	rows = option_table(&n);
	for (i = 0; i < n; i++) {
		snprintf(letter, sizeof(letter), ".It Fl %c , Fl Fl ",
		    rows[i].letter);
		cr_expect(
		    has_entry(manual, rows[i].letter ? letter : ".It Fl Fl ",
			rows[i].name),
		    "clusterctl.1 has no entry for --%s", rows[i].name);
	}
	free(manual);
}

Test(manual, every_exit_status_has_an_entry)
{
	char *manual = source_text("man/clusterctl.1"), *from, text[32];
	int i;

	from = strstr(manual, ".Sh EXIT STATUS");
	cr_assert_not_null(from);
	for (i = CTL_DONE; i <= CTL_BAD_CONFIG; i++) {
		snprintf(text, sizeof(text), ".It %d\n", i);
		cr_expect_not_null(strstr(from, text), "exit status %d", i);
	}
	free(manual);
}

Test(completion, it_offers_every_command_and_option)
{
	char *bash = source_text("contrib/completion/clusterctl.bash");
	const struct option_row *rows;
	const struct command *cmds;
	char option[64];
	size_t n, i, a;

	cmds = command_table(&n);
	for (i = 0; i < n; i++) {
		cr_expect(has_word(bash, cmds[i].name), "%s", cmds[i].name);
		for (a = 0; a < COUNT(cmds[i].aliases); a++) {
			if (cmds[i].aliases[a])
				cr_expect(has_word(bash, cmds[i].aliases[a]),
				    "%s", cmds[i].aliases[a]);
		}
	}
	rows = option_table(&n);
	for (i = 0; i < n; i++) {
		snprintf(option, sizeof(option), "--%s", rows[i].name);
		cr_expect(has_word(bash, option), "%s", option);
	}
	free(bash);
}

/* And nothing that is not there. */
Test(completion, it_offers_no_other_command)
{
	char *bash = source_text("contrib/completion/clusterctl.bash");
	char *list = strchr(strstr(bash, "_clusterctl_commands='"), '\'') + 1;
	char *word, *save;

	*strchr(list, '\'') = '\0';
	for (word = strtok_r(list, " \t\n", &save); word;
	     word = strtok_r(NULL, " \t\n", &save))
		cr_expect_not_null(command_find(word), "%s", word);
	free(bash);
}
