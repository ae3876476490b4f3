/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c - the command line of clusterd.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <clusterd/files.h>
#include <clusterd/paths.h>
#include <clusterd/suggest.h>

enum { OPT_ENV = 256, OPT_SOCKET, OPT_DAEMONIZE, OPT_PIDFILE, OPT_LOG_FILE };

/* clang-format off */
static const struct option long_options[] = {
	{ "config",    required_argument, NULL, 'c' },
	{ "env",       required_argument, NULL, OPT_ENV },
	{ "socket",    required_argument, NULL, OPT_SOCKET },
	{ "test",      no_argument,       NULL, 't' },
	{ "daemonize", no_argument,       NULL, OPT_DAEMONIZE },
	{ "pidfile",   required_argument, NULL, OPT_PIDFILE },
	{ "log-file",  required_argument, NULL, OPT_LOG_FILE },
	{ "version",   no_argument,       NULL, 'v' },
	{ "help",      no_argument,       NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char *const default_files[] = {
	"ecosystem.yaml", "ecosystem.yml", "ecosystem.json",
	"ecosystem.config.json",
};

static const char help[] =
"Usage: clusterd [-c FILE] [options]\n"
"Run the applications of an ecosystem file as prefork clusters.\n"
"\n"
"  -c, --config FILE    the ecosystem file, YAML or JSON; without it\n"
"                       ecosystem.yaml, ecosystem.yml, ecosystem.json or\n"
"                       ecosystem.config.json of the current folder\n"
"      --env NAME       use env_NAME of each app on top of its env\n"
"      --socket PATH    the control socket (default: $CLUSTERD_SOCKET, else\n"
"                       /run/clusterd/clusterd.sock for root, else\n"
"                       $XDG_RUNTIME_DIR/clusterd.sock)\n"
"  -t, --test           check the file, say what it would run, and exit\n"
"      --daemonize      go to the background once all apps have come up\n"
"      --pidfile PATH   write the process id there\n"
"      --log-file PATH  with --daemonize: clusterd's own messages\n"
"  -v, --version        print the version\n"
"  -h, --help           print this help\n"
"\n"
"Signals: HUP reload, TERM and INT graceful stop, QUIT fast stop, USR1 reopen\n"
"logs, TTIN one worker more, TTOU one less.\n"
"Exit status: 0 done, 1 failed, 2 wrong usage, 4 invalid configuration.\n"
"\n"
"Example: two workers of an unmodified Node server on port 8080.\n"
"\n"
"  $ cat ecosystem.yaml\n"
"  apps:\n"
"    - name: web\n"
"      script: server.js\n"
"      instances: 2\n"
"      listen: tcp://127.0.0.1:8080\n"
"  $ clusterd -c ecosystem.yaml &\n"
"  $ clusterctl scale web 4\n"
"\n"
"See clusterd(8), ecosystem.yaml(5) and clusterctl(1).\n";
/* clang-format on */

static int complain(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* One line on stderr; returns EXIT_USAGE. */
static int
complain(const char *fmt, ...)
{
	va_list ap;

	fputs("clusterd: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("; see clusterd --help\n", stderr);
	return EXIT_USAGE;
}

/* What is wrong with the option at `arg`: unknown, ambiguous, or used wrongly.
 */
static int
complain_option(const char *arg, int optopt_value, bool missing)
{
	const char *names[COUNT(long_options) - 1], *near;
	char word[64];

	if (missing)
		return complain("option %s needs a value", arg);
	if (arg[0] != '-' || arg[1] != '-')
		return complain("unknown option -%c", optopt_value);
	if (optopt_value != 0)
		return complain("option %s takes no value", arg);
	for (size_t i = 0; i < COUNT(names); i++)
		names[i] = long_options[i].name;
	snprintf(
	    word, sizeof(word), "%.*s", (int)strcspn(arg + 2, "="), arg + 2);
	near = suggest_closest(word, names, COUNT(names));
	if (near == NULL)
		return complain("unknown option %s", arg);
	return complain("unknown option %s, did you mean --%s?", arg, near);
}

/* `path` seen from the current folder. -1, or an exit status. */
static int
make_absolute(const char *what, const char *path, char *out, size_t size)
{
	char cwd[4096] = "/";

	if (path[0] == '\0')
		return complain("%s must not be empty", what);
	if (path[0] != '/' && getcwd(cwd, sizeof(cwd)) == NULL)
		return complain("cannot tell the current folder (%s), so %s "
				"must be an absolute path",
		    strerror(errno), what);
	if (path_join(cwd, path, out, size) < 0)
		return complain("%s is too long", what);
	return -1;
}

static int
find_config(struct options *o, const char *given)
{
	char cwd[3072] = ".";

	if (given != NULL)
		return make_absolute("the configuration file", given, o->config,
		    sizeof(o->config));
	for (size_t i = 0; i < COUNT(default_files); i++) {
		if (access(default_files[i], F_OK) == 0)
			return make_absolute("the configuration file",
			    default_files[i], o->config, sizeof(o->config));
	}
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		strcpy(cwd, ".");
	return complain("no configuration: %s has no ecosystem.yaml, "
			"ecosystem.yml, ecosystem.json or "
			"ecosystem.config.json; name one with -c FILE",
	    cwd);
}

static int
find_socket(struct options *o, const char *given)
{
	char path[108];

	o->socket_given = given != NULL || getenv("CLUSTERD_SOCKET") != NULL;
	if (given == NULL) {
		if (paths_control_socket(path, sizeof(path)) < 0)
			return complain("the path of the control socket is "
					"longer than 107 bytes; choose "
					"another with --socket");
		given = path;
	}
	return make_absolute(
	    "the control socket", given, o->socket, sizeof(o->socket));
}

static int
find_log_file(struct options *o, const char *given)
{
	char dir[4000];

	if (given != NULL && !o->daemonize)
		return complain("--log-file works together with --daemonize "
				"only");
	if (!o->daemonize)
		return -1;
	if (given != NULL)
		return make_absolute(
		    "the log file", given, o->log_file, sizeof(o->log_file));
	if (paths_log_dir(dir, sizeof(dir)) < 0)
		return complain("there is no folder for the log file ($HOME "
				"is not set); name one with --log-file PATH");
	snprintf(o->log_file, sizeof(o->log_file), "%s/clusterd.log", dir);
	return -1;
}

/* The paths that were given, seen from the folder we are in now. */
static int
resolve(struct options *o, const char *config, const char *sock,
    const char *pidfile, const char *log_file)
{
	int rc = find_config(o, config);

	if (rc == -1)
		rc = find_socket(o, sock);
	if (rc == -1 && pidfile != NULL)
		rc = make_absolute(
		    "the pidfile", pidfile, o->pidfile, sizeof(o->pidfile));
	if (rc == -1)
		rc = find_log_file(o, log_file);
	return rc;
}

static int
print_and_leave(const char *text)
{
	return fputs(text, stdout) == EOF || fflush(stdout) == EOF ? EXIT_FAILED
								   : EXIT_DONE;
}

int
options_parse(struct options *o, int argc, char **argv)
{
	const char *config = NULL, *sock = NULL, *pidfile = NULL;
	const char *log_file = NULL;
	int c, at;

	*o = (struct options){ 0 };
	opterr = 0;
	for (;;) {
		at = optind;
		c = getopt_long(argc, argv, ":c:tvh", long_options, NULL);
		if (c == -1)
			break;
		switch (c) {
		case 'c':
			config = optarg;
			break;
		case OPT_ENV:
			o->env_name = optarg;
			break;
		case OPT_SOCKET:
			sock = optarg;
			break;
		case 't':
			o->test = true;
			break;
		case OPT_DAEMONIZE:
			o->daemonize = true;
			break;
		case OPT_PIDFILE:
			pidfile = optarg;
			break;
		case OPT_LOG_FILE:
			log_file = optarg;
			break;
		case 'v':
			return print_and_leave(
			    "clusterd " CLUSTERD_VERSION "\n");
		case 'h':
			return print_and_leave(help);
		default:
			return complain_option(argv[at], optopt, c == ':');
		}
	}
	if (optind < argc)
		return complain("unexpected argument %s (a configuration file "
				"is given with -c)",
		    argv[optind]);
	return resolve(o, config, sock, pidfile, log_file);
}
