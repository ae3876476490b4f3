/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c - whether what a configuration names is there: programs, folders,
 * owners of sockets.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "config/program.h"

static bool
check_cwd(const struct config *c, const struct app_config *app,
    struct config_errors *errors)
{
	struct stat st;

	if (stat(app->cwd, &st) == -1) {
		config_errors_add(errors, c->path, app->cwd_pos,
		    "%s: cwd %.256s: %s", app->name, app->cwd,
		    errno == ENOENT ? "does not exist" : strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		config_errors_add(errors, c->path, app->cwd_pos,
		    "%s: cwd %.256s: is not a directory", app->name, app->cwd);
		return false;
	}
	return true;
}

static bool
check_program(const struct config *c, const struct app_config *app,
    struct config_errors *errors)
{
	bool interpreter_missing;
	struct program p = { .path = "" };
	char why[768];

	if (program_resolve(app, &p, &interpreter_missing, why, sizeof(why)) ==
	    0)
		return true;
	config_errors_add(errors, c->path,
	    interpreter_missing ? app->interpreter_pos : app->script_pos,
	    "%s: %s", app->name, why);
	return false;
}

static bool
check_owners(const struct config *c, const struct app_config *app,
    struct config_errors *errors)
{
	bool ok = true;
	uid_t uid;
	gid_t gid;
	size_t i;

	for (i = 0; i < app->n_listeners; i++) {
		const struct listener_spec *l = &app->listeners[i];

		if (l->user != NULL && config_find_user(l->user, &uid) < 0) {
			config_errors_add(errors, c->path, l->pos,
			    "%s: listen.%s: there is no user %.64s", app->name,
			    l->name, l->user);
			ok = false;
		}
		if (l->group != NULL && config_find_group(l->group, &gid) < 0) {
			config_errors_add(errors, c->path, l->pos,
			    "%s: listen.%s: there is no group %.64s", app->name,
			    l->name, l->group);
			ok = false;
		}
	}
	return ok;
}

int
config_check_programs(const struct config *c, struct config_errors *errors)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < c->n_apps; i++)
		ok = check_owners(c, &c->apps[i], errors) &&
		     check_cwd(c, &c->apps[i], errors) &&
		     check_program(c, &c->apps[i], errors) && ok;
	return ok ? 0 : -EINVAL;
}
