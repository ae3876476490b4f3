/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sinks.c - all open log files, by path.
 */
#include "logger/sinks.h"

#include <string.h>

#include "logger/sink.h"

static uint64_t
hash_path(const char *path)
{
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (; *path; path++)
		h = (h ^ (unsigned char)*path) * 0x100000001b3ULL;
	return h;
}

void
sinks_init(struct sinks *s, struct ev_loop *loop)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	s->loop = loop;
	for (i = 0; i < SINK_BUCKETS; i++)
		LIST_INIT(&s->buckets[i]);
	TAILQ_INIT(&s->dirty);
}

struct sink *
sinks_get(struct sinks *s, const char *path, enum log_format format)
{
	struct sink_list *bucket = &s->buckets[hash_path(path) % SINK_BUCKETS];
	struct sink *k;

	LIST_FOREACH (k, bucket, in_bucket) {
		if (strcmp(k->path, path) == 0) {
			k->refs++;
			return k;
		}
	}
	k = sink_new(s, path, format);
	if (k)
		LIST_INSERT_HEAD(bucket, k, in_bucket);
	return k;
}

void
sinks_flush(struct sinks *s)
{
	struct sink *k;

	while ((k = TAILQ_FIRST(&s->dirty)) != NULL)
		sink_flush(k); /* which takes it off the list */
}

void
sinks_relieve(struct sinks *s)
{
	if (s->pending_bytes > SINKS_PENDING_BYTES)
		sinks_flush(s);
}

void
sinks_reopen(struct sinks *s)
{
	struct sink *k;
	size_t i;

	sinks_flush(s);
	for (i = 0; i < SINK_BUCKETS; i++) {
		LIST_FOREACH (k, &s->buckets[i], in_bucket)
			sink_reopen(k);
	}
}

void
sinks_fini(struct sinks *s)
{
	struct sink *k;
	size_t i;

	sinks_flush(s);
	for (i = 0; i < SINK_BUCKETS; i++) {
		while ((k = LIST_FIRST(&s->buckets[i])) != NULL)
			sink_free(k);
	}
}
