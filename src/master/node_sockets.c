/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node_sockets.c - which socket a Node worker gets when it asks to listen.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <clusterd/log.h>

#include "master/link.h"
#include "master/listener.h"
#include "master/listeners.h"
#include "master/node_sockets.h"
#include "master/worker.h"
#include "master/worker_start.h"

static const double idle_s = 1.0;

static int
port_of(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		return ntohs(
		    ((const struct sockaddr_in *)(const void *)addr)->sin_port);
	if (addr->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)addr)
				 ->sin6_port);
	return -1;
}

static bool
same_address(const struct sockaddr_storage *addr, const char *text)
{
	char ip[INET6_ADDRSTRLEN] = "";

	if (addr->ss_family == AF_INET)
		inet_ntop(AF_INET,
		    &((const struct sockaddr_in *)(const void *)addr)->sin_addr,
		    ip, sizeof(ip));
	else if (addr->ss_family == AF_INET6)
		inet_ntop(AF_INET6,
		    &((const struct sockaddr_in6 *)(const void *)addr)
			 ->sin6_addr,
		    ip, sizeof(ip));
	return strcmp(ip, text) == 0;
}

static bool
is_udp(const struct node_message *msg)
{
	return msg->family == NODE_UDP4 || msg->family == NODE_UDP6;
}

/* Does a configured socket answer the question? 2: exactly, 1: by its port (the
 * app asks for any address, the configuration narrows it), 0: no. */
static int
fits(const struct listener *l, const struct node_message *msg)
{
	const struct sockaddr_un *sun = (const void *)&l->addr;

	if (msg->family == NODE_PATH)
		return l->addr.ss_family == AF_UNIX &&
			       strcmp(sun->sun_path, msg->address) == 0
			   ? 2
			   : 0;
	if (l->type != (is_udp(msg) ? SOCK_DGRAM : SOCK_STREAM) ||
	    msg->port == 0 || port_of(&l->addr) != msg->port)
		return 0;
	if (same_address(&l->addr, msg->address))
		return 2;
	return msg->any ? 1 : 0;
}

static struct listener *
find_configured(const struct edition *e, const struct node_message *msg)
{
	struct listener *best = NULL;
	int best_fit = 0;

	if (msg->family == NODE_FD) {
		int i = msg->fd - START_FIRST_SOCKET;

		return i >= 0 && (size_t)i < e->n_listeners ? e->listeners[i]
							    : NULL;
	}
	for (size_t i = 0; i < e->n_listeners; i++) {
		int fit = fits(e->listeners[i], msg);

		if (fit > best_fit) {
			best_fit = fit;
			best = e->listeners[i];
		}
	}
	return best;
}

static struct node_socket *
find_known(struct pool *p, const char *key, const struct listener *configured)
{
	struct node_socket *s;

	TAILQ_FOREACH (s, &p->node_sockets, link)
		if (strcmp(s->key, key) == 0 &&
		    (configured != NULL ? s->listener == configured
					: !s->configured))
			return s;
	return NULL;
}

static struct node_socket *
remember(struct pool *p, const char *key, struct listener *l, bool configured)
{
	struct node_socket *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	snprintf(s->key, sizeof(s->key), "%s", key);
	s->listener = l;
	s->configured = configured;
	TAILQ_INSERT_TAIL(&p->node_sockets, s, link);
	return s;
}

static void
drop(struct pool *p, struct node_socket *s)
{
	TAILQ_REMOVE(&p->node_sockets, s, link);
	listener_unref(p->m, s->listener);
	free(s->data);
	free(s);
}

/* What the app has asked for, as a configured listener would be written. */
static int
spec_of(const struct node_message *msg, bool v6, struct listener_spec *spec)
{
	struct sockaddr_in *in = (void *)&spec->addr;
	struct sockaddr_in6 *in6 = (void *)&spec->addr;
	struct sockaddr_un *sun = (void *)&spec->addr;
	const char *address = msg->address;

	*spec = (struct listener_spec){
		.name = "on demand",
		.text = msg->address[0] != '\0' ? msg->address : "any address",
		.kind = msg->family == NODE_PATH ? LISTENER_UNIX
			: is_udp(msg)		 ? LISTENER_UDP
						 : LISTENER_TCP,
		.ipv6only = (msg->flags & 1) != 0 ? 1 : -1,
		.nonblock = true,
		.nodelay = true,
		.mode = -1,
	};
	if (msg->family == NODE_PATH) {
		if (strlen(msg->address) >= sizeof(sun->sun_path))
			return -ENAMETOOLONG;
		sun->sun_family = AF_UNIX;
		strcpy(sun->sun_path, msg->address);
		spec->addr_len = sizeof(*sun);
		return 0;
	}
	if (v6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)msg->port);
		spec->addr_len = sizeof(*in6);
		return msg->any || inet_pton(
				       AF_INET6, address, &in6->sin6_addr) == 1
			   ? 0
			   : -EINVAL;
	}
	in->sin_family = AF_INET;
	in->sin_port = htons((uint16_t)msg->port);
	spec->addr_len = sizeof(*in);
	return msg->any || inet_pton(AF_INET, address, &in->sin_addr) == 1
		   ? 0
		   : -EINVAL;
}

/* Bound by the app already, as a socket of an edition that goes or for its
 * workers of before it was removed; NULL. */
static struct listener *
share_bound(struct worker *w, const struct node_message *msg, bool v6)
{
	struct pool *p = w->ctx->pool;
	struct listener_spec spec;
	char why[512];

	if (spec_of(msg, v6, &spec) != 0)
		return NULL;
	return listeners_share(p->m, p->name, &spec, why, sizeof(why));
}

/* Node's own rule: no address means "::" for both, or 0.0.0.0 without IPv6. */
static struct listener *
bind_on_demand(struct worker *w, const struct node_message *msg, int *error)
{
	bool v6 = msg->family == NODE_TCP6 || msg->family == NODE_UDP6;
	bool both = msg->any && msg->family == NODE_TCP4 &&
		    strcmp(msg->address, "0.0.0.0") != 0;
	struct listener_spec spec;
	struct listener *l = NULL;
	char why[512], name[96];

	*error = -EAFNOSUPPORT;
	l = share_bound(w, msg, both || v6);
	if (l != NULL)
		return l;
	if (both && spec_of(msg, true, &spec) == 0)
		*error = listener_open(&spec, &l, why, sizeof(why));
	if (*error == -EAFNOSUPPORT || *error == -EADDRNOTAVAIL) {
		*error = spec_of(msg, v6, &spec);
		if (*error == 0)
			*error = listener_open(&spec, &l, why, sizeof(why));
	}
	if (l != NULL)
		log_info("%s: bound %s, which the file does not name",
		    worker_name(w, name), l->address);
	return l;
}

/* One bound for an earlier worker of ours, kept over a master's death. */
static struct listener *
take_kept(struct worker *w, const struct node_message *msg, const char *held)
{
	struct listener_spec spec;
	char why[512];
	int fd = link_take_held(w->ctx->pool->m, held);

	if (fd == -1 ||
	    spec_of(msg, msg->family == NODE_TCP6 || msg->family == NODE_UDP6,
		&spec) != 0)
		return NULL;
	return listener_adopt(&spec, fd, why, sizeof(why));
}

static struct node_socket *
open_on_demand(struct worker *w, const struct node_message *msg, int *error)
{
	struct pool *p = w->ctx->pool;
	struct node_socket *s, *each;
	char held[HELD_NAME_MAX + 64];
	struct listener *l;
	bool kept;
	size_t count = 0;

	TAILQ_FOREACH (each, &p->node_sockets, link)
		count++;
	*error = -EMFILE;
	if (count >= NODE_SOCKETS_MAX)
		return NULL;
	*error = -EINVAL;
	if (msg->family == NODE_FD)
		return NULL;
	snprintf(held, sizeof(held), "%s%s/%s", HELD_NODE, p->name, msg->key);
	held[HELD_NAME_MAX - 1] = '\0';
	l = take_kept(w, msg, held);
	kept = l != NULL;
	if (l == NULL)
		l = bind_on_demand(w, msg, error);
	if (l == NULL)
		return NULL;
	s = remember(p, msg->key, l, false);
	if (s == NULL) {
		listener_unref(p->m, l);
		*error = -ENOMEM;
		return NULL;
	}
	if (kept) /* by workers, too, which told an earlier master */
		s->users++;
	memcpy(l->held, held, sizeof(l->held));
	listeners_add(p->m, l, p->name);
	link_hold(p->m, l->held, l->fd);
	return s;
}

static bool
holds(const struct worker *w, const struct node_socket *s)
{
	for (size_t i = 0; i < w->n_node_held; i++)
		if (w->node_held[i] == s)
			return true;
	return false;
}

int
node_sockets_query(
    struct worker *w, const struct node_message *msg, struct node_socket **out)
{
	struct listener *configured = find_configured(w->edition, msg);
	struct pool *p = w->ctx->pool;
	struct node_socket *s = find_known(p, msg->key, configured);
	int error = -ENOMEM;

	*out = s;
	if (s != NULL && holds(w, s))
		return -EADDRINUSE;
	if (w->n_node_held == NODE_KEYS_MAX)
		return -EMFILE;
	if (s == NULL && configured != NULL)
		s = remember(p, msg->key, listener_ref(configured), true);
	else if (s == NULL)
		s = open_on_demand(w, msg, &error);
	if (s == NULL)
		return error;
	if (s->data == NULL && msg->data != NULL)
		s->data = strdup(msg->data);
	w->node_held[w->n_node_held++] = s;
	s->users++;
	*out = s;
	return 0;
}

/* A worker that may ask for it is on its way. */
static bool
somebody_boots(const struct pool *p)
{
	const struct slot_ctx *ctx;

	TAILQ_FOREACH (ctx, &p->slots, link)
		if (ctx->slot.goal == SLOT_UP &&
		    (ctx->slot.current.state < WORKER_READY ||
			(ctx->slot.next.state != WORKER_NONE &&
			    ctx->slot.next.state < WORKER_READY)))
			return true;
	return false;
}

static void
on_idle(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct pool *p = t->data;
	struct node_socket *s, *next;

	(void)revents;
	if (somebody_boots(p)) {
		ev_timer_again(loop, t);
		return;
	}
	ev_timer_stop(loop, t);
	for (s = TAILQ_FIRST(&p->node_sockets); s != NULL; s = next) {
		next = TAILQ_NEXT(s, link);
		if (s->users == 0)
			drop(p, s);
	}
}

void
node_sockets_init(struct pool *p)
{
	TAILQ_INIT(&p->node_sockets);
	ev_timer_init(&p->node_idle, on_idle, 0., idle_s);
	p->node_idle.data = p;
}

/*
 * Nobody uses it any more. It stays bound while a successor is to come that
 * will ask for it again (after a crash, during a restart), so that clients wait
 * in its queue instead of being refused. One that is closed may be asked for
 * again at once (the keeper has it still, so it could not be bound), or be the
 * first sign that its worker leaves: it has a second.
 */
static void
release(struct worker *w, size_t i, bool closed)
{
	struct node_socket *s = w->node_held[i];
	const struct slot *slot = &w->ctx->slot;
	bool successor_comes =
	    !closed && slot->goal == SLOT_UP &&
	    (slot->current.uid == w->uid || slot->current.state < WORKER_READY);

	w->node_held[i] = w->node_held[--w->n_node_held];
	if (--s->users > 0)
		return;
	if (closed)
		ev_timer_again(w->ctx->pool->m->loop, &w->ctx->pool->node_idle);
	else if (!successor_comes)
		drop(w->ctx->pool, s);
}

void
node_sockets_close(struct worker *w, const char *key)
{
	for (size_t i = 0; i < w->n_node_held; i++)
		if (strcmp(w->node_held[i]->key, key) == 0) {
			release(w, i, !w->leaving);
			return;
		}
}

void
node_sockets_forget_worker(struct worker *w)
{
	while (w->n_node_held > 0)
		release(w, w->n_node_held - 1, false);
}

void
node_sockets_free(struct pool *p)
{
	char prefix[HELD_NAME_MAX], name[HELD_NAME_MAX];
	struct node_socket *s;
	int fd;

	ev_timer_stop(p->m->loop, &p->node_idle);
	while ((s = TAILQ_FIRST(&p->node_sockets)) != NULL)
		drop(p, s);
	/* Those of a master before us that no worker has asked for again. */
	snprintf(prefix, sizeof(prefix), "%s%s/", HELD_NODE, p->name);
	while ((fd = link_take_held_prefix(p->m, prefix, name, sizeof(name))) !=
	       -1) {
		link_drop(p->m, name);
		close(fd);
	}
}
