/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_main.c - the load client's options.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "load.h"

static void
usage(void)
{
	fputs("usage: load --url URL --connections N --mode keep|close "
	      "[--think-ms M]\n"
	      "	    [--timeout-ms T] [--announce] "
	      "--duration-ms D | --until-stdin-closes\n"
	      "URL: http://ADDRESS:PORT/PATH, http://[V6]:PORT/PATH, "
	      "unix:SOCKET or unix:@ABSTRACT\n",
	    stderr);
	exit(64);
}

static void
set_url(struct load *l, const char *url)
{
	char path[256];

	if (http_parse_url(url, &l->addr, &l->addr_len, path, sizeof(path)))
		usage();
	l->request_len = (size_t)snprintf(l->request, sizeof(l->request),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n",
	    path, l->keep ? "keep-alive" : "close");
}

static int64_t
number(const char *text, int64_t max)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 0 || n > max)
		usage();
	return n;
}

static void
parse_options(struct load *l, int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{ "url",		1, NULL, 'u' },
		{ "connections",	1, NULL, 'c' },
		{ "mode",		1, NULL, 'm' },
		{ "think-ms",		1, NULL, 't' },
		{ "duration-ms",	1, NULL, 'd' },
		{ "timeout-ms",		1, NULL, 'T' },
		{ "until-stdin-closes",	0, NULL, 's' },
		{ "announce",		0, NULL, 'a' },
		{ NULL,			0, NULL, 0 },
	};
	/* clang-format on */
	const char *url = NULL, *mode = "close";
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'u')
			url = optarg;
		else if (o == 'm')
			mode = optarg;
		else if (o == 'c')
			l->n_conns = (size_t)number(optarg, CONNECTIONS_MAX);
		else if (o == 't')
			l->think_us = number(optarg, 3600000) * 1000;
		else if (o == 'd')
			l->duration_us = number(optarg, 3600000) * 1000;
		else if (o == 'T')
			l->timeout_us = number(optarg, 3600000) * 1000;
		else if (o == 's')
			l->until_stdin = true;
		else if (o == 'a')
			l->announce = true;
		else
			usage();
	}
	l->keep = strcmp(mode, "keep") == 0;
	if (url == NULL || (!l->keep && strcmp(mode, "close") != 0) ||
	    l->n_conns == 0 || (l->duration_us == 0 && !l->until_stdin))
		usage();
	set_url(l, url);
}

int
main(int argc, char **argv)
{
	struct load l = { .timeout_us = 5000 * 1000, .n_conns = 1 };

	signal(SIGPIPE, SIG_IGN);
	parse_options(&l, argc, argv);
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	l.conns = calloc(l.n_conns, sizeof(*l.conns));
	if (l.epoll == -1 || l.conns == NULL) {
		perror("load");
		return 2;
	}
	for (size_t i = 0; i < l.n_conns; i++)
		l.conns[i].fd = -1;
	l.next_wake_us = INT64_MAX;
	load_run(&l);
	tally_print(&l.tally, stdout);
	free(l.conns);
	close(l.epoll);
	return 0;
}
