/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally.h - what came of the requests: answers, latencies, failures by kind.
 */
#ifndef CLUSTERD_TESTS_TALLY_H
#define CLUSTERD_TESTS_TALLY_H

#include <stdint.h>
#include <stdio.h>

enum failure {
	FAIL_REFUSED,	 /* nobody listens */
	FAIL_RESET,	 /* before the first byte of the answer */
	FAIL_EOF_BEFORE, /* closed before the first byte of the answer */
	FAIL_EOF_IN,	 /* closed or reset inside the answer */
	FAIL_TIMEOUT,
	FAIL_STATUS_5XX,
	FAIL_OTHER,
	FAIL_STALE, /* a reused connection ended before the first byte */
	FAIL_KINDS,
};

enum {
	TALLY_PIDS_MAX = 4096,
	/* Buckets of 1/16 of a power of two each: at most 6 % off. */
	TALLY_BUCKETS = 32 * 16,
};

struct tally {
	uint64_t requests, ok, connects, idle_closed;
	uint64_t failures[FAIL_KINDS];
	int64_t duration_us, max_us;
	int first_kind, first_errno; /* of the first failure; kind -1: none */
	int64_t first_at_ms;	     /* wall clock, since 1970 */
	uint64_t n_pids;
	struct {
		long pid;
		uint64_t answers;
	} pids[TALLY_PIDS_MAX];
	uint64_t latencies[TALLY_BUCKETS];
};

int64_t tally_now_us(void); /* monotonic */
void tally_answer(struct tally *t, int64_t started_us, long pid);
void tally_failure(struct tally *t, enum failure kind, int error);
void tally_print(const struct tally *t, FILE *out);

#endif
