/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loglink.h - what the master tells the logger.
 *
 * SOCK_SEQPACKET. One message a struct log_message; LOG_WORKER carries the read
 * ends of stdout and stderr, or none after a logger's restart, when the keeper
 * has handed them over by (index, uid). Everything is idempotent: after
 * REPORT_LOGGER the master says it all again.
 */
#ifndef CLUSTERD_LOGLINK_H
#define CLUSTERD_LOGLINK_H

#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>
#include <clusterd/limits.h>

enum log_message_type {
	LOG_WORKER = 1, /* a worker's streams: who, and where the lines go */
	LOG_REOPEN,	/* close and open all files again (USR1) */
};

enum log_format { LOG_JSON, LOG_RAW };

enum { LOG_PATH_MAX = 1024 };

struct log_message {
	uint32_t type;
	uint32_t index; /* scoreboard proc entry */
	uint64_t uid;
	int32_t pid; /* 0: not forked yet; the logger reads it from the board */
	uint32_t instance; /* slot number in the app */
	uint32_t pm_id;
	uint32_t format; /* enum log_format */
	uint64_t generation;
	char app[APP_NAME_MAX];
	/* Absolute paths; "" none. All three may name one file. */
	char out_file[LOG_PATH_MAX];
	char error_file[LOG_PATH_MAX];
	char log_file[LOG_PATH_MAX]; /* out and err merged, beside the other two
				      */
	char time_format[32]; /* raw: strftime(3) prefix per line; "" none */
};

int loglink_send(int sock, const struct log_message *m, const int *fds,
    size_t nfds) MUST_CHECK;
/* 1, 0 at the end, -errno; -EPROTO for a message that does not hold together.
 */
int loglink_recv(
    int sock, struct log_message *m, int *fds, size_t *nfds) MUST_CHECK;

#endif
