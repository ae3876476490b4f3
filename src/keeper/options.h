/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h - the command line of clusterd.
 */
#ifndef CLUSTERD_KEEPER_OPTIONS_H
#define CLUSTERD_KEEPER_OPTIONS_H

#include <stdbool.h>

#include <clusterd/compiler.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
	char config[4096];    /* absolute */
	char socket[4096];    /* absolute */
	char pidfile[4096];   /* absolute; "": none */
	char log_file[4096];  /* absolute; "" unless daemonize */
	const char *env_name; /* borrowed from argv; NULL: none */
	bool socket_given;    /* by --socket or $CLUSTERD_SOCKET */
	bool test, daemonize;
};

/*
 * -1: go on with `o`; else the exit status, after what was asked for (help,
 * version) or what is wrong has been printed.
 */
int options_parse(struct options *o, int argc, char **argv) MUST_CHECK;

#endif
