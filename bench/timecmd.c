/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timecmd.c - wall time of whole commands, alternating.
 *
 *   timecmd ROUNDS COMMAND [ARG...] [-- COMMAND [ARG...]]...
 *
 * Each round runs each command once, its output thrown away. Prints a JSON list
 * of lists: the microseconds of each command, round by round. A command that
 * fails ends it all.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS_MAX = 16, ROUNDS_MAX = 1000 };

extern char **environ;

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int64_t
time_one(char **argv, const posix_spawn_file_actions_t *actions)
{
	int64_t begin_ns = now_ns();
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], actions, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "timecmd: %s failed\n", argv[0]);
		exit(1);
	}
	return now_ns() - begin_ns;
}

static size_t
split(int argc, char **argv, char ***commands)
{
	size_t count = 1;

	commands[0] = argv;
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		if (count == COMMANDS_MAX || i + 1 == argc)
			exit(64);
		commands[count++] = argv + i + 1;
	}
	return count;
}

int
main(int argc, char **argv)
{
	static int64_t took_ns[COMMANDS_MAX][ROUNDS_MAX];
	posix_spawn_file_actions_t actions;
	char **commands[COMMANDS_MAX];
	size_t count;
	int rounds;

	if (argc < 3 || (rounds = atoi(argv[1])) < 1 || rounds > ROUNDS_MAX) {
		fputs("usage: timecmd ROUNDS COMMAND.. [-- COMMAND..]...\n",
		    stderr);
		return 64;
	}
	count = split(argc - 2, argv + 2, commands);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (int r = 0; r < rounds; r++)
		for (size_t i = 0; i < count; i++)
			took_ns[i][r] = time_one(commands[i], &actions);
	for (size_t i = 0; i < count; i++) {
		printf("%s", i ? ",[" : "[[");
		for (int r = 0; r < rounds; r++)
			printf("%s%.1f", r ? "," : "",
			    (double)took_ns[i][r] / 1000);
		printf("]");
	}
	printf("]\n");
	posix_spawn_file_actions_destroy(&actions);
	return 0;
}
