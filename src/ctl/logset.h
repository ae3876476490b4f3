/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logset.h - which log files to read, and which of their lines to show.
 */
#ifndef CTL_LOGSET_H
#define CTL_LOGSET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>

enum { LOGSET_OUT = 1, LOGSET_ERR = 2, LOGSET_IDS_MAX = 64 };

struct logset_file {
	char *path;	/* owned */
	char *app;	/* owned: of the first row that names the path */
	json_t *apps;	/* owned: an object, its keys are the apps wanted */
	unsigned types; /* LOGSET_ bits */
	bool is_json;
};

struct logset {
	struct logset_file **files; /* owned, as are those it points to */
	size_t n_files;
	long ids[LOGSET_IDS_MAX]; /* of workers; none: all */
	size_t n_ids;
};

/* A line of a log file, taken apart. Text is borrowed from root or the line. */
struct log_record {
	json_t *root;	  /* owned; NULL: the line is no record of ours */
	const char *app;  /* never NULL */
	long id;	  /* -1: not said */
	const char *type; /* "" not said */
	const char *time_text;
	int64_t time_ms; /* wall clock; -1: not said */
	const char *message;
	size_t message_len;
};

/*
 * `selector` may be NULL; if it consists of ids only, other workers' lines are
 * left out.
 */
void logset_init(struct logset *s, const char *selector);

/*
 * The files of an answer of `logs`; those that are known stay where they are. A
 * file with both streams is read only for an app that has no file of its own
 * for each. `types`: LOGSET_ bits. 0 or -ENOMEM.
 */
int logset_add(
    struct logset *s, const json_t *answer, unsigned types) MUST_CHECK;
void logset_fini(struct logset *s);

/*
 * Take a line (without '\n') of a file apart. False: it is not to be shown, and
 * nothing is to be freed; else log_record_fini().
 */
bool logset_parse(const struct logset *s, const struct logset_file *file,
    const char *line, size_t len, struct log_record *r);
void log_record_fini(struct log_record *r);

/* "2026-11-20T07:24:22.123Z" in milliseconds, or -1. */
int64_t log_time_ms(const char *text);

#endif
