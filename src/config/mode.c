/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mode.c - how workers are run and told apart: what `auto` means for an app.
 */
#include <signal.h>

#include "config/program.h"
#include "config/read.h"

static void
resolve_exec_mode(struct parse *p, struct draft *d, bool is_node)
{
	struct app_config *app = &d->app;

	if (app->exec_mode == EXEC_FORK && app->n_listeners > 0) {
		parse_error(p, draft_pos(d, "exec_mode"),
		    draft_where(p, d, "exec_mode"),
		    "fork does not go with listen: workers that share sockets "
		    "are a cluster");
		return;
	}
	if (app->exec_mode != EXEC_AUTO)
		return;
	if (app->n_listeners > 0 ||
	    (is_node && draft_given(d, "instances") != NULL))
		app->exec_mode = EXEC_CLUSTER;
	else
		app->exec_mode = EXEC_FORK;
}

static enum ready_kind
choose_ready(const struct app_config *app)
{
	if (app->wait_ready)
		return READY_MESSAGE;
	if (app->exec_mode == EXEC_FORK)
		return READY_STARTED;
	if (app->dialect == DIALECT_NODE)
		return READY_LISTENING;
	/* Without a listener there is nothing to be seen accepting on. */
	return app->n_listeners > 0 ? READY_ACCEPT : READY_STARTED;
}

static void
resolve_ready(struct parse *p, struct draft *d)
{
	struct app_config *app = &d->app;

	if (app->ready == READY_AUTO)
		app->ready = choose_ready(app);
	else if (app->wait_ready && app->ready != READY_MESSAGE)
		parse_error(p, draft_pos(d, "ready"),
		    draft_where(p, d, "ready"),
		    "wait_ready means ready: message, and both are given: "
		    "leave one out");
}

void
resolve_mode(struct parse *p, struct draft *d)
{
	struct app_config *app = &d->app;
	bool is_node = program_is_node(app);

	if (app->dialect == DIALECT_AUTO)
		app->dialect = is_node ? DIALECT_NODE : DIALECT_NATIVE;
	resolve_exec_mode(p, d, is_node);
	resolve_ready(p, d);
	if (app->kill_signal == 0)
		app->kill_signal = is_node ? SIGINT : SIGTERM;
}
