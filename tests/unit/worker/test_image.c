/* SPDX-License-Identifier: Apache-2.0 */
#include <clusterd/launch.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const int targets[] = { 0, 1, 2, 7 };
static const char *const argv[] = { "api", "--port", "80", NULL };
static const char *const envp[] = { "A=1", "LISTEN_PID=", "B=", NULL };

static struct launch_spec
spec(void)
{
	return (struct launch_spec){ .exec_path = "/bin/true",
		.cwd = "/srv",
		.argv = argv,
		.envp = envp,
		.fd_target = targets,
		.nfds = COUNT(targets),
		.umask = 027 };
}

static const struct launch_image *
map(int fd)
{
	struct stat st;
	void *p;

	cr_assert_geq(fd, 0);
	cr_assert_eq(fstat(fd, &st), 0);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	cr_assert_neq(p, MAP_FAILED);
	cr_assert_eq(((const struct launch_image *)p)->size, st.st_size);
	return p;
}

static const char *
entry(const struct launch_image *im, uint32_t array_at, uint32_t i)
{
	const char *base = (const char *)im;
	uint64_t at;

	memcpy(&at, base + array_at + i * sizeof(at), sizeof(at));
	return at == 0 ? NULL : base + at;
}

Test(image, holds_all_that_was_said)
{
	struct launch_spec s = spec();
	const struct launch_image *im = map(launch_image_make(&s));
	const char *base = (const char *)im;

	cr_assert_eq(im->magic, LAUNCH_MAGIC);
	cr_assert_eq(im->argc, 3);
	cr_assert_eq(im->envc, 3);
	for (uint32_t i = 0; i < 3; i++) {
		cr_assert_str_eq(entry(im, im->argv_at, i), argv[i]);
		cr_assert_str_eq(entry(im, im->envp_at, i), envp[i]);
	}
	cr_assert_null(entry(im, im->argv_at, 3));
	cr_assert_null(entry(im, im->envp_at, 3));
	cr_assert_str_eq(base + im->exec_at, "/bin/true");
	cr_assert_str_eq(base + im->cwd_at, "/srv");
	cr_assert_eq(im->umask, 027);
	cr_assert_eq(im->nfds, 4);
	cr_assert_eq(memcmp(im->fd_target, targets, sizeof(targets)), 0);
}

Test(image, leaves_room_for_the_pid)
{
	struct launch_spec s = spec();
	const struct launch_image *im = map(launch_image_make(&s));
	const char *p = (const char *)im + im->listen_pid_at;

	cr_assert_neq(im->listen_pid_at, 0);
	cr_assert_str_eq(p, "LISTEN_PID=");
	cr_assert_eq(p, entry(im, im->envp_at, 1));
	for (size_t i = 0; i <= 10; i++)
		cr_assert_eq(p[strlen("LISTEN_PID=") + i], 0);
}

Test(image, cannot_be_changed)
{
	struct launch_spec s = spec();
	int fd = launch_image_make(&s);

	cr_assert_geq(fd, 0);
	cr_assert_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	cr_assert_eq(pwrite(fd, "x", 1, 0), -1);
	cr_assert_eq(ftruncate(fd, 0), -1);
	cr_assert_eq(fcntl(fd, F_GET_SEALS),
	    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}

Test(image, has_bounds)
{
	static const char *many[LAUNCH_ARGS_MAX + 2];
	struct launch_spec s = spec();
	char *large = malloc(LAUNCH_BYTES_MAX);
	const char *one[2] = { large, NULL };

	for (size_t i = 0; i <= LAUNCH_ARGS_MAX; i++)
		many[i] = "x";
	s.argv = many;
	cr_assert_eq(launch_image_make(&s), -E2BIG);
	many[LAUNCH_ARGS_MAX] = NULL;
	cr_assert_geq(launch_image_make(&s), 0);
	s = spec();
	memset(large, 'x', LAUNCH_BYTES_MAX);
	large[LAUNCH_BYTES_MAX - 1] = '\0';
	s.envp = one;
	cr_assert_eq(launch_image_make(&s), -E2BIG);
	s = spec();
	s.nfds = FDPASS_MAX + 1;
	cr_assert_eq(launch_image_make(&s), -E2BIG);
	free(large);
}

Test(image, every_stage_has_words)
{
	for (int i = LAUNCH_OK; i <= LAUNCH_EXEC; i++)
		cr_assert_not_null(launch_stage_text((enum launch_stage)i));
	cr_assert_str_eq(launch_stage_text(LAUNCH_EXEC), "execute");
	cr_assert_str_eq(launch_stage_text(LAUNCH_CWD), "change directory to");
	cr_assert_not_null(launch_stage_text((enum launch_stage)99));
}
