/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image.c - makes the launch image in the master.
 */
#include <clusterd/launch.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char listen_pid[] = "LISTEN_PID=";

enum { PID_DIGITS = 10 };

/* The image under construction. */
struct draft {
	char *bytes; /* owned */
	size_t at;   /* where the next string goes */
};

/* Strings and their sizes. False beyond the bounds. */
static bool
measure(const char *const *list, uint32_t *count, size_t *bytes)
{
	uint32_t n;

	for (n = 0; list[n] != NULL; n++) {
		if (n == LAUNCH_ARGS_MAX)
			return false;
		*bytes += strlen(list[n]) + 1;
		if (*bytes > LAUNCH_BYTES_MAX)
			return false;
	}
	*count = n;
	return true;
}

static uint32_t
put_string(struct draft *d, const char *s)
{
	size_t len = strlen(s) + 1;
	uint32_t at = (uint32_t)d->at;

	memcpy(d->bytes + d->at, s, len);
	d->at += len;
	return at;
}

static void
put_offset(struct draft *d, uint32_t array_at, uint32_t i, uint64_t offset)
{
	memcpy(
	    d->bytes + array_at + i * sizeof(offset), &offset, sizeof(offset));
}

static void
put_env(struct draft *d, struct launch_image *im, const struct launch_spec *s)
{
	for (uint32_t i = 0; i < im->envc; i++) {
		bool is_pid = strcmp(s->envp[i], listen_pid) == 0;
		uint32_t at = put_string(d, s->envp[i]);

		put_offset(d, im->envp_at, i, at);
		if (is_pid && im->listen_pid_at == 0) {
			im->listen_pid_at = at;
			d->at += PID_DIGITS; /* zero already */
		}
	}
}

static void
fill(struct draft *d, struct launch_image *im, const struct launch_spec *s)
{
	for (uint32_t i = 0; i < im->argc; i++)
		put_offset(d, im->argv_at, i, put_string(d, s->argv[i]));
	put_env(d, im, s);
	im->exec_at = put_string(d, s->exec_path);
	im->cwd_at = put_string(d, s->cwd);
	memcpy(im->fd_target, s->fd_target, s->nfds * sizeof(int));
	memcpy(d->bytes, im, sizeof(*im));
}

/* `size` bytes as a sealed memfd, or -errno. */
static int
seal(const char *bytes, size_t size)
{
	int fd =
	    memfd_create("clusterd-launch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;
	int rc;

	if (fd == -1)
		return -errno;
	while (done < size) {
		ssize_t n = write(fd, bytes + done, size - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			goto fail;
		done += (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == -1)
		goto fail;
	return fd;
fail:
	rc = -errno;
	close(fd);
	return rc;
}

int
launch_image_make(const struct launch_spec *spec)
{
	struct launch_image im = {
		.magic = LAUNCH_MAGIC,
		.umask = spec->umask,
		.nfds = (uint32_t)spec->nfds,
	};
	struct draft d;
	size_t text = PID_DIGITS, size;
	int fd;

	if (spec->nfds > FDPASS_MAX || !measure(spec->argv, &im.argc, &text) ||
	    !measure(spec->envp, &im.envc, &text))
		return -E2BIG;
	text += strlen(spec->exec_path) + 1 + strlen(spec->cwd) + 1;
	im.argv_at = (sizeof(im) + 7) / 8 * 8;
	im.envp_at = im.argv_at + (im.argc + 1) * (uint32_t)sizeof(uint64_t);
	d.at = im.envp_at + (im.envc + 1) * sizeof(uint64_t);
	size = d.at + text;
	if (size > LAUNCH_BYTES_MAX)
		return -E2BIG;
	im.size = (uint32_t)size;
	d.bytes = calloc(1, size);
	if (d.bytes == NULL)
		return -ENOMEM;
	fill(&d, &im, spec);
	fd = seal(d.bytes, size);
	free(d.bytes);
	return fd;
}

const char *
launch_stage_text(enum launch_stage stage)
{
	/* clang-format off */
	static const char *const texts[] = {
		[LAUNCH_OK]     = "start",
		[LAUNCH_FORK]   = "fork for",
		[LAUNCH_IMAGE]  = "read the launch image of",
		[LAUNCH_FDS]    = "place the descriptors of",
		[LAUNCH_CWD]    = "change directory to",
		[LAUNCH_LIMITS] = "set the limits of",
		[LAUNCH_EXEC]   = "execute",
	};
	/* clang-format on */

	return (size_t)stage < COUNT(texts) ? texts[stage] : "start";
}
