/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_worker_start.c - program, arguments and environment of a worker.
 */
#include <clusterd/launch.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "master/worker_start.h"
#include "master_rig.h"

static struct master *m;
static struct worker_start start;
static char why[512];

/* What worker 77 of slot 1 of the first app is started with. */
static int
make(const char *app_yaml)
{
	char yaml[4096];
	struct pool *p;

	snprintf(yaml, sizeof(yaml), "apps:\n  - %s\n", app_yaml);
	m = master_rig_new(yaml);
	p = master_rig_pool(m, m->generation->config->apps[0].name, 3);
	return worker_start_make(&start, m, p->edition,
	    &master_rig_slot(p, 1)->slot, 77, why, sizeof(why));
}

static void
must_make(const char *app_yaml)
{
	cr_assert_eq(make(app_yaml), 0, "%s", why);
	cr_assert_null(start.envp[start.envc]);
	cr_assert_null(start.argv[start.argc]);
}

/* The value, "" also when it is empty; NULL: not there. Never there twice. */
static const char *
env(const char *name)
{
	const char *value = NULL;
	size_t n = strlen(name);

	for (size_t i = 0; i < start.envc; i++)
		if (strncmp(start.envp[i], name, n) == 0 &&
		    start.envp[i][n] == '=') {
			cr_assert_null(value, "%s is there twice", name);
			value = start.envp[i] + n + 1;
		}
	return value;
}

static void
expect(const char *name, const char *value)
{
	cr_assert_not_null(env(name), "%s is not there", name);
	cr_assert_str_eq(env(name), value, "%s is %s", name, env(name));
}

static const char *
argv(void)
{
	static char line[1024];
	size_t len = 0;

	line[0] = '\0';
	for (size_t i = 0; i < start.argc; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s",
		    i > 0 ? "|" : "", start.argv[i]);
	return line;
}

static void
set_up(void)
{
	cr_assert_eq(clearenv(), 0);
	setenv("PATH", "/usr/bin:/bin", 1);
}

static void
tear_down(void)
{
	worker_start_fini(&start);
	master_rig_free(m);
}

TestSuite(worker_start, .init = set_up, .fini = tear_down);

Test(worker_start, identity)
{
	must_make("{name: api, command: [/bin/sh, -c, x], dialect: none}");
	expect("CLUSTERD_APP", "api");
	expect("CLUSTERD_INSTANCE", "1");
	expect("CLUSTERD_WORKER", "77");
	expect("NODE_APP_INSTANCE", "1");
	expect("pm_id", "1");
	expect("name", "api");
	expect("NOTIFY_SOCKET", "/run/clusterd-test.sock.notify");
	cr_assert_null(env("LISTEN_FDS"));
	cr_assert_null(env("CLUSTERD_CHANNEL_FD"));
	cr_assert_eq(start.channel_number, -1);
	cr_assert_str_eq(argv(), "/bin/sh|-c|x");
}

Test(worker_start, what_is_declared_wins_over_what_is_inherited)
{
	setenv("KEEP", "inherited", 1);
	setenv("BOTH", "inherited", 1);
	setenv("pm_id", "99", 1);
	setenv("CLUSTERD_WORKER", "5", 1);
	must_make("{name: api, command: [/bin/sh], "
		  "env: {BOTH: declared, OWN: 1, EMPTY: \"\", name: mine, "
		  "CLUSTERD_INSTANCE: 9}}");
	expect("KEEP", "inherited");
	expect("BOTH", "declared");
	expect("OWN", "1");
	expect("EMPTY", "");
	expect("name", "mine"); /* PM2's names may be declared */
	expect("pm_id", "1");
	expect("CLUSTERD_WORKER", "77"); /* ours may not */
	expect("CLUSTERD_INSTANCE", "1");
}

Test(worker_start, what_is_meant_for_clusterd_is_not_passed_on)
{
	static const char *const own[] = { "LISTEN_FDS", "LISTEN_PID",
		"LISTEN_FDNAMES", "WATCHDOG_USEC", "MAINPID", "INVOCATION_ID",
		"CLUSTERD_LIBEXECDIR", "NODE_UNIQUE_ID" };

	for (size_t i = 0; i < COUNT(own); i++)
		setenv(own[i], "7", 1);
	setenv("LISTEN_FDS_OF_MINE", "7", 1); /* only a whole name counts */
	setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
	must_make("{name: api, command: [/bin/sh], dialect: none}");
	for (size_t i = 0; i < COUNT(own); i++)
		cr_assert_null(env(own[i]), "%s", own[i]);
	expect("LISTEN_FDS_OF_MINE", "7");
	expect("NOTIFY_SOCKET", "/run/clusterd-test.sock.notify");
}

Test(worker_start, clear_env_leaves_the_path)
{
	setenv("SECRET", "x", 1);
	must_make("{name: api, command: [/bin/sh], clear_env: true, "
		  "env: {OWN: 1}}");
	cr_assert_null(env("SECRET"));
	expect("PATH", "/usr/bin:/bin");
	expect("OWN", "1");
	expect("CLUSTERD_APP", "api");
}

Test(worker_start, sockets_are_told_in_their_order)
{
	char yaml[512];

	snprintf(yaml, sizeof(yaml),
	    "{name: api, command: [/bin/sh, \"--fd=${listen.admin}\", "
	    "\"${listen.http}\"], env: {FD: \"${listen.admin}\"}, "
	    "listen: {http: \"tcp://127.0.0.1:%d\", "
	    "admin: \"tcp://127.0.0.1:%d\"}}",
	    rig_free_port(), rig_free_port());
	must_make(yaml);
	expect("LISTEN_FDS", "2");
	expect("LISTEN_PID", ""); /* the child fills it in */
	expect("LISTEN_FDNAMES", "http:admin");
	expect("FD", "4");
	cr_assert_str_eq(argv(), "/bin/sh|--fd=4|3");
	expect("CLUSTERD_CHANNEL_FD", "5");
	cr_assert_eq(start.channel_number, 5);
	cr_assert_not(start.node);
}

Test(worker_start, placeholders)
{
	must_make("{name: api, command: [/bin/sh, "
		  "\"${app}-${instance}-${pm_id}\"], "
		  "env: {PORT: \"400${instance}\"}}");
	cr_assert_str_eq(argv(), "/bin/sh|api-1-1");
	expect("PORT", "4001");
}

Test(worker_start, increment_var_counts_up_from_what_is_declared)
{
	must_make("{name: api, command: [/bin/sh], increment_var: PORT, "
		  "env: {PORT: 3000}}");
	expect("PORT", "3001");
}

Test(worker_start, instance_var_has_the_name_that_is_asked_for)
{
	must_make("{name: api, command: [/bin/sh], instance_var: MY_NUMBER}");
	expect("MY_NUMBER", "1");
	cr_assert_null(env("NODE_APP_INSTANCE"));
}

Test(worker_start, node_in_cluster_mode)
{
	char yaml[512];

	setenv("CLUSTERD_DATADIR", "/opt/data dir", 1);
	setenv("NODE_OPTIONS", "--trace-warnings", 1);
	snprintf(yaml, sizeof(yaml),
	    "{name: api, command: [/bin/sh], dialect: node, "
	    "exec_mode: cluster, listen: \"tcp://127.0.0.1:%d\"}",
	    rig_free_port());
	must_make(yaml);
	cr_assert(start.node);
	expect("NODE_CHANNEL_FD", "4");
	expect("NODE_CHANNEL_SERIALIZATION_MODE", "json");
	expect("NODE_UNIQUE_ID", "77");
	cr_assert_null(env("CLUSTERD_CHANNEL_FD"));
	cr_assert_eq(
	    strncmp(env("NODE_OPTIONS"), "--trace-warnings --require \"", 28),
	    0, "%s", env("NODE_OPTIONS"));
	cr_assert_not_null(env("CLUSTERD_DRAIN_LINGER_MS"));
}

Test(worker_start, node_in_fork_mode_is_no_cluster_worker)
{
	must_make("{name: api, command: [/bin/sh], dialect: node, "
		  "exec_mode: fork}");
	expect("NODE_CHANNEL_FD", "3");
	cr_assert_null(env("NODE_UNIQUE_ID"));
	cr_assert_null(env("NODE_OPTIONS"));
}

Test(worker_start, a_program_that_is_not_there_is_told)
{
	cr_assert_eq(make("{name: api, command: [/nowhere/at/all]}"), -ENOENT);
	cr_assert_not_null(strstr(why, "/nowhere/at/all"), "%s", why);
}

Test(worker_start, too_large_an_environment_is_refused)
{
	char name[32];

	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "MANY_%d", i);
		setenv(name, "x", 1);
	}
	cr_assert_eq(make("{name: api, command: [/bin/sh]}"), -E2BIG);
	cr_assert_not_null(strstr(why, "too large"), "%s", why);
}
