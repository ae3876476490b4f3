/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch.c - what a worker's process does between fork and exec.
 *
 * Only async-signal-safe calls, no allocation. The image comes from another
 * process: nothing in it is used before it has been checked.
 */
#include <clusterd/launch.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/scoreboard.h>

_Static_assert(
    sizeof(char *) == sizeof(uint64_t), "offsets become pointers in place");

static _Noreturn void
fail(struct board_proc *proc, enum launch_stage stage, int error)
{
	proc->fail_stage = stage;
	proc->fail_errno = error;
	_exit(error == ENOENT ? 127 : 126);
}

/* True if a string of the image begins at `at`: the last byte is a NUL. */
static bool
is_string(const struct launch_image *im, uint64_t at)
{
	return at >= sizeof(*im) && at < im->size;
}

/* Offsets become pointers; false if one leads out of the image. */
static bool
fix_array(struct launch_image *im, uint32_t at, uint32_t count)
{
	char *base = (char *)im;
	uint64_t *entry;
	char *p;

	if (count > LAUNCH_ARGS_MAX || at % sizeof(*entry) != 0 ||
	    at < sizeof(*im) || at > im->size ||
	    (count + 1) * sizeof(*entry) > im->size - at)
		return false;
	entry = (uint64_t *)(void *)(base + at);
	for (uint32_t i = 0; i < count; i++) {
		if (!is_string(im, entry[i]))
			return false;
		p = base + entry[i];
		memcpy(&entry[i], &p, sizeof(p));
	}
	p = NULL;
	memcpy(&entry[count], &p, sizeof(p));
	return true;
}

static bool
targets_are_valid(const struct launch_image *im)
{
	for (uint32_t i = 0; i < im->nfds; i++) {
		if (im->fd_target[i] < 0 || im->fd_target[i] > 65535)
			return false;
		for (uint32_t j = 0; j < i; j++) {
			if (im->fd_target[j] == im->fd_target[i])
				return false;
		}
	}
	return true;
}

/* The image, privately mapped, with pointers in place of offsets; or NULL. */
static struct launch_image *
map_image(int fd, size_t nfds)
{
	struct launch_image *im;
	struct stat st;

	if (fstat(fd, &st) == -1 || st.st_size < (off_t)sizeof(*im) ||
	    st.st_size > LAUNCH_BYTES_MAX)
		return NULL;
	im = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE,
	    fd, 0);
	if (im == MAP_FAILED)
		return NULL;
	if (im->magic != LAUNCH_MAGIC || im->size != (uint64_t)st.st_size ||
	    ((char *)im)[im->size - 1] != '\0' || im->nfds != nfds ||
	    im->nfds > FDPASS_MAX || im->argc == 0 || !targets_are_valid(im) ||
	    !is_string(im, im->exec_at) || !is_string(im, im->cwd_at) ||
	    (im->listen_pid_at != 0 && !is_string(im, im->listen_pid_at)) ||
	    !fix_array(im, im->argv_at, im->argc) ||
	    !fix_array(im, im->envp_at, im->envc))
		return NULL;
	return im;
}

static void
reset_signals(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < _NSIG; sig++)
		sigaction(sig, &sa, NULL); /* fails for KILL, STOP: no matter */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Close all but `keep`, gap by gap. Where close_range(2) is refused, exec
 * closes what is left: every descriptor of ours is close-on-exec.
 */
static void
close_others(const int *keep, size_t n)
{
	unsigned from = 0, next;

	do {
		next = ~0U;
		for (size_t i = 0; i < n; i++) {
			if ((unsigned)keep[i] >= from &&
			    (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		}
		if (next == ~0U)
			close_range(from, ~0U, 0);
		else if (next > from)
			close_range(from, next - 1, 0);
		from = next + 1;
	} while (next != ~0U);
}

/*
 * Each descriptor to its number. A number may be in use by one that has not
 * been placed yet, so all go above the highest first. The others are closed
 * before that too: below a low limit on descriptors there may be no room.
 */
static bool
place_fds(const struct launch_image *im, const int *fds)
{
	int lifted[FDPASS_MAX], highest = 2;

	close_others(fds, im->nfds);
	for (uint32_t i = 0; i < im->nfds; i++) {
		if (im->fd_target[i] > highest)
			highest = im->fd_target[i];
	}
	for (uint32_t i = 0; i < im->nfds; i++) {
		lifted[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, highest + 1);
		if (lifted[i] == -1)
			return false;
	}
	for (uint32_t i = 0; i < im->nfds; i++) {
		if (dup2(lifted[i], im->fd_target[i]) == -1)
			return false;
	}
	close_others(im->fd_target, im->nfds);
	return true;
}

/* "LISTEN_PID=" + our pid: the image keeps room for ten digits. */
static bool
write_listen_pid(struct launch_image *im)
{
	static const char name[] = "LISTEN_PID=";
	char digits[10], *p = (char *)im + im->listen_pid_at;
	unsigned pid = (unsigned)getpid();
	size_t n = 0;

	if (im->listen_pid_at == 0)
		return true;
	if (im->size - im->listen_pid_at < sizeof(name) + sizeof(digits) ||
	    memcmp(p, name, sizeof(name)) != 0)
		return false;
	p += sizeof(name) - 1;
	do {
		digits[n++] = (char)('0' + pid % 10);
		pid /= 10;
	} while (pid > 0);
	while (n > 0)
		*p++ = digits[--n];
	*p = '\0';
	return true;
}

_Noreturn void
launch_child(int image_fd, const int *fds, size_t nfds, struct board_proc *proc)
{
	struct launch_image *im;
	char *base;

	setsid(); /* cannot fail: a fresh child leads no group */
	reset_signals();
	im = map_image(image_fd, nfds);
	if (im == NULL || !write_listen_pid(im))
		fail(proc, LAUNCH_IMAGE, EINVAL);
	base = (char *)im;
	if (!place_fds(im, fds))
		fail(proc, LAUNCH_FDS, errno);
	if (im->umask != 0xffffffff)
		umask(im->umask & 0777);
	if (chdir(base + im->cwd_at) == -1)
		fail(proc, LAUNCH_CWD, errno);
	execve(base + im->exec_at, (char **)(void *)(base + im->argv_at),
	    (char **)(void *)(base + im->envp_at));
	fail(proc, LAUNCH_EXEC, errno);
}
