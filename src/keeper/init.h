/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.h - what the service manager gives us: sockets, a place for
 * notifications, a watchdog (sd_listen_fds(3), sd_notify(3)).
 */
#ifndef CLUSTERD_KEEPER_INIT_H
#define CLUSTERD_KEEPER_INIT_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <clusterd/compiler.h>

struct store;

struct init {
	int notify_fd; /* owned: an unconnected datagram socket; -1: none */
	struct sockaddr_un notify;
	socklen_t notify_len;
	int64_t watchdog_us; /* 0: none */
};

/*
 * First thing in main: closes every descriptor that nobody told us about, takes
 * those of LISTEN_FDS into the store (HELD_SYSTEMD name; a name that comes
 * again gets ":2", ":3"), notes the rest, and takes the variables out of the
 * environment, which workers inherit. 0 or -errno, said on stderr.
 */
int init_take(struct init *in, struct store *store) MUST_CHECK;

/* Send `text` as it is; without a service manager there is nothing to do. */
void init_notify(const struct init *in, const char *text);

void init_close(struct init *in);

#endif
