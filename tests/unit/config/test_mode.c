/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_mode.c - what `auto` means for an app.
 */
#include "helper.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void
expect(const char *keys, enum exec_mode mode, enum dialect dialect,
    enum ready_kind ready, int kill_signal)
{
	const struct app_config *app;
	struct loaded l;
	char text[512];

	snprintf(text, sizeof(text), "apps: [{%s}]", keys);
	l = parse_yaml(text);
	app = good_app(&l);
	cr_expect_eq(
	    app->exec_mode, mode, "%s: exec_mode %d", keys, app->exec_mode);
	cr_expect_eq(
	    app->dialect, dialect, "%s: dialect %d", keys, app->dialect);
	cr_expect_eq(app->ready, ready, "%s: ready %d", keys, app->ready);
	cr_expect_eq(app->kill_signal, kill_signal, "%s: kill_signal %d", keys,
	    app->kill_signal);
	loaded_fini(&l);
}

Test(mode, node_script)
{
	expect("script: a.js", EXEC_FORK, DIALECT_NODE, READY_STARTED, SIGINT);
	expect("script: a.mjs, instances: 1", EXEC_CLUSTER, DIALECT_NODE,
	    READY_LISTENING, SIGINT);
	expect("script: a.cjs, listen: 80", EXEC_CLUSTER, DIALECT_NODE,
	    READY_LISTENING, SIGINT);
	expect("script: a.js, listen: 80, wait_ready: true", EXEC_CLUSTER,
	    DIALECT_NODE, READY_MESSAGE, SIGINT);
	expect("script: a.js, exec_mode: fork, instances: 2", EXEC_FORK,
	    DIALECT_NODE, READY_STARTED, SIGINT);
	expect("script: a.js, exec_mode: cluster_mode", EXEC_CLUSTER,
	    DIALECT_NODE, READY_LISTENING, SIGINT);
	expect("script: a.ts, instances: max", EXEC_CLUSTER, DIALECT_NODE,
	    READY_LISTENING, SIGINT);
	expect("command: [/opt/no/bin/node, a], listen: 80", EXEC_CLUSTER,
	    DIALECT_NODE, READY_LISTENING, SIGINT);
	expect("script: a, interpreter: deno", EXEC_FORK, DIALECT_NODE,
	    READY_STARTED, SIGINT);
}

Test(mode, other_programs)
{
	expect("script: a.py, instances: 4", EXEC_FORK, DIALECT_NATIVE,
	    READY_STARTED, SIGTERM);
	expect("script: a.py, listen: 80", EXEC_CLUSTER, DIALECT_NATIVE,
	    READY_ACCEPT, SIGTERM);
	expect("script: a.py, exec_mode: cluster", EXEC_CLUSTER, DIALECT_NATIVE,
	    READY_STARTED, SIGTERM);
	expect("command: [sh, -c, node a.js]", EXEC_FORK, DIALECT_NATIVE,
	    READY_STARTED, SIGTERM);
	expect("script: a.js, interpreter: none", EXEC_FORK, DIALECT_NATIVE,
	    READY_STARTED, SIGTERM);
}

Test(mode, what_is_said_stays)
{
	expect("script: a.js, listen: 80, dialect: none", EXEC_CLUSTER,
	    DIALECT_NONE, READY_ACCEPT, SIGINT);
	expect("script: a.py, dialect: node, listen: 80", EXEC_CLUSTER,
	    DIALECT_NODE, READY_LISTENING, SIGTERM);
	expect("script: a.js, ready: accept, kill_signal: USR2", EXEC_FORK,
	    DIALECT_NODE, READY_ACCEPT, SIGUSR2);
}

Test(mode, instances_of_defaults_count_as_given)
{
	struct loaded l = parse_yaml("defaults: {instances: 2}\n"
				     "apps: [{script: a.js}]\n");

	cr_assert_eq(good_app(&l)->exec_mode, EXEC_CLUSTER);
	loaded_fini(&l);
}

Test(mode, first_line_of_a_script_names_node)
{
	char folder[PATH_MAX], path[PATH_MAX + 16];
	struct loaded l;

	folder_make(folder);
	write_file(folder, "cli", "#!/usr/bin/env -S node --harmony\n", 0755);
	write_file(folder, "other", "#!/bin/sh node-like\n", 0755);
	snprintf(path, sizeof(path), "%s/a.yaml", folder);
	l = parse_as("apps: [{script: ./cli}, {script: ./other}]", path);
	cr_assert_eq(good_app(&l)->dialect, DIALECT_NODE);
	cr_assert_eq(l.c->apps[1].dialect, DIALECT_NATIVE);
	loaded_fini(&l);
	folder_remove(folder);
}
