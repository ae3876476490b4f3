/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_help.c - how to use clusterctl, made from the tables.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

static void
print_options(const char *command)
{
	const struct option_row *rows;
	char text[64];
	size_t i, n;

	rows = option_table(&n);
	for (i = 0; i < n; i++) {
		const struct option_row *o = &rows[i];
		bool is_its =
		    command && o->command && strcmp(o->command, command) == 0;

		if (command ? !is_its : o->command != NULL)
			continue;
		snprintf(text, sizeof(text), "%c%c%s --%s%s%s",
		    o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
		    o->letter ? "," : " ", o->name, o->arg ? " " : "",
		    o->arg ? o->arg : "");
		printf("  %-22s %s\n", text, o->help);
	}
}

void
help_print_command(const struct command *cmd)
{
	size_t i;

	printf("usage: clusterctl [options] %s%s%s\n\n%s\n", cmd->name,
	    *cmd->usage ? " " : "", cmd->usage, cmd->help);
	if (cmd->aliases[0])
		printf("\nalso: ");
	for (i = 0; i < COUNT(cmd->aliases) && cmd->aliases[i]; i++)
		printf("%s%s", i > 0 ? ", " : "", cmd->aliases[i]);
	if (cmd->aliases[0])
		putchar('\n');
	puts("\noptions:");
	print_options(cmd->name);
	print_options(NULL);
	if (strstr(cmd->usage, "selector"))
		puts("\nA selector is the name of an app, the id of a worker, "
		     "a namespace, /regex/ or all.");
}

void
help_print_all(void)
{
	const struct command *cmds;
	char text[64];
	size_t i, n;

	puts("usage: clusterctl [options] command [argument ...]\n\n"
	     "commands:");
	cmds = command_table(&n);
	for (i = 0; i < n; i++) {
		snprintf(
		    text, sizeof(text), "%s %s", cmds[i].name, cmds[i].usage);
		printf("  %-32s %s\n", text, cmds[i].help);
	}
	puts("\noptions:");
	print_options(NULL);
	puts("\nexit status: 0 done, 1 failed, 2 usage, 3 no clusterd there, "
	     "4 invalid configuration");
}

int
cmd_help(struct ctl *c)
{
	const struct command *cmd;
	const char *near;

	if (c->n_args == 0) {
		help_print_all();
		return CTL_DONE;
	}
	cmd = command_find(c->args[0]);
	if (cmd) {
		help_print_command(cmd);
		return CTL_DONE;
	}
	near = command_suggest(c->args[0]);
	ctl_error(c, "no command \"%s\"%s%s%s", c->args[0],
	    near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
	return CTL_USAGE;
}
