/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notify.h - sd_notify(3) datagrams: those of workers, received.
 */
#ifndef CLUSTERD_NOTIFY_H
#define CLUSTERD_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <clusterd/compiler.h>

struct notify_message {
	bool ready, reloading, stopping, watchdog;
	int64_t extend_timeout_us; /* -1: not said */
	int64_t main_pid;	   /* 0: not said */
	char status[128];	   /* "": not said; printable UTF-8 */
};

/* Text of `len` bytes (no NUL needed): unknown or broken lines are passed over.
 */
void notify_parse(const char *text, size_t len, struct notify_message *m);

/*
 * One datagram of the bound socket. 1, 0 (none waiting), or -errno. `*sender`
 * is the pid the kernel vouches for (SO_PASSCRED must be set), 0 if it gave
 * none. Descriptors that come with it (BARRIER=1) are closed once it is parsed,
 * which is what the sender waits for.
 */
int notify_recv(int sock, struct notify_message *m, pid_t *sender) MUST_CHECK;

/* A datagram socket bound to `path`, SO_PASSCRED set, mode 0666; or -errno. */
int notify_bind(const char *path) MUST_CHECK;

#endif
