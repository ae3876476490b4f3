/* SPDX-License-Identifier: Apache-2.0 */
/*
 * helper.c - configurations for tests, from a text.
 */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loaded
parse(const char *text, const char *path, const char *env_name)
{
	struct loaded l = { .c = NULL };

	config_errors_init(&l.errors);
	l.rc =
	    config_parse(text, strlen(text), path, env_name, &l.c, &l.errors);
	return l;
}

struct loaded
parse_yaml(const char *text)
{
	return parse(text, "/srv/test.yaml", NULL);
}

struct loaded
parse_yaml_env(const char *text, const char *env_name)
{
	return parse(text, "/srv/test.yaml", env_name);
}

struct loaded
parse_as(const char *text, const char *path)
{
	return parse(text, path, NULL);
}

void
loaded_fini(struct loaded *l)
{
	config_free(l->c);
	config_errors_fini(&l->errors);
}

const struct app_config *
good_app(const struct loaded *l)
{
	cr_assert_eq(l->rc, 0, "rc %d: %s", l->rc,
	    l->errors.count > 0 ? l->errors.text[0] : "no message");
	cr_assert_geq(l->c->n_apps, 1);
	return &l->c->apps[0];
}

bool
has_error(const struct config_errors *e, const char *part)
{
	size_t i;

	for (i = 0; i < e->count && i < COUNT(e->text); i++)
		if (strstr(e->text[i], part) != NULL)
			return true;
	return false;
}

void
expect_error(const struct loaded *l, const char *part)
{
	cr_assert_eq(l->rc, -EINVAL, "rc %d for: %s", l->rc, part);
	cr_assert(has_error(&l->errors, part), "no \"%s\"; first: %s", part,
	    l->errors.count > 0 ? l->errors.text[0] : "no message");
}

const char *
env_value(const struct app_config *app, const char *name)
{
	size_t i;

	for (i = 0; i < app->env.count; i++)
		if (strcmp(app->env.vars[i].name, name) == 0)
			return app->env.vars[i].value;
	return NULL;
}

void
folder_make(char *out)
{
	snprintf(out, PATH_MAX, "/tmp/clusterd-test-XXXXXX");
	cr_assert_not_null(mkdtemp(out));
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st, (void)type, (void)f;
	return remove(path);
}

void
folder_remove(const char *path)
{
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void
write_file(
    const char *folder, const char *name, const char *text, unsigned mode)
{
	char path[PATH_MAX];
	size_t len = strlen(text);
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	cr_assert_eq(fchmod(fd, mode), 0);
	close(fd);
}
