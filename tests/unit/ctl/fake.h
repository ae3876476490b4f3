/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake.h - a clusterd that only knows its lines, and a run of clusterctl
 * against it.
 */
#ifndef TEST_CTL_FAKE_H
#define TEST_CTL_FAKE_H

#include <pthread.h>
#include <stddef.h>

struct fake_answer {
	const char *method;
	const char *events; /* lines before the answer, "" none */
	const char *body; /* "\"result\":..." or "\"error\":...", "" hang up */
};

struct fake {
	char dir[64];
	char path[96];
	const struct fake_answer *answers; /* borrowed */
	size_t n_answers;
	int listener;
	pthread_t thread;
	char requests[16384]; /* every line that came */
	size_t len;
};

void fake_start(struct fake *f, const struct fake_answer *answers, size_t n);
void fake_stop(struct fake *f);
void fake_remove(struct fake *f); /* its folder alone */

struct run {
	int status;
	char out[65536], err[65536];
};

/*
 * clusterctl with these words, split at blanks, and --socket of the fake; not a
 * terminal.
 */
void fake_run(struct fake *f, const char *words, struct run *r);

/* A file of the source tree, whole; freed by the caller. */
char *source_text(const char *path);

#endif
