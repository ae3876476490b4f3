/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <clusterd/paths.h>

static void
clear(void)
{
	unsetenv("CLUSTERD_SOCKET");
	unsetenv("CLUSTERD_LIBEXECDIR");
	unsetenv("CLUSTERD_DATADIR");
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv("XDG_STATE_HOME");
	unsetenv("LOGS_DIRECTORY");
	setenv("HOME", "/home/me", 1);
}

TestSuite(paths, .init = clear);

/* Another user than root; in a process of its own, as every test is. */
static void
be_nobody(void)
{
	if (geteuid() != 0)
		return;
	cr_assert_eq(setresuid(65534, 65534, 65534), 0);
	cr_assert_eq(prctl(PR_SET_DUMPABLE, 1), 0); /* for the leak checker */
}

Test(paths, the_environment_names_the_socket)
{
	char out[4096];

	setenv("CLUSTERD_SOCKET", "/x/y.sock", 1);
	cr_assert_eq(paths_control_socket(out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/x/y.sock");
}

Test(paths, a_socket_path_has_107_bytes_at_most)
{
	char path[200], out[4096];

	memset(path, 'a', sizeof(path));
	path[107] = '\0';
	setenv("CLUSTERD_SOCKET", path, 1);
	cr_assert_eq(paths_control_socket(out, sizeof(out)), 0);
	path[107] = 'a';
	path[108] = '\0';
	setenv("CLUSTERD_SOCKET", path, 1);
	cr_assert_eq(paths_control_socket(out, sizeof(out)), -ENAMETOOLONG);
	cr_assert_eq(paths_control_socket(out, 10), -ENAMETOOLONG);
}

Test(paths, a_user_has_the_runtime_folder_or_tmp)
{
	char out[4096], expected[64];

	be_nobody();
	setenv("XDG_RUNTIME_DIR", "/run/user/7", 1);
	cr_assert_eq(paths_control_socket(out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/run/user/7/clusterd.sock");
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	cr_assert_eq(paths_control_socket(out, sizeof(out)), 0);
	snprintf(expected, sizeof(expected), "/tmp/clusterd-%u/clusterd.sock",
	    (unsigned)geteuid());
	cr_assert_str_eq(out, expected);
}

Test(paths, log_files_of_a_user)
{
	char out[4096];

	be_nobody();
	cr_assert_eq(paths_log_dir(out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/home/me/.local/state/clusterd");
	setenv("XDG_STATE_HOME", "/s", 1);
	cr_assert_eq(paths_log_dir(out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/s/clusterd");
	setenv("LOGS_DIRECTORY", "/var/log/a:/var/log/b", 1);
	cr_assert_eq(paths_log_dir(out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/var/log/a");
	clear();
	unsetenv("HOME");
	cr_assert_eq(paths_log_dir(out, sizeof(out)), -ENOENT);
}

Test(paths, our_own_programs_and_data)
{
	char out[4096];

	setenv("CLUSTERD_LIBEXECDIR", "/b", 1);
	setenv("CLUSTERD_DATADIR", "/d", 1);
	cr_assert_eq(paths_libexec("clusterd-master", out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/b/clusterd-master");
	cr_assert_eq(paths_data("drain.cjs", out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/d/drain.cjs");
	cr_assert_eq(paths_data("drain.cjs", out, 5), -ENAMETOOLONG);
	unsetenv("CLUSTERD_LIBEXECDIR");
	cr_assert_eq(paths_libexec("x", out, sizeof(out)), 0);
	cr_assert_str_eq(out, CLUSTERD_LIBEXECDIR "/x");
}
