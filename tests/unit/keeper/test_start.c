/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_start.c - the keeper's start: options, sockets, children, daemon.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

static struct rig rig;

static void
init(void)
{
	rig_init(&rig);
}

TestSuite(start, .init = init, .timeout = 90);

/* Exit status of `clusterd ARGS`, to its end. */
static int
run(const char *const *argv)
{
	rig.keeper = rig_exec(&rig, argv);
	return rig_wait(&rig);
}

static void
read_text(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
	close(fd);
}

static int
bind_unix(const char *path, bool serve)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	if (serve)
		cr_assert_eq(listen(fd, 1), 0);
	return fd;
}

Test(start, an_option_error_names_the_option_and_help)
{
	const char *const *const wrong[] = {
		(const char *const[]){ "clusterd", "--sokcet", "x", NULL },
		(const char *const[]){ "clusterd", "-c", NULL },
		(const char *const[]){
		    "clusterd", "--log-file", "/x", "-c", "/y", NULL },
		(const char *const[]){ "clusterd", "eco.yaml", NULL },
	};
	const char *const says[] = { "--socket?", "-c needs a value",
		"--log-file", "-c)" };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		cr_expect_eq(run(wrong[i]), 2);
		cr_expect_not_null(
		    strstr(rig_stderr(&rig), says[i]), "%s", rig_stderr(&rig));
		cr_expect_not_null(strstr(rig_stderr(&rig), "--help"));
		unlink(rig.stderr_path);
	}
	rig_fini(&rig);
}

Test(start, help_and_version_go_to_stdout_and_succeed)
{
	cr_expect_eq(
	    run((const char *const[]){ "clusterd", "--help", NULL }), 0);
	cr_expect_not_null(strstr(rig_stderr(&rig), "Example"));
	cr_expect_eq(run((const char *const[]){ "clusterd", "-v", NULL }), 0);
	cr_expect_not_null(strstr(rig_stderr(&rig), CLUSTERD_VERSION));
	rig_fini(&rig);
}

Test(start, the_manual_has_every_option)
{
	static char manual[65536];
	const char *top = getenv("srcdir"), *at;
	char path[PATH_MAX], entry[64];
	int found = 0;

	snprintf(path, sizeof(path), "%s/man/clusterd.8", top ? top : ".");
	read_text(path, manual, sizeof(manual));
	cr_assert_eq(
	    run((const char *const[]){ "clusterd", "--help", NULL }), 0);
	/* Each is at the start of its own line of the help. */
	for (at = rig_stderr(&rig); (at = strstr(at, "--")) != NULL; at += 2) {
		int len = (int)strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");

		snprintf(entry, sizeof(entry), "Fl Fl %.*s", len, at + 2);
		cr_expect_not_null(strstr(manual, entry), "%s", entry);
		found++;
	}
	cr_expect_geq(found, 9);
	rig_fini(&rig);
}

Test(start, without_a_file_it_looks_around)
{
	const char *const argv[] = { "clusterd", "-t", NULL };
	char path[PATH_MAX], expected[PATH_MAX + 32];

	cr_assert_eq(chdir(rig.dir), 0);
	cr_expect_eq(run(argv), 2);
	cr_expect_not_null(strstr(rig_stderr(&rig), "ecosystem.yaml"));
	unlink(rig.stderr_path);
	close(open("ecosystem.json", O_WRONLY | O_CREAT, 0600));
	cr_expect_eq(run(argv), 4); /* what the puppet returns */
	snprintf(path, sizeof(path), "%s/ecosystem.json", rig.dir);
	snprintf(expected, sizeof(expected), "--test\n--config\n%s\n", path);
	cr_expect_str_eq(rig_stderr(&rig), expected);
	unlink(path);
	rig_fini(&rig);
}

Test(start, a_test_is_the_masters)
{
	const char *const argv[] = { "clusterd", "-c", "/e.yaml", "--env",
		"production", "--test", NULL };

	cr_expect_eq(run(argv), 4);
	cr_expect_str_eq(
	    rig_stderr(&rig), "--test\n--config\n/e.yaml\n--env\nproduction\n");
	rig_fini(&rig);
}

Test(start, children_find_what_order_h_says)
{
	const char *const args[] = { "--env", "production", NULL };
	struct order quit = { .type = ORDER_QUIT, .value = 3 };
	char expected[512];
	struct stat st;

	rig_start(&rig, args);
	rig_accept(&rig);
	rig_accept(&rig);
	snprintf(expected, sizeof(expected),
	    "clusterd: master\n--config\n/etc/eco.yaml\n--socket\n%s\n"
	    "--env\nproduction\n",
	    rig.socket);
	cr_expect_str_eq(rig.master.hello.args, expected);
	cr_expect_str_eq(rig.master.hello.open_fds, "0 1 2 3 4 5 6 7");
	cr_expect_str_eq(rig.logger.hello.args, "clusterd: logger\n");
	cr_expect_str_eq(rig.logger.hello.open_fds, "0 1 2 3 4 5");
	cr_expect_eq(rig.master.hello.session, rig.master.hello.pid);
	cr_expect(rig.master.hello.stdin_is_null);
	cr_expect_str_eq(rig.master.hello.cwd, "/");
	cr_expect_eq(stat(rig.socket, &st), 0);
	cr_expect_eq(st.st_mode, S_IFSOCK | 0600);
	cr_expect_eq(atomic_load(&rig.board->master_starts), 1);
	cr_expect_eq(atomic_load(&rig.board->logger_starts), 1);
	rig_order(&rig, &quit, NULL, 0);
	rig_end_puppet(&rig.master, 0);
	rig_end_puppet(&rig.logger, 0);
	cr_expect_eq(rig_wait(&rig), 3);
	rig_fini(&rig);
}

Test(start, before_it_runs_the_masters_end_is_ours)
{
	rig_start(&rig, NULL);
	rig_accept(&rig);
	rig_accept(&rig);
	rig_end_puppet(&rig.master, 4);
	rig_end_puppet(&rig.logger, 0);
	cr_expect_eq(rig_wait(&rig), 4);
	rig_fini(&rig);
}

Test(start, a_master_killed_before_it_runs_is_a_failure)
{
	rig_start(&rig, NULL);
	rig_accept(&rig);
	rig_accept(&rig);
	rig_end_puppet(&rig.master, -SIGKILL);
	rig_end_puppet(&rig.logger, 0);
	cr_expect_eq(rig_wait(&rig), 1);
	cr_expect_not_null(strstr(rig_stderr(&rig), "was killed by SIGKILL"));
	rig_fini(&rig);
}

Test(start, a_missing_master_says_which)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/clusterd-master", rig.dir);
	unlink(path);
	rig_start(&rig, NULL);
	rig_accept(&rig); /* the logger */
	rig_end_puppet(&rig.logger, 0);
	cr_expect_eq(rig_wait(&rig), 1);
	cr_expect_not_null(strstr(rig_stderr(&rig), "could not execute"));
	cr_expect_not_null(strstr(rig_stderr(&rig), path));
	cr_expect_not_null(strstr(rig_stderr(&rig), "No such file"));
	rig_fini(&rig);
}

Test(start, a_second_one_is_refused_with_the_pid)
{
	const char *const again[] = { "clusterd", "-c", "/e.yaml", "--socket",
		rig.socket, NULL };
	char pid[32];
	int status;

	rig_run(&rig);
	cr_assert_eq(waitpid(rig_exec(&rig, again), &status, 0) > 0, 1);
	cr_expect_eq(WEXITSTATUS(status), 1);
	snprintf(pid, sizeof(pid), "(pid %d)", (int)rig.keeper);
	cr_expect_not_null(strstr(rig_stderr(&rig), "another clusterd"));
	cr_expect_not_null(
	    strstr(rig_stderr(&rig), pid), "%s", rig_stderr(&rig));
	cr_expect_eq(access(rig.socket, F_OK), 0);
	rig_quit(&rig);
}

Test(start, a_stale_socket_is_replaced)
{
	char notify[128];
	int fd;

	close(bind_unix(rig.socket, true)); /* nobody listens any more */
	snprintf(notify, sizeof(notify), "%s.notify", rig.socket);
	close(bind_unix(notify, false));
	rig_run(&rig);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_expect_eq(access(notify, F_OK), 0);
	close(fd);
	rig_quit(&rig);
}

Test(start, what_is_not_a_socket_is_left_alone)
{
	int fd = open(rig.socket, O_WRONLY | O_CREAT, 0600);

	close(fd);
	rig_start(&rig, NULL);
	cr_expect_eq(rig_wait(&rig), 1);
	cr_expect_not_null(strstr(rig_stderr(&rig), "is not a socket"));
	cr_expect_eq(unlink(rig.socket), 0);
	rig_fini(&rig);
}

Test(start, of_two_at_once_one_wins)
{
	int dir = open(rig.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;
	const char *const argv[] = { "clusterd", "-c", "/e.yaml", "--socket",
		rig.socket, NULL };
	pid_t pids[2], first;

	cr_assert_eq(flock(dir, LOCK_EX), 0);
	pids[0] = rig_exec(&rig, argv);
	pids[1] = rig_exec(&rig, argv);
	close(dir);
	first = waitpid(-1, &status, 0);
	cr_expect(first == pids[0] || first == pids[1]);
	cr_expect_eq(WEXITSTATUS(status), 1);
	rig.keeper = pids[first == pids[0]];
	rig_accept(&rig);
	rig_accept(&rig);
	cr_expect_not_null(strstr(rig_stderr(&rig), "another clusterd"));
	rig_quit(&rig);
}

Test(start, a_file_that_is_not_ours_any_more_stays)
{
	int fd;

	rig_run(&rig);
	unlink(rig.socket);
	fd = bind_unix(rig.socket, true);
	struct order quit = { .type = ORDER_QUIT };
	rig_order(&rig, &quit, NULL, 0);
	rig_end_puppet(&rig.master, 0);
	rig_end_puppet(&rig.logger, 0);
	cr_assert_eq(rig_wait(&rig), 0);
	cr_expect_eq(unlink(rig.socket), 0);
	close(fd);
	rig_fini(&rig);
}

Test(start, a_pidfile_is_there_while_it_runs)
{
	char path[128], text[32], expected[32];
	const char *const args[] = { "--pidfile", path, NULL };
	struct order running = { .type = ORDER_RUNNING };
	struct order drop = { .type = ORDER_HOLD, .name = "x" };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	snprintf(path, sizeof(path), "%s/pid", rig.dir);
	rig_start(&rig, args);
	rig_accept(&rig);
	rig_accept(&rig);
	cr_expect_eq(access(path, F_OK), -1);
	rig_order(&rig, &running, NULL, 0);
	for (int i = 0; i < 2000 && access(path, F_OK) == -1; i++)
		usleep(5000);
	read_text(path, text, sizeof(text));
	snprintf(expected, sizeof(expected), "%d\n", (int)rig.keeper);
	cr_expect_str_eq(text, expected);
	rig_order(&rig, &drop, &null, 1);
	close(null);
	rig_quit(&rig);
}

Test(start, a_pidfile_that_cannot_be_written_is_refused)
{
	const char *const args[] = { "--pidfile", "/nonexistent/pid", NULL };

	rig_start(&rig, args);
	cr_expect_eq(rig_wait(&rig), 1);
	cr_expect_not_null(strstr(rig_stderr(&rig), "/nonexistent/pid"));
	rig_fini(&rig);
}

Test(start, sockets_of_init_are_taken_by_name)
{
	char path[PATH_MAX], notify[PATH_MAX];
	int fds[FDPASS_MAX], sock;
	struct order o;
	size_t n;

	snprintf(path, sizeof(path), "%s/stderr", rig.dir);
	snprintf(notify, sizeof(notify), "%s/init.sock", rig.dir);
	sock = bind_unix(rig.socket, false); /* any two descriptors */
	unlink(rig.socket);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_FDNAMES", "web::web", 1);
	setenv("NOTIFY_SOCKET", notify, 1);
	setenv("WATCHDOG_USEC", "2000000", 1);
	rig.keeper = fork();
	if (rig.keeper == 0) {
		char pid[16], exe[PATH_MAX];

		snprintf(pid, sizeof(pid), "%d", (int)getpid());
		setenv("LISTEN_PID", pid, 1);
		snprintf(exe, sizeof(exe), "%s/src/keeper/clusterd", rig.build);
		dup2(open(path, O_WRONLY | O_CREAT | O_APPEND, 0600), 2);
		dup2(sock, 50);
		for (int fd = 3; fd < 6; fd++)
			dup2(50, fd);
		execl(exe, "clusterd", "-c", "/e.yaml", "--socket", rig.socket,
		    NULL);
		_exit(95);
	}
	close(sock);
	rig_accept(&rig);
	rig_accept(&rig);
	cr_expect_str_eq(rig.master.hello.listen_fds, "");
	cr_expect_str_eq(rig.master.hello.open_fds, "0 1 2 3 4 5 6 7");
	cr_expect_not_null(
	    strstr(rig.master.hello.args, "--watchdog-us\n2000000\n"));
	o = rig_report(rig.master.fds[0], REPORT_HELD, fds, &n);
	cr_expect_str_eq(o.name, "systemd:web");
	cr_expect_eq(n, 1);
	o = rig_report(rig.master.fds[0], REPORT_HELD, NULL, NULL);
	cr_expect_str_eq(o.name, "systemd:unknown");
	o = rig_report(rig.master.fds[0], REPORT_HELD, NULL, NULL);
	cr_expect_str_eq(o.name, "systemd:web:2");
	rig_report(rig.master.fds[0], REPORT_HANDED_OVER, NULL, NULL);
	rig_quit(&rig);
}

Test(start, a_notification_goes_to_init_as_it_is)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct order o = { .type = ORDER_NOTIFY,
		.name = "READY=1\nSTATUS=two workers" };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	struct ucred from = { 0 };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(from))];
	} control;
	char text[64] = "", name[80];
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	struct timeval limit = { .tv_sec = WAIT_MS / 1000 };

	snprintf(sa.sun_path + 1, sizeof(sa.sun_path) - 1, "%s", rig.dir);
	cr_assert_eq(
	    bind(sock, (struct sockaddr *)&sa,
		(socklen_t)(sizeof(sa.sun_family) + 1 + strlen(rig.dir))),
	    0);
	setsockopt(sock, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	snprintf(name, sizeof(name), "@%s", rig.dir);
	setenv("NOTIFY_SOCKET", name, 1);
	rig_run(&rig);
	rig_order(&rig, &o, NULL, 0);
	cr_assert_gt(recvmsg(sock, &msg, 0), 0);
	cr_expect_str_eq(text, o.name);
	memcpy(&from, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(from));
	cr_expect_eq(from.pid, rig.keeper);
	close(sock);
	rig_quit(&rig);
}

/* ---- daemon ---- */

static char log_path[128];

static void
start_daemon(void)
{
	const char *const args[] = { "--daemonize", "--log-file", log_path,
		NULL };

	snprintf(log_path, sizeof(log_path), "%s/d.log", rig.dir);
	rig_start(&rig, args);
	rig_accept(&rig);
	rig_accept(&rig);
	rig_skip_handover(rig.master.fds[0]);
}

Test(start, a_daemon_returns_when_all_has_started)
{
	struct order running = { .type = ORDER_RUNNING };
	struct order started = { .type = ORDER_STARTED, .value = 1 };
	struct order quit = { .type = ORDER_QUIT };
	int status;

	start_daemon();
	rig_order(&rig, &running, NULL, 0);
	rig_order(&rig, &started, NULL, 0);
	cr_expect_eq(rig_wait(&rig), 1);
	rig_order(&rig, &quit, NULL, 0);
	rig_end_puppet(&rig.master, 0);
	rig_end_puppet(&rig.logger, 0);
	/* The daemon itself became ours. */
	cr_expect_gt(waitpid(-1, &status, 0), 0);
	cr_expect_eq(WEXITSTATUS(status), 0);
	unlink(log_path);
	rig_fini(&rig);
}

Test(start, a_daemon_that_fails_tells_why_and_its_status)
{
	start_daemon();
	rig_end_puppet(&rig.master, -SIGTERM);
	rig_end_puppet(&rig.logger, 0);
	cr_expect_eq(rig_wait(&rig), 1);
	/* The caller has read it too. */
	cr_expect_not_null(strstr(rig_stderr(&rig), "was killed by SIGTERM"));
	cr_expect_eq(unlink(log_path), 0);
	rig_fini(&rig);
}

Test(start, a_daemon_with_an_invalid_configuration_returns_4)
{
	start_daemon();
	rig_end_puppet(&rig.master, 4);
	rig_end_puppet(&rig.logger, 0);
	cr_expect_eq(rig_wait(&rig), 4);
	unlink(log_path);
	rig_fini(&rig);
}
