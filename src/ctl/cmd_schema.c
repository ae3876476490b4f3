/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_schema.c - the JSON Schema of ecosystem files, for editors. Needs no
 * server: it is made from the table of keys.
 */
#include "ctl/ctl.h"

#include <stdio.h>

#include <clusterd/config.h>

int
cmd_schema(struct ctl *c)
{
	json_t *schema = config_schema();

	if (!schema) {
		ctl_error(c, "out of memory");
		return CTL_FAILED;
	}
	json_dumpf(schema, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(schema);
	return CTL_DONE;
}
