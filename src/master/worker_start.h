/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_start.h - what a worker is started with: program, arguments,
 * environment, descriptors. Looked up and computed afresh at each start.
 */
#ifndef MASTER_WORKER_START_H
#define MASTER_WORKER_START_H

#include "master/master.h"

/* The numbers that descriptors have in the worker. */
enum { START_FIRST_SOCKET = 3 };

struct worker_start {
	struct arena *arena; /* owned; everything below is in it */
	struct program program;
	const char **argv, **envp;
	size_t argc, envc;
	int channel_number; /* in the worker; -1: it gets no channel */
	bool node;	    /* Node's dialect on the channel */
};

/*
 * For slot `s` of `e`; `uid` is the worker's. 0, or -errno with a message in
 * `why`; after 0 worker_start_fini().
 */
int worker_start_make(struct worker_start *w, const struct master *m,
    const struct edition *e, const struct slot *s, uint64_t uid, char *why,
    size_t why_size) MUST_CHECK;
void worker_start_fini(struct worker_start *w);

#endif
