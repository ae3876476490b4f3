/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally.c - counting answers and failures, and saying it in JSON.
 */
#include "tally.h"

#include <string.h>
#include <time.h>

static const char *const names[] = {
	[FAIL_REFUSED] = "refused",
	[FAIL_RESET] = "reset",
	[FAIL_EOF_BEFORE] = "eof_before_response",
	[FAIL_EOF_IN] = "eof_in_response",
	[FAIL_TIMEOUT] = "timeout",
	[FAIL_STATUS_5XX] = "status_5xx",
	[FAIL_OTHER] = "other",
	[FAIL_STALE] = "stale",
};
_Static_assert(
    sizeof(names) / sizeof(names[0]) == FAIL_KINDS, "name every kind");

int64_t
tally_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Below 16 us one bucket each; then 16 a power of two. */
static unsigned
bucket_of(int64_t us)
{
	unsigned power, bucket;

	if (us < 16)
		return us < 0 ? 0 : (unsigned)us;
	power = 63 - (unsigned)__builtin_clzll((unsigned long long)us);
	bucket = (power - 3) * 16 + ((unsigned)(us >> (power - 4)) & 15);
	return bucket < TALLY_BUCKETS ? bucket : TALLY_BUCKETS - 1;
}

/* The upper end of a bucket. */
static int64_t
bucket_us(unsigned bucket)
{
	unsigned power = bucket / 16 + 3;

	if (bucket < 16)
		return bucket;
	return ((int64_t)(16 + bucket % 16 + 1) << (power - 4)) - 1;
}

static void
count_pid(struct tally *t, long pid)
{
	for (uint64_t i = 0; i < t->n_pids; i++) {
		if (t->pids[i].pid == pid) {
			t->pids[i].answers++;
			return;
		}
	}
	if (t->n_pids == TALLY_PIDS_MAX)
		return;
	t->pids[t->n_pids].pid = pid;
	t->pids[t->n_pids++].answers = 1;
}

void
tally_answer(struct tally *t, int64_t started_us, long pid)
{
	int64_t took_us = tally_now_us() - started_us;

	t->ok++;
	t->latencies[bucket_of(took_us)]++;
	if (took_us > t->max_us)
		t->max_us = took_us;
	if (pid != 0)
		count_pid(t, pid);
}

void
tally_failure(struct tally *t, enum failure kind, int error)
{
	struct timespec ts;
	uint64_t before = 0;

	for (unsigned i = 0; i < FAIL_KINDS; i++)
		before += t->failures[i];
	t->failures[kind]++;
	if (before > 0)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	t->first_kind = (int)kind;
	t->first_errno = error;
	t->first_at_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static double
percentile_ms(const struct tally *t, double share)
{
	uint64_t want = (uint64_t)((double)t->ok * share), seen = 0;

	for (unsigned i = 0; i < TALLY_BUCKETS; i++) {
		seen += t->latencies[i];
		if (seen > want || (seen == t->ok && seen > 0)) {
			int64_t us = bucket_us(i);

			return (double)(us < t->max_us ? us : t->max_us) / 1000;
		}
	}
	return 0;
}

void
tally_print(const struct tally *t, FILE *out)
{
	uint64_t failed = 0;

	for (unsigned i = 0; i < FAIL_KINDS; i++)
		failed += t->failures[i];
	fprintf(out,
	    "{\"requests\":%llu,\"ok\":%llu,\"failed\":%llu,\"connects\":%llu,"
	    "\"idle_closed\":%llu,\"duration_ms\":%lld,\"failures\":{",
	    (unsigned long long)t->requests, (unsigned long long)t->ok,
	    (unsigned long long)failed, (unsigned long long)t->connects,
	    (unsigned long long)t->idle_closed,
	    (long long)t->duration_us / 1000);
	for (unsigned i = 0; i < FAIL_KINDS; i++)
		fprintf(out, "%s\"%s\":%llu", i ? "," : "", names[i],
		    (unsigned long long)t->failures[i]);
	fprintf(out, "},\"first_failure\":");
	if (failed > 0)
		fprintf(out,
		    "{\"kind\":\"%s\",\"errno\":\"%s\",\"at_ms\":%lld}",
		    names[t->first_kind],
		    t->first_errno ? strerror(t->first_errno) : "",
		    (long long)t->first_at_ms);
	else
		fprintf(out, "null");
	fprintf(out,
	    ",\"latency_ms\":{\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f},"
	    "\"pids\":{",
	    percentile_ms(t, 0.50), percentile_ms(t, 0.99),
	    (double)t->max_us / 1000);
	for (uint64_t i = 0; i < t->n_pids; i++)
		fprintf(out, "%s\"%ld\":%llu", i ? "," : "", t->pids[i].pid,
		    (unsigned long long)t->pids[i].answers);
	fprintf(out, "}}\n");
}
