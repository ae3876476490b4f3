/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logger.h - the logger as a whole: sources, sinks, and the end of both.
 */
#ifndef LOGGER_LOGGER_H
#define LOGGER_LOGGER_H

#include <ev.h>
#include <stdbool.h>

#include <clusterd/compiler.h>
#include <clusterd/scoreboard.h>

#include "logger/links.h"
#include "logger/sinks.h"
#include "logger/source.h"

enum { LOGGER_DRAIN_MS = 2000 };

struct logger {
	struct ev_loop *loop; /* borrowed */
	struct sinks sinks;
	struct sources sources;
	struct links links;
	ev_prepare before_wait;
	ev_timer drain_over;
	bool is_draining;
};

/* `board` is borrowed, as are the descriptors. 0 or -ENOMEM. */
int logger_start(struct logger *lg, struct ev_loop *loop,
    const struct scoreboard *board, int keeper_fd, int master_fd) MUST_CHECK;

/*
 * Read what is still in the pipes, until each is at its end or LOGGER_DRAIN_MS
 * have gone; then the loop is broken off.
 */
void logger_drain(struct logger *lg);

/* All that has been read is written. */
void logger_stop(struct logger *lg);

#endif
