/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept_watch.h - readiness of a server that does not say it: is it seen to
 * wait for connections on one of its sockets?
 *
 * /proc tells without any traffic: an epoll that holds the socket, or a thread
 * that has the socket open and sleeps in accept, poll or select. Looked at
 * while the worker starts, ever less often.
 */
#ifndef MASTER_ACCEPT_WATCH_H
#define MASTER_ACCEPT_WATCH_H

#include "master/master.h"

void accept_watch_init(struct worker *w);
void accept_watch_start(struct worker *w); /* only where the app wants it */

/* One look: does a process of the tree under `pid` wait on one of `inodes`? */
bool accept_watch_look(pid_t pid, const uint64_t *inodes, size_t count);

/* Is that the kernel function (wchan) of a thread that waits for input? */
bool accept_watch_is_waiting(const char *function);

#endif
