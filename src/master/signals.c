/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signals.c - what a signal to clusterd means.
 */
#include <signal.h>

#include <clusterd/log.h>

#include "master/apply.h"
#include "master/life.h"
#include "master/logs.h"
#include "master/op.h"
#include "master/pool.h"
#include "master/reload.h"
#include "master/signals.h"

static void
on_graceful(struct master *m)
{
	log_info("stopping: workers finish what they have begun");
	life_shutdown(m, false, NULL);
}

static void
on_fast(struct master *m)
{
	log_info("stopping fast");
	life_shutdown(m, true, NULL);
}

static void
scale_finished(struct op *op)
{
	if (op->failed > 0)
		log_warning("scaled, but %u workers did not start", op->failed);
}

static void
scale_by(struct master *m, int by)
{
	struct pool *p = TAILQ_FIRST(&m->pools);
	uint32_t have;
	struct op *op;

	if (p == NULL || TAILQ_NEXT(p, link) != NULL) {
		log_warning("a signal can scale only when there is one app; "
			    "say which: clusterctl scale APP %+d",
		    by);
		return;
	}
	have = pool_count(p);
	if (p->rollout != NULL || (by < 0 && have <= 1) ||
	    have >= INSTANCES_MAX || m->state != MASTER_RUNNING)
		return;
	op = op_new(m, "scale", scale_finished);
	if (op == NULL)
		return;
	log_info("%s: scaled from %u to %u workers by a signal", p->name, have,
	    have + (uint32_t)by);
	pool_scale(p, have + (uint32_t)by, p->edition, op);
	op_unhold(op);
}

static void
on_scale_up(struct master *m)
{
	scale_by(m, 1);
}

static void
on_scale_down(struct master *m)
{
	scale_by(m, -1);
}

static void
on_reopen(struct master *m)
{
	log_reopen();
	log_info("log files are opened anew");
	logs_reopen(m);
}

static const struct {
	int signo;
	void (*act)(struct master *);
} signals[] = {
	{ SIGHUP, reload_unasked },
	{ SIGTERM, on_graceful },
	{ SIGINT, on_graceful },
	{ SIGQUIT, on_fast },
	{ SIGUSR1, on_reopen },
	{ SIGTTIN, on_scale_up },
	{ SIGTTOU, on_scale_down },
};

void
signal_act(struct master *m, int signo)
{
	for (size_t i = 0; i < COUNT(signals); i++)
		if (signals[i].signo == signo)
			signals[i].act(m);
}
