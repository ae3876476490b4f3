/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.h - orders to the keeper, its reports, and the logger's link.
 */
#ifndef MASTER_LINK_H
#define MASTER_LINK_H

#include "master/master.h"

void link_start(struct master *m);
void link_stop(struct master *m);

/*
 * Send an order, or queue it while the keeper is busy. The descriptors stay the
 * caller's. 0, -ENOBUFS (too many wait) or -errno.
 */
int link_send(struct master *m, const struct order *o, const int *fds,
    size_t nfds) MUST_CHECK;

/* The common ones; what goes wrong is logged. */
void link_hold(struct master *m, const char *name, int fd);
void link_drop(struct master *m, const char *name);
void link_release(struct master *m, uint32_t proc, uint64_t uid);
void link_signal(
    struct master *m, uint32_t proc, uint64_t uid, int signo, bool group);
void link_value(struct master *m, enum order_type type, int value);
void link_notify(struct master *m, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A descriptor handed over under that name, now the caller's; -1. */
int link_take_held(struct master *m, const char *name);
/* The same for the first whose name begins with `prefix`. */
int link_take_held_prefix(
    struct master *m, const char *prefix, char *name, size_t size);
void link_drop_unclaimed(struct master *m);

#endif
