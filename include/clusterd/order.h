/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.h - what the master (and the logger) and the keeper say to each other.
 *
 * SOCK_SEQPACKET, one struct order a message, descriptors beside it. The keeper
 * obeys and reports; it decides nothing about an app. Native byte order: both
 * ends are one installation (the layout number of the scoreboard guards an
 * upgrade).
 *
 * Descriptors that a child of the keeper finds at its start:
 */
#ifndef CLUSTERD_ORDER_H
#define CLUSTERD_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include <clusterd/compiler.h>
#include <clusterd/limits.h>

enum {
	FD_LINK = 3,	/* to the keeper: orders out, reports in */
	FD_BOARD = 4,	/* the scoreboard's memfd */
	FD_LOGLINK = 5, /* master <-> logger (loglink.h): each its own end */
	FD_CONTROL = 6, /* master only: the control socket, listening */
	FD_NOTIFY = 7,	/* master only: the workers' NOTIFY_SOCKET, bound */
};

enum order_type {
	/* master -> keeper */
	ORDER_SPAWN = 1, /* index, uid. fds: the launch image; then the worker's
			    channel (our end), stdout and stderr (read ends),
			    held under index until released; then the child's
			    own, in the order of the image's fd_target */
	ORDER_SIGNAL,	 /* index, uid, value: signal; flags: ORDER_GROUP */
	ORDER_HOLD, /* name + fd: keep it; a held one of that name is closed */
	ORDER_DROP, /* name: close it */
	ORDER_RELEASE, /* index, uid: the master is done with this worker: close
			  its channel. Logs stay until RELEASE_LOGS */
	ORDER_NOTIFY,  /* name: text for init's NOTIFY_SOCKET, sent verbatim */
	ORDER_RUNNING, /* the configuration stands: from now on a master that
			  dies is started again */
	ORDER_STARTED, /* value: 0 or the exit status that --daemonize returns;
			  all apps have come up, or failed */
	ORDER_QUIT,    /* value: exit status. No worker is left: end */
	/* logger -> keeper */
	ORDER_RELEASE_LOGS, /* index, uid: both pipes are read to their end */

	/* keeper -> master and logger, at their start */
	REPORT_HELD,	    /* name + fd (master) */
	REPORT_PROC,	    /* index, uid. fds: channel (to the master, if still
			       held), or stdout and stderr (to the logger) */
	REPORT_HANDED_OVER, /* all that is held has been sent */
	/* keeper -> master */
	REPORT_SPAWNED, /* index, uid, value: pid; value < 0: -errno of fork,
			   and the entry is free again */
	REPORT_EXITED,	/* index, uid: see board_proc */
	REPORT_LOGGER,	/* value: pid; a logger has been started: tell it all */
	REPORT_SIGNAL,	/* value: a signal that init or a person sent to us */
};

enum { ORDER_GROUP = 1 }; /* to the whole process group, not the main process */

struct order {
	uint32_t type;	/* enum order_type */
	uint32_t index; /* scoreboard proc entry */
	uint64_t uid;
	int32_t value;
	uint32_t flags;
	char name[HELD_NAME_MAX]; /* NUL-terminated; ORDER_NOTIFY: text */
};

/* Names in the keeper's store. */
#define HELD_CONFIG	"config"    /* text of the applied file */
#define HELD_APP_CONFIG "config/"   /* + app: reloaded alone since then */
#define HELD_SYSTEMD	"systemd:"  /* + name: a socket given by init */
#define HELD_LISTENER	"listener:" /* + app/name */
#define HELD_NODE	"node:"	    /* + app/key: bound on a worker's request */

/* One message; 0 or -errno (-EAGAIN: the peer does not keep up). */
int order_send(
    int link, const struct order *o, const int *fds, size_t nfds) MUST_CHECK;

/*
 * One message. 1, 0 at the end (the peer is gone), or -errno; a message of the
 * wrong size, or without a terminated name, is -EPROTO and its fds are closed;
 * so they are with -EMFILE (no room for them), when the rest of `o` is there.
 * `*nfds`: room on entry (FDPASS_MAX), count on return; the fds are the
 * caller's.
 */
int order_recv(int link, struct order *o, int *fds, size_t *nfds) MUST_CHECK;

#endif
