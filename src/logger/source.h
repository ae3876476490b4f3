/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h - the workers whose stdout and stderr are read.
 */
#ifndef LOGGER_SOURCE_H
#define LOGGER_SOURCE_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>
#include <clusterd/limits.h>
#include <clusterd/loglink.h>
#include <clusterd/scoreboard.h>

#include "logger/sinks.h"

enum {
	SOURCE_READ_BYTES = 64 * 1024,
	SOURCE_TURN_BYTES = 256 * 1024, /* of one stream, a loop turn */
	SOURCE_UNCLAIMED_S = 30,
};

struct source;

struct sources {
	struct ev_loop *loop;		/* borrowed */
	const struct scoreboard *board; /* borrowed */
	struct sinks *sinks;		/* borrowed */
	/* Both pipes of a worker are read to their end. */
	void (*on_end)(void *arg, uint32_t index, uint64_t uid);
	void *arg;	       /* borrowed */
	struct source **table; /* owned: WORKERS_MAX entries, by index */
	char *read_buf;	       /* owned: SOURCE_READ_BYTES */
	size_t n_reading;      /* streams being read, paused ones included */
	bool is_paused;	       /* some stream waits for a stuck sink */
	bool is_handed_over;   /* the keeper has said what it holds */
	ev_timer unclaimed;    /* after which nobody will say whose pipes are */
};

/* 0 or -ENOMEM. */
int sources_init(struct sources *s, struct ev_loop *loop,
    const struct scoreboard *board, struct sinks *sinks) MUST_CHECK;
/* Unfinished lines are written; the pipes stay what the keeper holds. */
void sources_fini(struct sources *s);

/*
 * Pipes of a worker: `fds` are the read ends of stdout and stderr (nfds 2), and
 * are taken over in any case. They are read once the worker is described.
 */
void sources_attach(struct sources *s, uint32_t index, uint64_t uid,
    const int *fds, size_t nfds);

/* Who a worker is and where its lines go; may be said again. */
void sources_describe(struct sources *s, const struct log_message *m);

/* All that the keeper held has been attached: forget who has no pipes. */
void sources_handed_over(struct sources *s);

/* A stream has come to its end: the source is gone when the other has too. */
void source_end_if_over(struct source *src);

/* Read the streams again that waited for a stuck sink. */
void sources_resume(struct sources *s);

#endif
