/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_node_sockets.c - which socket a Node worker gets, and for how long it
 * stays bound.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_link.h"
#include "master/listener.h"
#include "master/node_sockets.h"
#include "master_rig.h"

static struct master *m;
static struct pool *p;
static int port;
static struct worker *a, *b;

static void
set_up(void)
{
	char yaml[256];

	port = rig_free_port();
	snprintf(yaml, sizeof(yaml),
	    "apps: [{name: api, script: x.js, instances: 2, "
	    "listen: \"tcp://127.0.0.1:%d\"}]",
	    port);
	m = master_rig_new(yaml);
	p = master_rig_pool(m, "api", 2);
	a = master_rig_worker(master_rig_slot(p, 0), 11, WORKER_STARTING);
	b = master_rig_worker(master_rig_slot(p, 1), 12, WORKER_STARTING);
	(void)fake_link_told();
}

static void
tear_down(void)
{
	master_rig_free(m);
}

TestSuite(node_sockets, .init = set_up, .fini = tear_down);

static struct node_message
ask(enum node_address family, const char *address, int number)
{
	struct node_message msg = {
		.kind = NODE_QUERY_SERVER,
		.family = family,
		.port = number,
		.fd = -1,
	};

	msg.any = address == NULL || strcmp(address, "0.0.0.0") == 0 ||
		  strcmp(address, "::") == 0;
	if (address != NULL)
		snprintf(msg.address, sizeof(msg.address), "%s", address);
	node_key(&msg, msg.key, sizeof(msg.key));
	return msg;
}

static struct node_socket *
must_get(struct worker *w, const struct node_message *msg)
{
	struct node_socket *s = NULL;

	cr_assert_eq(node_sockets_query(w, msg, &s), 0, "%s", msg->key);
	cr_assert_not_null(s);
	return s;
}

static int
refused(struct worker *w, const struct node_message *msg)
{
	struct node_socket *s;

	return node_sockets_query(w, msg, &s);
}

static size_t
count(void)
{
	struct node_socket *s;
	size_t n = 0;

	TAILQ_FOREACH (s, &p->node_sockets, link)
		n++;
	return n;
}

/* What is closed is unbound a little later, if no worker boots then. */
static void
let_idle_pass(void)
{
	a->ctx->slot.current.state = b->ctx->slot.current.state = WORKER_READY;
	while (ev_is_active(&p->node_idle))
		ev_run(p->m->loop, EVRUN_ONCE);
}

Test(node_sockets, the_configured_one_when_address_and_port_fit)
{
	struct node_message msg = ask(NODE_TCP4, "127.0.0.1", port);
	struct node_socket *s = must_get(a, &msg);

	cr_assert(s->configured);
	cr_assert_eq(s->listener, p->edition->listeners[0]);
	cr_assert_eq(must_get(b, &msg), s, "shared");
	cr_assert_str_eq(fake_link_told(), "", "nothing new is held");
}

Test(node_sockets, the_configured_one_when_the_app_asks_for_any_address)
{
	struct node_message none = ask(NODE_TCP4, NULL, port);
	struct node_message any4 = ask(NODE_TCP4, "0.0.0.0", port);
	struct node_message any6 = ask(NODE_TCP6, "::", port);

	cr_assert_eq(must_get(a, &none)->listener, p->edition->listeners[0]);
	cr_assert_eq(must_get(a, &any4)->listener, p->edition->listeners[0]);
	cr_assert_eq(must_get(a, &any6)->listener, p->edition->listeners[0]);
}

Test(node_sockets, another_address_is_bound_on_demand)
{
	struct node_message msg = ask(NODE_TCP4, "127.0.0.2", port);
	struct node_socket *s = must_get(a, &msg);
	char expect[HELD_NAME_MAX + 64];

	cr_assert_not(s->configured);
	snprintf(expect, sizeof(expect), "127.0.0.2:%d", port);
	cr_assert_str_eq(s->listener->address, expect);
	snprintf(expect, sizeof(expect), "hold node:api/%s\n", msg.key);
	cr_assert_str_eq(fake_link_told(), expect);
}

Test(node_sockets, one_on_demand_is_shared_by_the_app)
{
	struct node_message msg = ask(NODE_TCP4, "127.0.0.1", 0);
	struct node_socket *s = must_get(a, &msg);

	cr_assert_eq(must_get(b, &msg), s);
	cr_assert_eq(s->users, 2);
	cr_assert_eq(count(), 1);
}

Test(node_sockets, a_worker_that_asks_twice_is_told_that_it_has_it)
{
	struct node_message configured = ask(NODE_TCP4, "127.0.0.1", port);
	struct node_message other = ask(NODE_TCP4, "127.0.0.1", 0);

	must_get(a, &configured);
	must_get(a, &other);
	cr_assert_eq(refused(a, &configured), -EADDRINUSE);
	cr_assert_eq(refused(a, &other), -EADDRINUSE);
}

Test(node_sockets, a_number_is_one_of_the_configured)
{
	struct node_message msg = ask(NODE_FD, NULL, 0);

	msg.fd = 3;
	cr_assert_eq(must_get(a, &msg)->listener, p->edition->listeners[0]);
	msg.fd = 4;
	snprintf(msg.key, sizeof(msg.key), "fd4");
	cr_assert_eq(refused(a, &msg), -EINVAL);
	msg.fd = 0;
	snprintf(msg.key, sizeof(msg.key), "fd0");
	cr_assert_eq(refused(a, &msg), -EINVAL);
}

Test(node_sockets, what_somebody_else_has_is_in_use)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct node_message msg;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = inet_addr("127.0.0.3");
	cr_assert_eq(bind(fd, (struct sockaddr *)&in, len), 0);
	cr_assert_eq(listen(fd, 1), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	msg = ask(NODE_TCP4, "127.0.0.3", ntohs(in.sin_port));
	cr_assert_eq(refused(a, &msg), -EADDRINUSE);
	cr_assert_eq(count(), 0);
	cr_assert_eq(a->n_node_held, 0);
}

Test(node_sockets, udp_is_not_tcp)
{
	struct node_message msg = ask(NODE_UDP4, "127.0.0.1", port);
	struct node_socket *s = must_get(a, &msg);

	cr_assert_not(s->configured);
	cr_assert_eq(s->listener->type, SOCK_DGRAM);
}

Test(node_sockets, a_path_is_bound_and_removed)
{
	struct node_message msg;
	char path[100];

	snprintf(path, sizeof(path), "/tmp/clusterd-test-node-%d", getpid());
	msg = ask(NODE_PATH, path, -1);
	must_get(a, &msg);
	cr_assert_eq(access(path, F_OK), 0);
	node_sockets_close(a, msg.key);
	let_idle_pass();
	cr_assert_eq(access(path, F_OK), -1);
}

Test(node_sockets, bad_addresses_are_refused)
{
	struct node_message msg = ask(NODE_TCP4, "not.an.ip", port);
	char longest[128];

	cr_assert_eq(refused(a, &msg), -EINVAL);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	msg = ask(NODE_PATH, longest, -1);
	cr_assert_eq(refused(a, &msg), -ENAMETOOLONG);
}

Test(node_sockets, one_worker_holds_so_many_and_no_more)
{
	struct node_message msg = ask(NODE_TCP4, "127.0.0.1", 0);

	for (msg.index = 0; msg.index < NODE_KEYS_MAX; msg.index++) {
		node_key(&msg, msg.key, sizeof(msg.key));
		must_get(a, &msg);
	}
	node_key(&msg, msg.key, sizeof(msg.key));
	cr_assert_eq(refused(a, &msg), -EMFILE);
	cr_assert_eq(count(), NODE_KEYS_MAX);
}

Test(node_sockets, what_an_earlier_master_had_bound_is_taken_over)
{
	struct node_message msg = ask(NODE_TCP4, "127.0.0.1", 0);
	struct listener_spec spec = p->edition->app->listeners[0];
	struct listener *kept;
	char held[HELD_NAME_MAX + 16], why[128];

	((struct sockaddr_in *)(void *)&spec.addr)->sin_port = 0;
	cr_assert_eq(listener_open(&spec, &kept, why, sizeof(why)), 0);
	snprintf(held, sizeof(held), "node:api/%s", msg.key);
	fake_link_put(m, held, dup(kept->fd));
	cr_assert_str_eq(must_get(a, &msg)->listener->address, kept->address);
	listener_unref(m, kept);
}

Test(node_sockets, the_data_of_the_first_is_echoed_to_all)
{
	struct node_message first = ask(NODE_TCP4, "127.0.0.1", 0);
	struct node_message second = first;
	char one[] = "{\"x\":1}", two[] = "{\"x\":2}";

	first.data = one;
	second.data = two;
	must_get(a, &first);
	cr_assert_str_eq(must_get(b, &second)->data, "{\"x\":1}");
}

/* --- how long one on demand stays ---------------------------------------- */

static struct node_message
on_demand(void)
{
	return ask(NODE_TCP4, "127.0.0.1", 0);
}

Test(node_sockets, it_goes_when_its_last_user_closes_it)
{
	struct node_message msg = on_demand();

	must_get(a, &msg);
	must_get(b, &msg);
	node_sockets_close(a, msg.key);
	cr_assert_eq(count(), 1);
	node_sockets_close(b, "another key");
	cr_assert_eq(count(), 1);
	(void)fake_link_told();
	node_sockets_close(b, msg.key);
	cr_assert_eq(count(), 1);
	let_idle_pass();
	cr_assert_eq(count(), 0);
	cr_assert_eq(strncmp(fake_link_told(), "drop node:api/", 14), 0);
}

Test(node_sockets, one_closed_and_asked_for_again_is_the_same)
{
	struct node_message msg = on_demand();
	struct node_socket *s = must_get(a, &msg);

	node_sockets_close(a, msg.key);
	cr_assert_eq(must_get(b, &msg), s);
	let_idle_pass();
	cr_assert_eq(count(), 1);
}

Test(node_sockets, it_stays_over_a_crash)
{
	struct node_message msg = on_demand();
	struct node_socket *s = must_get(a, &msg);
	char address[160];

	strcpy(address, s->listener->address);
	node_sockets_forget_worker(a);
	cr_assert_eq(count(), 1);
	a->uid = a->ctx->slot.current.uid = 21; /* its successor */
	cr_assert_str_eq(must_get(a, &msg)->listener->address, address);
}

Test(node_sockets, it_stays_while_a_successor_boots)
{
	struct node_message msg = on_demand();

	must_get(a, &msg);
	a->leaving = true; /* by itself: the slot has another one booting */
	a->ctx->slot.current.uid = 21;
	node_sockets_close(a, msg.key);
	cr_assert_eq(count(), 1);
}

Test(node_sockets, it_goes_when_the_successor_serves_without_it)
{
	struct node_message msg = on_demand();

	must_get(a, &msg);
	a->leaving = true;
	a->ctx->slot.current.uid = 21;
	a->ctx->slot.current.state = WORKER_READY;
	node_sockets_forget_worker(a);
	cr_assert_eq(count(), 0);
}

Test(node_sockets, it_goes_with_a_stop)
{
	struct node_message msg = on_demand();

	must_get(a, &msg);
	a->ctx->slot.goal = SLOT_DOWN;
	node_sockets_forget_worker(a);
	cr_assert_eq(count(), 0);
}

Test(node_sockets, a_configured_one_is_never_unbound)
{
	struct node_message msg = ask(NODE_TCP4, "127.0.0.1", port);

	must_get(a, &msg);
	node_sockets_close(a, msg.key);
	let_idle_pass();
	cr_assert_str_eq(fake_link_told(), "");
	cr_assert_eq(p->edition->listeners[0]->refs, 1);
	must_get(b, &msg);
}

Test(node_sockets, all_go_with_the_pool)
{
	struct node_message msg = on_demand();

	must_get(a, &msg);
	node_sockets_forget_worker(a);
	cr_assert_eq(count(), 1, "kept for a successor");
	fake_link_put(m, "node:api/forgotten", dup(0));
	node_sockets_free(p);
	cr_assert_eq(count(), 0);
	cr_assert_not_null(
	    strstr(fake_link_told(), "drop node:api/forgotten\n"));
}
