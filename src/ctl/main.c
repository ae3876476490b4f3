/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - clusterctl: says to a running clusterd what a person wants.
 */
#include "ctl/ctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/*
 * A closed one would become the connection, and be written to. In its place
 * comes one that refuses what is written to it, so that this is noticed.
 */
static void
fill_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_NOCTTY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int
run(struct ctl *c)
{
	if (c->opt.version) {
		puts("clusterctl " CLUSTERD_VERSION);
		return CTL_DONE;
	}
	if (c->opt.help) {
		if (c->command)
			help_print_command(c->command);
		else
			help_print_all();
		return CTL_DONE;
	}
	if (!c->command) {
		ctl_error(c, "no command; see clusterctl help");
		return CTL_USAGE;
	}
	return c->command->run(c);
}

int
main(int argc, char **argv)
{
	struct ctl c;
	int rc;

	fill_standard_fds();
	ctl_init(&c);
	rc = args_parse(&c, argc, argv);
	if (rc == 0)
		rc = run(&c);
	if ((fflush(stdout) != 0 || ferror(stdout)) && rc == CTL_DONE) {
		ctl_error(&c, "cannot write to stdout");
		rc = CTL_FAILED;
	}
	ctl_fini(&c);
	return rc;
}
