/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.h - what runs an app, beyond what config.h tells everybody.
 */
#ifndef CLUSTERD_CONFIG_PROGRAM_H
#define CLUSTERD_CONFIG_PROGRAM_H

#include <clusterd/config.h>

/* The interpreter said or meant by the extension; NULL: the script itself runs.
 */
const char *program_interpreter(const struct app_config *app);

/* Whether node, nodejs, bun or deno runs the app: by what is there now, else by
 * names alone. */
bool program_is_node(const struct app_config *app);

/* Whether `script`, seen from the app's cwd, is a file now. */
bool program_script_exists(const struct app_config *app, const char *script);

/* As config_resolve_program(); `*interpreter_missing`: which key is wrong. */
int program_resolve(const struct app_config *app, struct program *p,
    bool *interpreter_missing, char *why, size_t why_size) MUST_CHECK;

#endif
