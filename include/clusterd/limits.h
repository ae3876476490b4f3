/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h - the bounds that more than one process relies on.
 */
#ifndef CLUSTERD_LIMITS_H
#define CLUSTERD_LIMITS_H

enum {
	APPS_MAX = 256,
	APP_NAME_MAX = 64,	/* bytes with NUL */
	LISTENERS_MAX = 32,	/* of one app */
	LISTENER_NAME_MAX = 32, /* bytes with NUL */
	INSTANCES_MAX = 2048,	/* of one app */
	WORKERS_MAX = 4096,	/* alive at once, successors included */
	HELD_MAX = 1024,	/* named descriptors in the keeper's store */
	HELD_NAME_MAX = 256,	/* bytes with NUL */
	CONFIG_BYTES_MAX = 1024 * 1024,	     /* an ecosystem file */
	CHANNEL_LINE_MAX = 1024 * 1024,	     /* one message of a worker */
	CHANNEL_QUEUE_MAX = 4 * 1024 * 1024, /* waiting for one worker */
	RPC_LINE_MAX = 256 * 1024,	     /* one request of a client */
	RPC_QUEUE_MAX = 16 * 1024 * 1024, /* answers waiting for one client */
	RPC_CLIENTS_MAX = 64,
};

#endif
