/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.c - a real keeper whose master and logger are puppets of the test.
 */
#include "rig.h"

#include <clusterd/clock.h>
#include <clusterd/fdpass.h>
#include <clusterd/launch.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
take_a_breath(void)
{
	const struct timespec pause = { .tv_nsec = 2 * 1000 * 1000 };

	nanosleep(&pause, NULL);
}

/* The build tree's path to a program: the test is BUILD/tests/unit/keeper/run.
 */
static void
find_program(const struct rig *r, const char *name, char *out)
{
	int n = snprintf(out, PATH_MAX, "%s/%s", r->build, name);

	cr_assert(n > 0 && n < PATH_MAX);
	cr_assert_eq(access(out, X_OK), 0, "%s is not there", out);
}

static void
link_program(struct rig *r, const char *name)
{
	char target[PATH_MAX], path[PATH_MAX];

	find_program(r, "tests/unit/keeper/puppet", target);
	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	cr_assert_eq(symlink(target, path), 0);
}

static void
listen_for_puppets(struct rig *r)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/test.sock", r->dir);
	setenv("KEEPER_TEST_SOCKET", sa.sun_path, 1);
	r->puppets = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(r->puppets, (struct sockaddr *)&sa, sizeof(sa)), 0);
	cr_assert_eq(listen(r->puppets, 8), 0);
}

void
rig_init(struct rig *r)
{
	*r = (struct rig){ .dir = "/tmp/clusterd-test-keeper-XXXXXX" };
	r->master.sock = r->logger.sock = -1;
	cr_assert_not_null(getcwd(r->build, sizeof(r->build)));
	cr_assert_not_null(mkdtemp(r->dir));
	snprintf(r->socket, sizeof(r->socket), "%s/c.sock", r->dir);
	snprintf(r->stderr_path, sizeof(r->stderr_path), "%s/stderr", r->dir);
	link_program(r, "clusterd-master");
	link_program(r, "clusterd-logger");
	listen_for_puppets(r);
	setenv("CLUSTERD_LIBEXECDIR", r->dir, 1);
	unsetenv("CLUSTERD_SOCKET");
	unsetenv("CLUSTERD_LOG_LEVEL");
	/* What the keeper leaves behind becomes ours, and shows in rig_fini. */
	cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	signal(SIGPIPE, SIG_IGN);
}

pid_t
rig_exec(struct rig *r, const char *const *argv)
{
	char path[PATH_MAX];
	pid_t pid, parent = getpid();

	find_program(r, "src/keeper/clusterd", path);
	r->ended = false;
	pid = fork();
	cr_assert_neq(pid, -1);
	if (pid == 0) {
		int fd =
		    open(r->stderr_path, O_WRONLY | O_CREAT | O_APPEND, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(96);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		execv(path, (char **)(size_t)argv);
		_exit(95);
	}
	return pid;
}

void
rig_start(struct rig *r, const char *const *args)
{
	const char *argv[16] = { "clusterd", "-c", "/etc/eco.yaml", "--socket",
		r->socket };
	size_t n = 5;

	while (args != NULL && *args != NULL)
		argv[n++] = *args++;
	r->keeper = rig_exec(r, argv);
}

static void
wait_readable(int fd, const char *what)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	cr_assert_eq(poll(&p, 1, WAIT_MS), 1, "no %s", what);
}

void
rig_accept(struct rig *r)
{
	struct puppet p = { .fds = { -1, -1, -1, -1, -1 } }, *place;
	size_t n = PUPPET_FDS;

	wait_readable(r->puppets, "puppet");
	p.sock = accept4(r->puppets, NULL, NULL, SOCK_CLOEXEC);
	cr_assert_neq(p.sock, -1);
	wait_readable(p.sock, "hello");
	cr_assert_eq(fdpass_recv(p.sock, &p.hello, sizeof(p.hello), p.fds, &n),
	    (ssize_t)sizeof(p.hello));
	place = p.hello.is_master ? &r->master : &r->logger;
	cr_assert_eq(place->sock, -1, "two at once");
	*place = p;
	if (r->board == NULL)
		cr_assert_eq(scoreboard_map(p.fds[FD_BOARD - 3], &r->board), 0);
}

static void
drop_puppet(struct puppet *p)
{
	if (p->sock == -1)
		return;
	for (size_t i = 0; i < PUPPET_FDS; i++) {
		if (p->fds[i] != -1)
			close(p->fds[i]);
	}
	close(p->sock);
	p->sock = -1;
}

void
rig_end_puppet(struct puppet *p, int status)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS;
	pid_t pid = p->hello.pid;

	cr_assert_eq(
	    send(p->sock, &status, sizeof(status), 0), (ssize_t)sizeof(status));
	drop_puppet(p);
	while (kill(pid, 0) == 0) {
		cr_assert_lt(
		    clock_mono_ms(), deadline, "%d is not reaped", (int)pid);
		take_a_breath();
	}
}

struct order
rig_report(int link, uint32_t type, int *fds, size_t *n)
{
	int spare[FDPASS_MAX];
	size_t room = FDPASS_MAX;
	struct order o;

	if (fds == NULL)
		fds = spare;
	if (n == NULL)
		n = &room;
	*n = FDPASS_MAX;
	wait_readable(link, "report");
	cr_assert_eq(order_recv(link, &o, fds, n), 1);
	cr_assert_eq(
	    o.type, type, "report %u came instead of %u", o.type, type);
	if (fds == spare)
		fdpass_close(spare, *n);
	return o;
}

void
rig_skip_handover(int link)
{
	int fds[FDPASS_MAX];
	struct order o;
	size_t n;

	do {
		n = FDPASS_MAX;
		wait_readable(link, "hand-over");
		cr_assert_eq(order_recv(link, &o, fds, &n), 1);
		fdpass_close(fds, n);
	} while (o.type != REPORT_HANDED_OVER);
}

void
rig_run(struct rig *r)
{
	struct order running = { .type = ORDER_RUNNING };
	struct order o;

	rig_start(r, NULL);
	rig_accept(r);
	rig_accept(r);
	rig_skip_handover(r->logger.fds[0]);
	rig_skip_handover(r->master.fds[0]);
	o = rig_report(r->master.fds[0], REPORT_LOGGER, NULL, NULL);
	cr_assert_eq(o.value, r->logger.hello.pid);
	rig_order(r, &running, NULL, 0);
}

void
rig_order(struct rig *r, const struct order *o, const int *fds, size_t n)
{
	struct pollfd p = { .fd = r->master.fds[0], .events = POLLOUT };

	cr_assert_eq(poll(&p, 1, WAIT_MS), 1);
	cr_assert_eq(order_send(p.fd, o, fds, n), 0);
}

int
rig_wait(struct rig *r)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS;

	while (!r->ended) {
		pid_t pid = waitpid(r->keeper, &r->wait_status, WNOHANG);

		cr_assert_neq(pid, -1);
		r->ended = pid == r->keeper;
		cr_assert_lt(clock_mono_ms(), deadline, "the keeper stays");
		if (!r->ended)
			take_a_breath();
	}
	return WIFEXITED(r->wait_status) ? WEXITSTATUS(r->wait_status)
					 : -WTERMSIG(r->wait_status);
}

void
rig_quit(struct rig *r)
{
	struct order quit = { .type = ORDER_QUIT };

	rig_order(r, &quit, NULL, 0);
	rig_end_puppet(&r->master, 0);
	rig_end_puppet(&r->logger, 0);
	cr_assert_eq(rig_wait(r), 0);
	rig_fini(r);
}

/* The one file that may be there beside what rig_init() has made. */
static bool
is_expected(const char *name)
{
	static const char *const names[] = { ".", "..", "stderr", "test.sock",
		"clusterd-master", "clusterd-logger" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

void
rig_fini(struct rig *r)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	drop_puppet(&r->master);
	drop_puppet(&r->logger);
	scoreboard_unmap(r->board);
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "a process is left");
	dir = opendir(r->dir);
	cr_assert_not_null(dir);
	while ((e = readdir(dir)) != NULL) {
		cr_expect(is_expected(e->d_name), "%s is left", e->d_name);
		snprintf(path, sizeof(path), "%s/%s", r->dir, e->d_name);
		unlink(path);
	}
	closedir(dir);
	cr_expect_eq(rmdir(r->dir), 0);
}

const char *
rig_stderr(struct rig *r)
{
	static char text[16384];
	int fd = open(r->stderr_path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

void
rig_wait_stderr(struct rig *r, const char *text)
{
	int64_t deadline = clock_mono_ms() + WAIT_MS;

	while (strstr(rig_stderr(r), text) == NULL) {
		cr_assert_lt(clock_mono_ms(), deadline, "no \"%s\" in:\n%s",
		    text, rig_stderr(r));
		take_a_breath();
	}
}

struct order
rig_spawn(struct rig *r, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const char *const envp[] = { "PATH=/usr/bin:/bin", NULL };
	const int targets[] = { 0, 1, 2 };
	struct launch_spec spec = { .exec_path = "/bin/sh",
		.cwd = "/",
		.argv = argv,
		.envp = envp,
		.fd_target = targets,
		.nfds = 3,
		.umask = 0xffffffff };
	struct order o = { .type = ORDER_SPAWN };
	int fds[7], ends[2], channel[2];

	o.index = (uint32_t)scoreboard_proc_take(r->board, 0);
	o.uid = atomic_load(&r->board->procs[o.index].uid);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), 0);
	fds[0] = launch_image_make(&spec);
	fds[1] = channel[0];
	fds[2] = ends[0];
	fds[3] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fds[4] = fds[3];
	fds[5] = ends[1];
	fds[6] = fds[3];
	rig_order(r, &o, fds, 7);
	close(channel[1]);
	for (size_t i = 0; i < 6; i++) {
		if (i != 4)
			close(fds[i]);
	}
	return o;
}
