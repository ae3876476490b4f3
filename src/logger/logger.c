/* SPDX-License-Identifier: Apache-2.0 */
/*
 * logger.c - the logger as a whole: sources, sinks, and the end of both.
 */
#include "logger/logger.h"

#include <string.h>

#include <clusterd/log.h>

/* Every turn of the loop ends with one write a sink. */
static void
on_before_wait(struct ev_loop *loop, ev_prepare *p, int revents)
{
	struct logger *lg = p->data;

	(void)loop, (void)revents;
	sinks_flush(&lg->sinks);
	if (lg->sinks.has_room) {
		lg->sinks.has_room = false;
		sources_resume(&lg->sources);
	}
	if (lg->is_draining && lg->sources.n_reading == 0)
		ev_break(lg->loop, EVBREAK_ALL);
}

static void
on_drain_over(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)t, (void)revents;
	ev_break(loop, EVBREAK_ALL);
}

static void
on_source_end(void *arg, uint32_t index, uint64_t uid)
{
	struct logger *lg = arg;

	links_release(&lg->links, index, uid);
}

static void
on_gone(void *arg, const char *who)
{
	log_debug("the %s has closed its end; reading what is left", who);
	logger_drain(arg);
}

int
logger_start(struct logger *lg, struct ev_loop *loop,
    const struct scoreboard *board, int keeper_fd, int master_fd)
{
	int rc;

	memset(lg, 0, sizeof(*lg));
	lg->loop = loop;
	sinks_init(&lg->sinks, loop);
	rc = sources_init(&lg->sources, loop, board, &lg->sinks);
	if (rc < 0)
		return rc;
	lg->sources.on_end = on_source_end;
	lg->sources.arg = lg;
	lg->links = (struct links){
		.loop = loop,
		.sources = &lg->sources,
		.sinks = &lg->sinks,
		.on_gone = on_gone,
		.arg = lg,
	};
	links_start(&lg->links, keeper_fd, master_fd);
	ev_prepare_init(&lg->before_wait, on_before_wait);
	lg->before_wait.data = lg;
	ev_prepare_start(loop, &lg->before_wait);
	ev_timer_init(
	    &lg->drain_over, on_drain_over, LOGGER_DRAIN_MS / 1e3, 0.);
	return 0;
}

void
logger_drain(struct logger *lg)
{
	if (lg->is_draining)
		return;
	lg->is_draining = true;
	ev_now_update(lg->loop);
	ev_timer_start(lg->loop, &lg->drain_over);
}

void
logger_stop(struct logger *lg)
{
	links_stop(&lg->links);
	ev_prepare_stop(lg->loop, &lg->before_wait);
	ev_timer_stop(lg->loop, &lg->drain_over);
	sources_fini(&lg->sources);
	sinks_fini(&lg->sinks);
}
