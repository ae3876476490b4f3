/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reload.c - the file read anew and put in force, one reload at a time.
 */
#include <errno.h>

#include <clusterd/clock.h>
#include <clusterd/log.h>

#include "master/apply.h"
#include "master/link.h"
#include "master/op.h"
#include "master/reload.h"
#include "master/tell_init.h"

void
log_config_errors(const struct config_errors *errors)
{
	size_t kept = errors->count < COUNT(errors->text) ? errors->count
							  : COUNT(errors->text);

	for (size_t i = 0; i < kept; i++)
		log_error("%s", errors->text[i]);
	if (errors->count > kept)
		log_error("... and %zu more", errors->count - kept);
}

int
reload_begin(struct master *m, const struct plan_scope *scope, struct op *op,
    struct config_errors *errors)
{
	struct plan *plan;
	bool invalid;

	if (m->reload != NULL || m->state != MASTER_RUNNING)
		return -EBUSY;
	plan = plan_make(m, scope, errors, &invalid);
	if (plan == NULL)
		return invalid ? -EINVAL : -EIO;
	m->reload = op;
	link_notify(m, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=Reloading",
	    (long long)clock_mono_us());
	plan_execute(m, plan, op);
	return 0;
}

void
reload_remembered(struct master *m)
{
	if (!m->reload_again)
		return;
	m->reload_again = false;
	reload_unasked(m);
}

void
reload_over(struct master *m)
{
	m->reload = NULL;
	if (m->state != MASTER_RUNNING)
		return;
	tell_init_status(m, "READY=1\n");
	reload_remembered(m);
}

static void
finished_unasked(struct op *op)
{
	struct master *m = op->m;

	if (m->reload != op)
		return; /* it was refused: all is said */
	if (op->failed > 0)
		log_error("the reload has failed: %u workers replaced, "
			  "%u failures",
		    op->done, op->failed);
	else
		log_info("reloaded: %u workers", op->done);
	reload_over(m);
}

void
reload_unasked(struct master *m)
{
	struct config_errors errors;
	struct op *op = op_new(m, "reload", finished_unasked);
	int rc;

	if (op == NULL)
		return;
	config_errors_init(&errors);
	rc = reload_begin(m, NULL, op, &errors);
	if (rc == -EBUSY) {
		m->reload_again = m->state != MASTER_STOPPING;
	} else if (rc != 0) {
		log_config_errors(&errors);
		log_error("nothing is reloaded; what runs goes on");
		tell_init_status(m, "READY=1\n");
	}
	config_errors_fini(&errors);
	op_unhold(op);
}
