/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_manual.c - ecosystem.yaml(5) knows every row of the tables.
 */
#include "helper.h"

#include <stdio.h>
#include <string.h>

#include <clusterd/files.h>

#include "config/keys.h"
#include "config/listen.h"

static struct buf manual;

static void
setup(void)
{
	buf_init(&manual, CONFIG_BYTES_MAX);
	cr_assert_eq(
	    file_read(TEST_SRCDIR "/man/ecosystem.yaml.5", &manual), 0);
	cr_assert_eq(buf_append(&manual, "", 1), 0);
}

static void
teardown(void)
{
	buf_fini(&manual);
}

/* From the entry of a key, ".It Ic NAME", to the next one; or NULL. */
static const char *
find_entry(const char *name, size_t *len)
{
	char line[128];
	const char *at, *end;

	snprintf(line, sizeof(line), "\n.It Ic %s\n", name);
	at = strstr(manual.data, line);
	if (at == NULL)
		return NULL;
	end = strstr(at + 1, "\n.It ");
	*len = end != NULL ? (size_t)(end - at) : strlen(at);
	return at;
}

static void
check_entry(const char *name, const char *dflt, const char *const *aliases)
{
	const char *entry;
	size_t len;

	entry = find_entry(name, &len);
	cr_expect_not_null(entry, "%s has no entry", name);
	if (entry == NULL)
		return;
	for (; *aliases != NULL; aliases++)
		cr_expect_not_null(
		    memmem(entry, len, *aliases, strlen(*aliases)),
		    "%s: alias %s is not mentioned", name, *aliases);
	if (dflt != NULL)
		cr_expect_not_null(memmem(entry, len, dflt, strlen(dflt)),
		    "%s: default %s is not mentioned", name, dflt);
}

static void
check_table(const struct key_table *t)
{
	const struct config_key *k;

	for (k = t->rows; k < t->rows + t->count; k++)
		check_entry(k->name, k->dflt, k->aliases);
}

Test(manual, every_key_has_an_entry_with_aliases_and_default, .init = setup,
    .fini = teardown)
{
	check_table(keys_of_app());
	check_table(keys_of_top());
	check_table(keys_of_listen());
}

Test(manual, every_word_is_explained, .init = setup, .fini = teardown)
{
	const struct key_table *t = keys_of_app();
	const struct config_key *k;
	const struct key_word *w;
	const char *entry;
	size_t len;

	for (k = t->rows; k < t->rows + t->count; k++)
		for (w = k->words; w != NULL && w->word != NULL; w++) {
			entry = find_entry(k->name, &len);
			cr_expect(entry != NULL && memmem(entry, len, w->word,
						       strlen(w->word)),
			    "%s: %s is not mentioned", k->name, w->word);
		}
}
