/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - stdout or stderr of one worker: read, framed, recorded.
 */
#ifndef LOGGER_STREAM_H
#define LOGGER_STREAM_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <clusterd/limits.h>
#include <clusterd/loglink.h>

#include "logger/lines.h"
#include "logger/sink.h"

enum { STREAM_OUT, STREAM_ERR, N_STREAMS };

struct stream {
	ev_io io; /* io.fd: -1 before it is attached and after its end */
	struct source *source; /* borrowed: it is a part of it */
	struct lines lines;
	uint64_t seq;
	struct sink *sinks[2]; /* owned references; NULL: none */
};

struct source {
	struct sources *all; /* borrowed */
	uint32_t index;
	uint64_t uid;
	pid_t pid; /* 0: not known yet */
	uint32_t instance, pm_id;
	uint64_t generation;
	enum log_format format;
	bool is_attached, is_described;
	char app[APP_NAME_MAX];
	char time_format[sizeof(((struct log_message *)0)->time_format)];
	struct stream streams[N_STREAMS];
};

void stream_init(struct stream *s, struct source *src);

/* Give its sinks back. */
void stream_put_sinks(struct stream *s);

/* Write the line whose end has not come, if there is one. */
void stream_flush(struct stream *s);

#endif
