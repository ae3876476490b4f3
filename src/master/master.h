/* SPDX-License-Identifier: Apache-2.0 */
/*
 * master.h - the state of the master, handed down from main.
 *
 *   master -> pools (one an app) -> slots -> workers
 *
 * An edition is an app as one generation of the configuration has it, with its
 * sockets bound. A slot starts its workers from its edition; a rollout gives it
 * a new one once a worker of the new one is ready. What no slot names any more
 * is closed.
 */
#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include <clusterd/config.h>
#include <clusterd/fdpass.h>
#include <clusterd/limits.h>
#include <clusterd/order.h>
#include <clusterd/scoreboard.h>

#include "master/rollout.h"
#include "master/slot.h"

struct channel;
struct control;
struct master;
struct op;

/* One applied configuration. Counted: freed with its last edition. */
struct generation {
	unsigned refs;
	uint64_t number;
	bool whole; /* every app is to have it: what is bound may move */
	struct config *config; /* owned */
};

/* A bound socket. Counted by editions. */
struct listener {
	TAILQ_ENTRY(listener) link;
	unsigned refs;
	bool is_listed;		  /* in master.listeners */
	char app[APP_NAME_MAX];	  /* for whom it was bound, when listed */
	int fd;			  /* owned */
	char held[HELD_NAME_MAX]; /* its name in the keeper's store */
	char name[LISTENER_NAME_MAX];
	char text[192];		      /* as written in the file */
	char address[160];	      /* as bound */
	char unlink_path[108];	      /* unix: remove at the end; "" */
	uint64_t inode;		      /* of the socket, as /proc shows it */
	struct sockaddr_storage addr; /* as bound */
	socklen_t addr_len;
	int type; /* SOCK_STREAM or SOCK_DGRAM */
};

struct edition {
	unsigned refs;
	struct generation *gen;	      /* counted */
	const struct app_config *app; /* borrowed from gen */
	struct listener **listeners;  /* counted; in the order of the app */
	size_t n_listeners;
};

/* A socket bound because a Node worker asked for it. */
struct node_socket {
	TAILQ_ENTRY(node_socket) link;
	char key[224];
	struct listener *listener; /* counted */
	bool configured;	   /* one of the edition's: never dropped */
	unsigned users;		   /* workers that hold it */
	char *data;		   /* owned: JSON to echo; NULL */
};
TAILQ_HEAD(node_sockets, node_socket);

enum { NODE_KEYS_MAX = 64 }; /* sockets one Node worker may hold */

struct worker {
	struct slot_ctx *ctx;	 /* borrowed */
	struct edition *edition; /* counted: what it was started from */
	uint64_t uid;
	uint32_t proc;		 /* scoreboard entry */
	pid_t pid;		 /* 0 until forked */
	struct channel *channel; /* owned; NULL: none */
	bool speaks;	    /* has used its channel in a dialect that drains */
	bool leaving;	    /* told to drain, or draining by itself */
	bool said_nonsense; /* on its channel; said in the log once */
	uint64_t node_seq;
	/* Borrowed from the pool. */
	struct node_socket *node_held[NODE_KEYS_MAX];
	size_t n_node_held;
	int log_fds[2]; /* read ends the logger has not got yet; -1 */
	bool log_untold;
	const char *ready_by;  /* constant; NULL until ready */
	int64_t boot_ms;       /* from the spawn order to ready; -1 */
	char status[128];      /* its own STATUS=, printable */
	ev_timer accept_timer; /* READY_ACCEPT: looks whether it waits */
	int64_t sample_us, sample_cpu_us; /* the last look at its CPU time */
	double cpu_percent;
};

struct slot_ctx {
	TAILQ_ENTRY(slot_ctx) link;
	TAILQ_ENTRY(slot_ctx) settled_link;
	struct pool *pool;	      /* borrowed */
	struct slot slot;	      /* the working copy of its record */
	uint32_t record;	      /* index in the scoreboard */
	struct edition *edition;      /* counted */
	struct edition *next_edition; /* counted; while it is replaced */
	struct op *op;		      /* borrowed: who waits for this slot */
	ev_timer timer;
	struct slot_event deferred[SLOT_LEAVING_MAX + 4];
	size_t n_deferred;
	bool busy;	 /* within slot_event() */
	bool is_settled; /* in master.settled */
	bool settled_ok;
	bool in_rollout;   /* begun by the pool's rollout */
	char failure[256]; /* why its last start failed; "" */
};
TAILQ_HEAD(slot_ctxs, slot_ctx);

struct pool_rollout {
	struct rollout plan;
	struct slot_ctx **items; /* owned array of borrowed slots */
	struct edition *edition; /* counted: where to */
	struct op *op;		 /* holds one wait of it */
};

struct pool {
	TAILQ_ENTRY(pool) link;
	struct master *m;
	char name[APP_NAME_MAX];
	struct edition *edition; /* counted: what new slots start from */
	struct slot_ctxs slots;	 /* owned, by number */
	uint32_t n_slots;
	struct node_sockets node_sockets; /* owned */
	ev_timer node_idle;	      /* after which a closed one is unbound */
	struct pool_rollout *rollout; /* owned; NULL: none under way */
	bool removing;		      /* freed when its last slot is */
	bool stopped;	 /* by an operator: reload does not start it */
	bool own_config; /* reloaded alone: HELD_APP_CONFIG has its text */
};
TAILQ_HEAD(pools, pool);

/* A session of which nothing must be left. */
struct swept {
	pid_t session;
	uint64_t uid; /* of its worker */
	unsigned rounds, found;
};

enum master_state { MASTER_STARTING, MASTER_RUNNING, MASTER_STOPPING };

struct master_options {
	const char *config_path;
	const char *env_name; /* or NULL */
	const char *socket_path;
	int64_t watchdog_us; /* 0: init has not asked for a watchdog */
	bool restarted;
	bool test;
};

/* An order that the keeper had no room for. */
struct waiting_order {
	STAILQ_ENTRY(waiting_order) link;
	struct order order;
	int fds[FDPASS_MAX]; /* owned */
	size_t nfds;
};

/* A worker that has gone and whose last lines are yet to be read. */
struct departed {
	TAILQ_ENTRY(departed) link;
	struct generation *gen;	      /* counted */
	const struct app_config *app; /* borrowed from gen */
	uint64_t uid;
	pid_t pid;
	uint32_t proc, instance, pm_id;
	bool untold;
};
TAILQ_HEAD(departed_list, departed);

/* A descriptor that the keeper has handed over. */
struct held_fd {
	TAILQ_ENTRY(held_fd) link;
	char name[HELD_NAME_MAX];
	int fd; /* owned; -1 once taken */
};

struct master {
	struct master_options options;
	struct ev_loop *loop;
	struct scoreboard *board;
	enum master_state state;
	int exit_status;

	ev_io link_in, link_out;
	STAILQ_HEAD(, waiting_order) waiting;
	size_t n_waiting;
	TAILQ_HEAD(, held_fd) held;
	ev_io notify_in;
	ev_io loglink_out;
	struct departed_list departed; /* owned */
	struct control *control;       /* owned */
	pid_t keeper_pid, logger_pid;

	struct generation *generation; /* counted: the newest applied */
	struct pools pools;
	TAILQ_HEAD(, listener) listeners;    /* borrowed: all that are bound */
	uint64_t pm_ids[WORKERS_MAX / 64];   /* bit set: in use */
	struct worker *workers[WORKERS_MAX]; /* owned; by scoreboard entry */
	int proc_channels[WORKERS_MAX]; /* handed over, to be adopted; -1 */
	TAILQ_HEAD(, slot_ctx) settled;
	unsigned depth; /* of slot_event() calls: settle at 0 */

	TAILQ_HEAD(, op) ops;
	struct op *reload;   /* borrowed: the reload under way */
	bool begun;	     /* life_begin() has run */
	bool reload_again;   /* a HUP came during it */
	struct op *shutdown; /* borrowed */

	ev_timer watchdog;
	ev_timer sweep;
	struct swept swept[WORKERS_MAX];
	size_t n_swept;
	ev_timer extend; /* EXTEND_TIMEOUT_USEC while starting */
	int null_fd;
	int cpus;
	int64_t start_ms;
};

#endif
