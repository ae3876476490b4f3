/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_listen.c - the value of `listen`.
 */
#include "helper.h"

#include <stdio.h>
#include <string.h>

static struct loaded
parse_listen(const char *listen)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    "apps:\n  - script: a.js\n    listen: %s\n", listen);
	return parse_yaml(text);
}

Test(listen, lone_address_is_the_default)
{
	struct loaded l = parse_listen("8080");
	const struct app_config *app = good_app(&l);

	cr_assert_eq(app->n_listeners, 1);
	cr_assert_str_eq(app->listeners[0].name, "default");
	cr_assert_str_eq(app->listeners[0].text, "8080");
	cr_assert(app->listeners[0].nonblock);
	cr_assert(app->listeners[0].nodelay);
	cr_assert_eq(app->listeners[0].mode, -1);
	cr_assert_eq(app->listeners[0].ipv6only, -1);
	cr_assert_eq(app->listeners[0].backlog, 0);
	cr_assert_eq(app->listeners[0].pos.line, 3);
	cr_assert_eq(app->listeners[0].pos.column, 13);
	loaded_fini(&l);
}

Test(listen, list_is_numbered_unless_named)
{
	struct loaded l = parse_listen(
	    "[81, {address: 82, name: web}, {url: 'tcp://127.0.0.1:83'}]");
	const struct app_config *app = good_app(&l);

	cr_assert_eq(app->n_listeners, 3);
	cr_assert_str_eq(app->listeners[0].name, "0");
	cr_assert_str_eq(app->listeners[1].name, "web");
	cr_assert_str_eq(app->listeners[2].name, "2");
	loaded_fini(&l);
}

Test(listen, map_names_listeners)
{
	struct loaded l = parse_listen(
	    "{http: 'tcp://127.0.0.1:80', own: {url: 'unix:a', mode: 0660}}");
	const struct app_config *app = good_app(&l);

	cr_assert_eq(app->n_listeners, 2);
	cr_assert_str_eq(app->listeners[0].name, "http");
	cr_assert_str_eq(app->listeners[1].name, "own");
	cr_assert_eq(app->listeners[1].mode, 0660);
	loaded_fini(&l);
}

Test(listen, map_with_an_address_is_one_listener)
{
	struct loaded l = parse_listen("{address: 80, backlog: 7}");
	const struct app_config *app = good_app(&l);

	cr_assert_eq(app->n_listeners, 1);
	cr_assert_str_eq(app->listeners[0].name, "default");
	cr_assert_eq(app->listeners[0].backlog, 7);
	loaded_fini(&l);
}

Test(listen, options_of_a_query)
{
	struct loaded l = parse_listen(
	    "'tcp://[::]:80?backlog=9&defer_accept=2s&fastopen=3&reuse_port&"
	    "ipv6only=yes&nonblock=false&nodelay=off'");
	const struct listener_spec *s = &good_app(&l)->listeners[0];

	cr_assert_eq(s->backlog, 9);
	cr_assert_eq(s->defer_accept_ms, 2000);
	cr_assert_eq(s->fastopen, 3);
	cr_assert(s->reuse_port);
	cr_assert_eq(s->ipv6only, 1);
	cr_assert_not(s->nonblock);
	cr_assert_not(s->nodelay);
	loaded_fini(&l);
}

Test(listen, owner_of_a_unix_socket)
{
	struct loaded l =
	    parse_listen("unix:/run/a?mode=640&user=www&group=33");
	const struct listener_spec *s = &good_app(&l)->listeners[0];

	cr_assert_eq(s->mode, 0640);
	cr_assert_str_eq(s->user, "www");
	cr_assert_str_eq(s->group, "33");
	loaded_fini(&l);
}

Test(listen, empty_list_is_no_listener)
{
	struct loaded l = parse_listen("[]");

	cr_assert_eq(good_app(&l)->n_listeners, 0);
	cr_assert_eq(good_app(&l)->exec_mode, EXEC_FORK);
	loaded_fini(&l);
}

Test(listen, more_than_the_limit_is_refused)
{
	char list[512] = "[0";
	struct loaded l;
	int i;

	for (i = 0; i < LISTENERS_MAX; i++)
		strcat(list, ",0");
	strcat(list, "]");
	l = parse_listen(list);
	expect_error(&l, "33 listeners: at most 32");
	loaded_fini(&l);
}

Test(listen, app_replaces_the_listeners_of_defaults)
{
	struct loaded l = parse_yaml("defaults: {listen: [81, 82]}\n"
				     "apps: [{script: a.js, listen: 83}]\n");

	cr_assert_eq(good_app(&l)->n_listeners, 1);
	cr_assert_str_eq(good_app(&l)->listeners[0].text, "83");
	loaded_fini(&l);
}
