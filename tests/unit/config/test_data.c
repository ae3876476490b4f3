/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_data.c - files of tests/data/config: those in good/ are read, those in
 * bad/ end in exactly the messages of their .expect.
 */
#include "helper.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/files.h>

#define DATA TEST_SRCDIR "/tests/data/config"

static struct loaded
parse_file(const char *path)
{
	struct loaded l = { .c = NULL };
	struct buf text;

	buf_init(&text, CONFIG_BYTES_MAX);
	cr_assert_eq(file_read(path, &text), 0, "%s", path);
	config_errors_init(&l.errors);
	l.rc = config_parse(text.data != NULL ? text.data : "", text.len, path,
	    NULL, &l.c, &l.errors);
	buf_fini(&text);
	return l;
}

/* Each line of the .expect is a message, behind the file's name, in order. */
static void
compare_messages(const char *path, const struct config_errors *e)
{
	char expect[PATH_MAX + 16], line[2048], message[8192];
	size_t n = 0;
	FILE *f;

	snprintf(expect, sizeof(expect), "%s.expect", path);
	f = fopen(expect, "re");
	cr_assert_not_null(f, "%s", expect);
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		cr_assert_lt(
		    n, e->count, "%s: no more messages, but: %s", path, line);
		snprintf(message, sizeof(message), "%s:%s%s", path,
		    line[0] >= '0' && line[0] <= '9' ? "" : " ", line);
		cr_expect_str_eq(
		    e->text[n], message, "%s\nwanted: %s", e->text[n], message);
		n++;
	}
	fclose(f);
	cr_expect_eq(n, e->count, "%s: %zu messages, %zu wanted; last: %s",
	    path, e->count, n, e->text[e->count - 1]);
}

static bool
is_expect(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && strcmp(dot, ".expect") == 0;
}

Test(data, bad_files_end_in_their_messages)
{
	struct dirent *entry;
	char path[PATH_MAX];
	struct loaded l;
	size_t n = 0;
	DIR *dir;

	unsetenv("CLUSTERD_TEST_UNSET");
	dir = opendir(DATA "/bad");
	cr_assert_not_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || is_expect(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/bad/%s", DATA, entry->d_name);
		l = parse_file(path);
		cr_expect_eq(l.rc, -EINVAL, "%s: rc %d", path, l.rc);
		cr_expect_null(l.c);
		compare_messages(path, &l.errors);
		loaded_fini(&l);
		n++;
	}
	closedir(dir);
	cr_assert_geq(n, 40);
}

Test(data, good_files_are_read)
{
	struct dirent *entry;
	char path[PATH_MAX];
	struct loaded l;
	size_t n = 0;
	DIR *dir;

	dir = opendir(DATA "/good");
	cr_assert_not_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/good/%s", DATA, entry->d_name);
		l = parse_file(path);
		cr_expect_eq(l.rc, 0, "%s: %s", path,
		    l.errors.count > 0 ? l.errors.text[0] : "");
		loaded_fini(&l);
		n++;
	}
	closedir(dir);
	cr_assert_geq(n, 8);
}

Test(data, file_with_every_key_gives_every_key)
{
	static const char path[] = DATA "/good/every-key.yaml";
	struct loaded l = parse_file(path);
	const struct app_config *app = good_app(&l);
	struct config_key_info info;
	char word[64];
	struct buf text;
	size_t row;

	cr_assert_eq(app->max_surge, 2);
	cr_assert_eq(app->n_listeners, 5);
	buf_init(&text, CONFIG_BYTES_MAX);
	cr_assert_eq(file_read(path, &text), 0);
	cr_assert_eq(buf_append(&text, "", 1), 0);
	for (row = 0; config_key_info(row, &info); row++) {
		snprintf(word, sizeof(word), "%s:", info.name);
		cr_expect_not_null(
		    strstr(text.data, word), "%s is missing", word);
	}
	buf_fini(&text);
	loaded_fini(&l);
}
