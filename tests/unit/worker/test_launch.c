/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_launch.c - children are launched for real; what they find is told by a
 * shell on their stdout.
 */
#include <clusterd/compiler.h>
#include <clusterd/launch.h>
#include <clusterd/scoreboard.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct board_proc *proc;
static char output[4096];

static void
map_proc(void)
{
	proc = mmap(NULL, sizeof(*proc), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(proc, MAP_FAILED);
}

static const char *shell_argv[] = { "sh", "-c", NULL, NULL };
static const char *const no_env[] = { NULL };

static struct launch_spec
shell(const char *script, const int *targets, size_t n)
{
	shell_argv[2] = script;
	return (struct launch_spec){ .exec_path = "/bin/sh",
		.cwd = "/",
		.argv = shell_argv,
		.envp = no_env,
		.fd_target = targets,
		.nfds = n,
		.umask = 0xffffffff };
}

/* Runs to the end; `output` is what came on the pipe. The wait status. */
static int
run_image(int image, const int *fds, size_t n, int read_end, int write_end)
{
	size_t len = 0;
	ssize_t got;
	int wait_status;
	pid_t pid = fork();

	cr_assert_neq(pid, -1);
	if (pid == 0)
		launch_child(image, fds, n, proc);
	close(write_end);
	while (
	    (got = read(read_end, output + len, sizeof(output) - 1 - len)) > 0)
		len += (size_t)got;
	output[len] = '\0';
	cr_assert_eq(waitpid(pid, &wait_status, 0), pid);
	return wait_status;
}

/* The spec with stdin, stdout and stderr; stdout is the pipe. */
static int
run(const struct launch_spec *spec)
{
	int ends[2], null = open("/dev/null", O_RDWR | O_CLOEXEC), fds[3];
	int image = launch_image_make(spec);

	cr_assert_geq(image, 0);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	fds[0] = null;
	fds[1] = ends[1];
	fds[2] = STDERR_FILENO;
	return run_image(image, fds, 3, ends[0], ends[1]);
}

static const int std[] = { 0, 1, 2 };

TestSuite(launch, .init = map_proc, .timeout = 30);

Test(launch, executes_with_arguments_and_environment)
{
	static const char *const envp[] = { "A=b c", "X=1", NULL };
	struct launch_spec s =
	    shell("echo \"$0|$1|$A|$X|$HOME\"; exit 7", std, 3);
	const char *argv[] = { "sh", "-c", shell_argv[2], "zero", "a b", NULL };

	s.argv = argv;
	s.envp = envp;
	cr_assert_eq(WEXITSTATUS(run(&s)), 7);
	cr_assert_str_eq(output, "zero|a b|b c|1|\n");
	cr_assert_eq(proc->fail_stage, LAUNCH_OK);
}

Test(launch, tells_the_child_its_own_pid)
{
	static const char *const envp[] = { "LISTEN_PID=", "LISTEN_FDS=1",
		NULL };
	struct launch_spec s = shell("test \"$LISTEN_PID\" = $$", std, 3);

	s.envp = envp;
	cr_assert_eq(run(&s), 0);
}

Test(launch, has_its_own_session_and_folder)
{
	struct launch_spec s = shell("read -r a b c d e f g </proc/self/stat;"
				     "test $f = $e && pwd && umask",
	    std, 3);

	s.cwd = "/usr/lib";
	s.umask = 027;
	cr_assert_eq(run(&s), 0);
	cr_assert_str_eq(output, "/usr/lib\n0027\n");
}

Test(launch, signals_are_as_new)
{
	struct launch_spec s = shell("grep -E '^Sig(Blk|Ign):' "
				     "/proc/self/status",
	    std, 3);
	/* Signals 32 and 33 are libc's: it lets nobody set them, and leaves
	 * them ignored in what its posix_spawn starts (make uses that). */
	const unsigned long long libc_own = 3ULL << 31;
	unsigned long long blocked, ignored;
	sigset_t all;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	cr_assert_eq(run(&s), 0);
	cr_assert(sscanf(output, "SigBlk: %llx SigIgn: %llx", &blocked,
		      &ignored) == 2,
	    "%s", output);
	cr_assert_eq(blocked, 0, "%s", output);
	cr_assert_eq(ignored & ~libc_own, 0, "%s", output);
}

/* Numbers that are in use for others: 103 goes to 105, 105 to 104, 104 to 103.
 */
Test(launch, descriptors_change_places)
{
	static const int targets[] = { 0, 1, 2, 105, 103, 104 };
	struct launch_spec s =
	    shell("for i in 103 104 105; do read -r x </proc/self/fd/$i; "
		  "echo $i=$x; done; exec ls /proc/self/fd",
		targets, COUNT(targets));
	int ends[2], fds[6] = { -1, -1, STDERR_FILENO, 103, 104, 105 };
	int image = launch_image_make(&s);

	cr_assert_geq(image, 0);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fds[1] = ends[1];
	for (int fd = 103; fd <= 105; fd++) {
		int text[2];

		cr_assert_eq(pipe(text), 0);
		cr_assert_eq(dprintf(text[1], "%d\n", fd), 4);
		close(text[1]);
		cr_assert_eq(dup2(text[0], fd), fd);
		close(text[0]);
	}
	cr_assert_eq(run_image(image, fds, 6, ends[0], ends[1]), 0);
	/* ls opens /proc/self/fd itself: the lowest free number. */
	cr_assert_str_eq(output, "103=104\n104=105\n105=103\n"
				 "0\n1\n103\n104\n105\n2\n3\n");
}

Test(launch, high_numbers_below_a_low_limit)
{
	static const int targets[] = { 0, 1, 2, 40 };
	struct launch_spec s = shell("exec ls /proc/self/fd", targets, 4);
	struct rlimit rl = { 64, 64 };
	int ends[2], fds[4], image = launch_image_make(&s);

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	for (int i = 0; i < 200; i++)
		cr_assert_neq(fcntl(ends[0], F_DUPFD_CLOEXEC, 0), -1);
	fds[0] = fds[3] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fds[1] = ends[1];
	fds[2] = STDERR_FILENO;
	cr_assert_gt(fds[3], 64);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &rl), 0);
	cr_assert_eq(run_image(image, fds, 4, ends[0], ends[1]), 0);
	cr_assert_str_eq(output, "0\n1\n2\n3\n40\n");
}

static void
expect_failure(
    const struct launch_spec *s, int status, enum launch_stage stage, int error)
{
	int wait_status = run(s);

	cr_expect(WIFEXITED(wait_status));
	cr_expect_eq(WEXITSTATUS(wait_status), status);
	cr_expect_eq(proc->fail_stage, stage);
	cr_expect_eq(proc->fail_errno, error);
}

Test(launch, a_missing_program_is_127_and_says_so)
{
	struct launch_spec s = shell("", std, 3);

	s.exec_path = "/nonexistent/program";
	expect_failure(&s, 127, LAUNCH_EXEC, ENOENT);
}

Test(launch, what_cannot_be_executed_is_126)
{
	struct launch_spec s = shell("", std, 3);

	s.exec_path = "/etc/passwd";
	expect_failure(&s, 126, LAUNCH_EXEC, EACCES);
}

Test(launch, no_shell_runs_a_file_without_a_format)
{
	struct launch_spec s = shell("", std, 3);
	char path[] = "/tmp/clusterd-test-launch-XXXXXX";
	int fd = mkstemp(path);

	cr_assert_eq(write(fd, "echo hello\n", 11), 11);
	fchmod(fd, 0700);
	close(fd);
	s.exec_path = path;
	expect_failure(&s, 126, LAUNCH_EXEC, ENOEXEC);
	unlink(path);
}

Test(launch, a_missing_folder_says_so)
{
	struct launch_spec s = shell("", std, 3);

	s.cwd = "/nonexistent";
	expect_failure(&s, 127, LAUNCH_CWD, ENOENT);
}

/* ---- images that do not hold together ---- */

static void
expect_refused(const struct launch_image *im, size_t size, size_t nfds)
{
	int image = memfd_create("test", MFD_CLOEXEC), wait_status;
	int fds[] = { 0, 1, 2 };
	pid_t pid;

	cr_assert_eq(write(image, im, size), (ssize_t)size);
	memset(proc, 0, sizeof(*proc));
	pid = fork();
	if (pid == 0)
		launch_child(image, fds, nfds, proc);
	cr_assert_eq(waitpid(pid, &wait_status, 0), pid);
	cr_expect(WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 126,
	    "status %x", wait_status);
	cr_expect_eq(proc->fail_stage, LAUNCH_IMAGE);
	close(image);
}

Test(launch, refuses_every_broken_image)
{
	struct launch_spec s = shell("exit 0", std, 3);
	union {
		struct launch_image im;
		char bytes[8192];
	} good = { 0 }, bad;
	int fd = launch_image_make(&s);
	ssize_t size = read(fd, good.bytes, sizeof(good));
	uint64_t far = UINT64_C(1) << 40;

	if (size <= 0)
		size = pread(fd, good.bytes, sizeof(good), 0);
	cr_assert_gt(size, (ssize_t)sizeof(good.im));
	expect_refused(&good.im, (size_t)size, 2); /* fds do not match */
	expect_refused(&good.im, (size_t)size - 1, 3);
	expect_refused(&good.im, sizeof(good.im) - 1, 3);
#define REFUSED(change)                                                        \
	do {                                                                   \
		bad = good;                                                    \
		change;                                                        \
		expect_refused(&bad.im, (size_t)size, 3);                      \
	} while (0)
	REFUSED(bad.im.magic = 0);
	REFUSED(bad.im.size++);
	REFUSED(bad.im.nfds = FDPASS_MAX + 1);
	REFUSED(bad.im.fd_target[1] = -1);
	REFUSED(bad.im.fd_target[1] = bad.im.fd_target[0]);
	REFUSED(bad.im.argc = 0);
	REFUSED(bad.im.argc = 0xffffffff);
	REFUSED(bad.im.envc = LAUNCH_ARGS_MAX);
	REFUSED(bad.im.argv_at += 1);
	REFUSED(bad.im.argv_at = 0);
	REFUSED(bad.im.argv_at = bad.im.size & ~7U);
	REFUSED(bad.im.envp_at = 0xfffffff8);
	REFUSED(bad.im.exec_at = bad.im.size);
	REFUSED(bad.im.cwd_at = 4);
	REFUSED(bad.im.listen_pid_at = bad.im.size - 2);
	REFUSED(bad.im.listen_pid_at = bad.im.exec_at);
	REFUSED(memcpy(bad.bytes + bad.im.argv_at, &far, sizeof(far)));
	REFUSED(bad.bytes[size - 1] = 'x');
}
