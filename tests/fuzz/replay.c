/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c - runs a fuzz target without libFuzzer: every file of a corpus, then
 * mutations of them from a fixed seed, for a bounded time.
 *
 *	replay_node node tests/fuzz/corpus/node
 *
 * FUZZ_SECONDS and FUZZ_SEED change the bounds. A target that fails ends the
 * process; the input is left in fuzz-failure-NAME then.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/clock.h>

#include "fuzz.h"

enum {
	FILES_MAX = 256,
	INPUT_BYTES_MAX = 64 * 1024,
	MUTATIONS_MAX = 20 * 1000,
	SECONDS = 2,
	SEED = 20261120,
};

struct input {
	uint8_t *data; /* owned */
	size_t len;
};

struct replay {
	const char *name;
	struct input files[FILES_MAX];
	size_t nfiles;
	uint64_t random;
	size_t done;
};

/* For the signal handler only. */
static struct {
	uint8_t data[INPUT_BYTES_MAX];
	size_t len;
	char path[128];
} current;

static void
on_failure(int sig)
{
	int fd =
	    open(current.path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	(void)!write(fd, current.data, current.len);
	(void)!write(2, "fuzz: input kept in ", 20);
	(void)!write(2, current.path, strlen(current.path));
	(void)!write(2, "\n", 1);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
run(struct replay *r, size_t len)
{
	current.len = len;
	(void)LLVMFuzzerTestOneInput(current.data, len);
	r->done++;
}

/* xorshift64: the same mutations everywhere. */
static uint32_t
random_below(struct replay *r, size_t bound)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return (uint32_t)((r->random >> 16) % bound);
}

/* ---- mutations: each changes current.data[0 .. len) and returns its length */

static size_t
flip_bit(struct replay *r, size_t len)
{
	if (len > 0)
		current.data[random_below(r, len)] ^=
		    (uint8_t)(1u << random_below(r, 8));
	return len;
}

static size_t
put_byte(struct replay *r, size_t len)
{
	static const uint8_t odd[] = { 0, '\n', '"', '{', '}', ' ', '\\', 0x7f,
		0x80, 0xff, '0', '9', '-' };

	if (len > 0)
		current.data[random_below(r, len)] =
		    odd[random_below(r, sizeof(odd))];
	return len;
}

static size_t
cut(struct replay *r, size_t len)
{
	return len > 0 ? random_below(r, len) : 0;
}

static size_t
remove_piece(struct replay *r, size_t len)
{
	size_t at, n;

	if (len < 2)
		return len;
	at = random_below(r, len);
	n = 1 + random_below(r, len - at);
	memmove(current.data + at, current.data + at + n, len - at - n);
	return len - n;
}

static size_t
double_piece(struct replay *r, size_t len)
{
	size_t at, n;

	if (len < 2)
		return len;
	at = random_below(r, len);
	n = 1 + random_below(r, len - at);
	if (len + n > INPUT_BYTES_MAX)
		return len;
	memmove(current.data + at + n, current.data + at, len - at);
	return len + n;
}

/* The end of another file behind the beginning of this one. */
static size_t
join_files(struct replay *r, size_t len)
{
	const struct input *other = &r->files[random_below(r, r->nfiles)];
	size_t at = len > 0 ? random_below(r, len) : 0;
	size_t from = other->len > 0 ? random_below(r, other->len) : 0;
	size_t n = other->len - from;

	if (at + n > INPUT_BYTES_MAX)
		n = INPUT_BYTES_MAX - at;
	memcpy(current.data + at, other->data + from, n);
	return at + n;
}

static size_t (*const mutations[])(struct replay *, size_t) = { flip_bit,
	put_byte, cut, remove_piece, double_piece, join_files };

static size_t
mutate(struct replay *r)
{
	const struct input *in = &r->files[random_below(r, r->nfiles)];
	size_t len = in->len, i, times = 1 + random_below(r, 4);

	memcpy(current.data, in->data, len);
	for (i = 0; i < times; i++)
		len = mutations[random_below(
		    r, sizeof(mutations) / sizeof(*mutations))](r, len);
	return len;
}

/* ---- corpus ------------------------------------------------------------ */

static bool
load(struct replay *r, const char *dir, const char *name)
{
	struct input *in = &r->files[r->nfiles];
	char path[1024];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	in->data = malloc(INPUT_BYTES_MAX);
	if (fd == -1 || in->data == NULL)
		return false;
	n = read(fd, in->data, INPUT_BYTES_MAX);
	close(fd);
	if (n < 0)
		return false;
	in->len = (size_t)n;
	r->nfiles++;
	return true;
}

static int
not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* In the order of their names, so that a seed means the same everywhere. */
static bool
load_all(struct replay *r, const char *dir)
{
	struct dirent **names;
	bool ok = true;
	int i, n = scandir(dir, &names, not_hidden, alphasort);

	if (n < 0)
		return false;
	for (i = 0; i < n; i++) {
		if (ok && i < FILES_MAX)
			ok = load(r, dir, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return ok && r->nfiles > 0;
}

static long
setting(const char *name, long dflt)
{
	const char *text = getenv(name);

	return text == NULL ? dflt : strtol(text, NULL, 10);
}

static void
replay_all(struct replay *r, long seconds)
{
	int64_t until_ms = clock_mono_ms() + seconds * 1000;
	size_t i;

	for (i = 0; i < r->nfiles; i++) {
		memcpy(current.data, r->files[i].data, r->files[i].len);
		run(r, r->files[i].len);
	}
	/* Longer than by default: only the time is the bound. */
	for (i = 0; i < MUTATIONS_MAX || seconds > SECONDS; i++) {
		if (clock_mono_ms() >= until_ms)
			break;
		run(r, mutate(r));
	}
}

int
main(int argc, char **argv)
{
	struct replay r = { .name = argc > 1 ? argv[1] : "?" };
	long seed = setting("FUZZ_SEED", SEED);
	size_t i;

	if (argc != 3 || seed == 0) {
		fprintf(stderr, "usage: %s NAME CORPUS\n", argv[0]);
		return 2;
	}
	r.random = (uint64_t)seed;
	snprintf(current.path, sizeof(current.path), "fuzz-failure-%s", r.name);
	signal(SIGABRT, on_failure);
	signal(SIGSEGV, on_failure);
	if (!load_all(&r, argv[2])) {
		fprintf(stderr, "fuzz %s: no corpus in %s\n", r.name, argv[2]);
		return 1;
	}
	replay_all(&r, setting("FUZZ_SECONDS", SECONDS));
	printf("fuzz %s: %zu inputs, 0 failures (seed %ld)\n", r.name, r.done,
	    seed);
	for (i = 0; i < r.nfiles; i++)
		free(r.files[i].data);
	return 0;
}
