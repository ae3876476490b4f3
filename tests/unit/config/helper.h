/* SPDX-License-Identifier: Apache-2.0 */
/*
 * helper.h - configurations for tests, from a text.
 */
#ifndef TEST_CONFIG_HELPER_H
#define TEST_CONFIG_HELPER_H

#include <criterion/criterion.h>

#include <clusterd/config.h>

/* The outcome of one parse; release with loaded_fini(). */
struct loaded {
	int rc;
	struct config *c; /* owned; NULL unless rc is 0 */
	struct config_errors errors;
};

/* As if read from /srv/test.yaml. */
struct loaded parse_yaml(const char *text);
struct loaded parse_yaml_env(const char *text, const char *env_name);
/* As if read from `path`. */
struct loaded parse_as(const char *text, const char *path);
void loaded_fini(struct loaded *l);

/* Fails the test unless the parse succeeded; its first app. */
const struct app_config *good_app(const struct loaded *l);
/* Fails the test unless the parse failed with a message that has `part`. */
void expect_error(const struct loaded *l, const char *part);
bool has_error(const struct config_errors *e, const char *part);

/* Value of a variable in the app's env, or NULL. */
const char *env_value(const struct app_config *app, const char *name);

/* A fresh folder, its path in `out` (PATH_MAX); remove with folder_remove(). */
void folder_make(char *out);
void folder_remove(const char *path);
void write_file(
    const char *folder, const char *name, const char *text, unsigned mode);

#endif
