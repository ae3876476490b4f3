/* SPDX-License-Identifier: Apache-2.0 */
/*
 * link.c - read the orders of master and logger.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/fdpass.h>
#include <clusterd/launch.h>
#include <clusterd/log.h>

#include "daemon.h"
#include "keeper.h"

enum { ORDERS_PER_TURN = 64 };

static void
on_spawn(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	procs_spawn(k, o, fds, nfds);
}

static void
on_signal(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	(void)fds, (void)nfds;
	procs_signal(k, o);
}

static void
on_hold(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	int rc = store_hold(&k->store, o->name, fds[0]);

	if (rc == 0)
		return;
	log_error("cannot hold %s: %s", o->name,
	    rc == -ENOSPC ? "too many descriptors are held" : strerror(-rc));
	fdpass_close(fds, nfds);
}

static void
on_drop(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	(void)fds, (void)nfds;
	store_drop(&k->store, o->name); /* one that is not held is no matter */
}

static void
on_release(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	(void)fds, (void)nfds;
	procs_release(k, o);
}

static void
on_notify(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	(void)fds, (void)nfds;
	init_notify(&k->init, o->name);
}

static void
on_running(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	(void)o, (void)fds, (void)nfds;
	k->running = true;
	pidfile_publish(&k->pidfile);
}

static void
on_started(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	(void)fds, (void)nfds;
	if (k->status_fd == -1)
		return;
	daemon_tell(k->status_fd, o->value);
	k->status_fd = -1;
}

static void
on_quit(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	(void)fds, (void)nfds;
	end_begin(k, o->value);
}

static void
on_release_logs(struct keeper *k, const struct order *o, int *fds, size_t nfds)
{
	(void)fds, (void)nfds;
	procs_release_logs(k, o);
}

enum sender { BY_MASTER, BY_LOGGER };

/* clang-format off */
static const struct {
	void (*act)(struct keeper *k, const struct order *o, int *fds,
	    size_t nfds); /* takes the descriptors over */
	enum sender sender;
	size_t nfds_min, nfds_max;
} orders[] = {
	[ORDER_SPAWN]        = { on_spawn,        BY_MASTER, 4, FDPASS_MAX },
	[ORDER_SIGNAL]       = { on_signal,       BY_MASTER, 0, 0 },
	[ORDER_HOLD]         = { on_hold,         BY_MASTER, 1, 1 },
	[ORDER_DROP]         = { on_drop,         BY_MASTER, 0, 0 },
	[ORDER_RELEASE]      = { on_release,      BY_MASTER, 0, 0 },
	[ORDER_NOTIFY]       = { on_notify,       BY_MASTER, 0, 0 },
	[ORDER_RUNNING]      = { on_running,      BY_MASTER, 0, 0 },
	[ORDER_STARTED]      = { on_started,      BY_MASTER, 0, 0 },
	[ORDER_QUIT]         = { on_quit,         BY_MASTER, 0, 0 },
	[ORDER_RELEASE_LOGS] = { on_release_logs, BY_LOGGER, 0, 0 },
};
/* clang-format on */

static bool
is_allowed(const struct keeper *k, const struct child *c, const struct order *o,
    size_t nfds)
{
	enum sender sender = c == &k->master ? BY_MASTER : BY_LOGGER;

	return o->type < COUNT(orders) && orders[o->type].act != NULL &&
	       orders[o->type].sender == sender &&
	       nfds >= orders[o->type].nfds_min &&
	       nfds <= orders[o->type].nfds_max;
}

/* Our table of descriptors is full: what came with the order is lost. */
static void
on_no_room(struct keeper *k, const struct order *o)
{
	log_error("no room for the descriptors of an order (type %u): raise "
		  "the limit of open files (ulimit -Hn, LimitNOFILE=)",
	    o->type);
	if (o->type == ORDER_SPAWN)
		procs_spawn(k, o, NULL, 0);
}

/* A peer that sends nonsense is dropped; the next one starts clean. */
static void
drop_child(struct keeper *k, struct child *c, const char *why)
{
	log_error("the %s (pid %d) is killed: %s", c->name, (int)c->pid, why);
	if (c->pid != 0)
		kill(c->pid, SIGKILL);
	child_on_link_end(k, c);
}

/* One order. False when there is none, or the link has ended. */
static bool
read_one(struct keeper *k, struct child *c)
{
	struct order o = { 0 };
	int fds[FDPASS_MAX];
	size_t nfds = FDPASS_MAX;
	int rc = order_recv(c->link, &o, fds, &nfds);

	if (rc == -EAGAIN)
		return false;
	if (rc == -EMFILE && memchr(o.name, '\0', sizeof(o.name)) != NULL) {
		on_no_room(k, &o);
		return true;
	}
	if (rc == 0)
		child_on_link_end(k, c);
	else if (rc < 0)
		drop_child(k, c, strerror(-rc));
	if (rc <= 0)
		return false;
	if (!is_allowed(k, c, &o, nfds)) {
		fdpass_close(fds, nfds);
		drop_child(k, c, "it gave an order that is not its own");
		return false;
	}
	orders[o.type].act(k, &o, fds, nfds);
	return true;
}

void
link_read(struct keeper *k, struct child *c)
{
	for (int n = 0; n < ORDERS_PER_TURN && c->link != -1; n++) {
		if (!read_one(k, c))
			break;
	}
}

void
link_drain(struct keeper *k, struct child *c)
{
	/* Bounded by the socket's buffer: nobody writes any more. */
	while (c->link != -1 && read_one(k, c))
		continue;
	child_on_link_end(k, c);
}
