/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollout.c - which slot is replaced next.
 */
#include <assert.h>

#include "master/rollout.h"

void
rollout_init(struct rollout *r, uint32_t total, uint32_t max_surge)
{
	*r = (struct rollout){
		.total = total,
		.max_surge = max_surge > 0 ? max_surge : 1,
	};
}

int
rollout_next(struct rollout *r)
{
	if (r->ended || r->next == r->total || r->active >= r->max_surge)
		return -1;
	r->active++;
	return (int)r->next++;
}

void
rollout_result(struct rollout *r, bool ok)
{
	assert(r->active > 0);
	r->active--;
	if (ok) {
		r->done++;
	} else {
		r->failed++;
		r->ended = true;
	}
}

void
rollout_end(struct rollout *r)
{
	r->ended = true;
}

bool
rollout_is_over(const struct rollout *r)
{
	return r->active == 0 && (r->ended || r->next == r->total);
}

bool
rollout_succeeded(const struct rollout *r)
{
	return r->done == r->total;
}
