/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c - `clusterd -t`: is the file right, and what would it run?
 */
#include <stdio.h>
#include <string.h>

#include <clusterd/config.h>
#include <clusterd/proc.h>

#include "master/check.h"

static void
print_errors(const struct config_errors *errors)
{
	size_t kept = errors->count < COUNT(errors->text) ? errors->count
							  : COUNT(errors->text);

	for (size_t i = 0; i < kept; i++)
		fprintf(stderr, "%s\n", errors->text[i]);
	if (errors->count > kept)
		fprintf(stderr, "... and %zu more\n", errors->count - kept);
}

static void
print_app(const struct app_config *app, int cpus)
{
	struct program program;
	char why[512];
	int n = config_instances_count(&app->instances, cpus);

	printf("  %s: %d worker%s, %s mode", app->name, n, n == 1 ? "" : "s",
	    app->exec_mode == EXEC_CLUSTER ? "cluster" : "fork");
	for (size_t i = 0; i < app->n_listeners; i++)
		printf("%s %s", i == 0 ? ", on" : ",", app->listeners[i].text);
	printf("\n   ");
	if (config_resolve_program(app, &program, why, sizeof(why)) == 0) {
		printf(" %s", program.path);
		if (program.with_interpreter) {
			for (size_t i = 0; i < app->interpreter_args.count; i++)
				printf(" %s", app->interpreter_args.items[i]);
			printf(" %s", program.script);
		}
	}
	for (size_t i = 1; i < app->command.count; i++)
		printf(" %s", app->command.items[i]);
	for (size_t i = 0; i < app->args.count; i++)
		printf(" %s", app->args.items[i]);
	printf("\n    in %s\n", app->cwd);
}

int
check_config(const char *path, const char *env_name)
{
	struct config_errors errors;
	struct config *config;
	int status = 4;

	config_errors_init(&errors);
	if (config_load(path, env_name, &config, &errors) == 0) {
		if (config_check_programs(config, &errors) == 0) {
			int cpus = proc_cpu_count();

			printf("%s: valid, %zu app%s (%d CPUs)\n", config->path,
			    config->n_apps, config->n_apps == 1 ? "" : "s",
			    cpus);
			for (size_t i = 0; i < config->n_apps; i++)
				print_app(&config->apps[i], cpus);
			status = 0;
		}
		config_free(config);
	}
	print_errors(&errors);
	config_errors_fini(&errors);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0) {
		fprintf(stderr, "clusterd: cannot write to stdout\n");
		status = 1;
	}
	return status;
}
