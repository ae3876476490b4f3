/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h - the control socket: clients, their lines, their answers. What the
 * methods do is in methods.c.
 */
#ifndef MASTER_CONTROL_H
#define MASTER_CONTROL_H

#include <clusterd/rpc.h>

#include "master/master.h"

int control_start(struct master *m) MUST_CHECK;
void control_stop(struct master *m);
/* Every answer has left (or its client has gone). */
bool control_is_flushed(const struct master *m);

/*
 * A client may go away while something it asked for goes on: answers are
 * addressed to a ticket, and one whose client has gone is dropped.
 */
struct ticket {
	uint64_t client;
	json_t *id; /* owned; NULL: no answer is wanted */
};
void ticket_fini(struct ticket *t);

/* `result` and `data` are stolen. */
void control_answer(struct master *m, struct ticket *t, json_t *result);
void control_refuse(struct master *m, struct ticket *t, int code,
    const char *message, json_t *data);
void control_event(struct master *m, const struct ticket *t, const char *method,
    json_t *params);

#endif
