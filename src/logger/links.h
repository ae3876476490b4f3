/* SPDX-License-Identifier: Apache-2.0 */
/*
 * links.h - the logger's two sockets: to the master and to the keeper.
 */
#ifndef LOGGER_LINKS_H
#define LOGGER_LINKS_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>

#include "logger/sinks.h"
#include "logger/source.h"

struct release; /* links.c: one worker to be released */

struct links {
	struct ev_loop *loop;	 /* borrowed */
	struct sources *sources; /* borrowed */
	struct sinks *sinks;	 /* borrowed */
	/* One of the peers is gone; called once. */
	void (*on_gone)(void *arg, const char *who);
	void *arg; /* borrowed */
	bool is_gone;
	ev_io keeper, keeper_room, master;
	struct release *releases; /* owned: those that wait for room */
	size_t n_releases, cap_releases;
};

/* The descriptors stay the caller's; they are made non-blocking. */
void links_start(struct links *l, int keeper_fd, int master_fd);
void links_stop(struct links *l);

/* Tell the keeper that both pipes of a worker are read to their end. */
void links_release(struct links *l, uint32_t index, uint64_t uid);

#endif
