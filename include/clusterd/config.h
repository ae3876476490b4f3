/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - an ecosystem file, read, checked and resolved.
 *
 * The key table in src/config/keys.c says all there is to say about a key; the
 * structs below are what it fills. A struct config never changes once loaded.
 */
#ifndef CLUSTERD_CONFIG_H
#define CLUSTERD_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <clusterd/arena.h>
#include <clusterd/compiler.h>
#include <clusterd/limits.h>

struct config_pos {
	int line, column; /* from 1; 0: not from the file (a default) */
};

enum listener_kind {
	LISTENER_TCP,
	LISTENER_UDP,
	LISTENER_UNIX,	  /* path or, with a leading '@', abstract */
	LISTENER_SYSTEMD, /* given by init under `systemd_name` */
};

struct listener_spec {
	const char *name; /* "default" when a lone address has none */
	const char *text; /* as written, for messages and status */
	enum listener_kind kind;
	struct sockaddr_storage addr; /* TCP, UDP, UNIX */
	socklen_t addr_len;
	const char *systemd_name;
	int backlog;  /* 0: as large as the kernel allows (somaxconn) */
	int ipv6only; /* -1: dual stack for [::]; 0, 1: as said */
	bool reuse_port;
	int fastopen;		 /* queue length; 0: off */
	int64_t defer_accept_ms; /* 0: off */
	bool nonblock;	   /* O_NONBLOCK, default true (PHP-FPM needs false) */
	bool nodelay;	   /* TCP_NODELAY, default true */
	int mode;	   /* unix: permission bits; -1: by umask */
	const char *user;  /* unix: owner's name or id; NULL: unchanged */
	const char *group; /* the same */
	struct config_pos pos;
};

enum exec_mode {
	EXEC_AUTO, /* resolved at load: never seen by the master */
	EXEC_FORK,
	EXEC_CLUSTER,
};

enum dialect {
	DIALECT_AUTO,	/* by interpreter: node -> DIALECT_NODE, else ..._NATIVE
			 */
	DIALECT_NODE,	/* NODE_CHANNEL_FD (+ NODE_UNIQUE_ID in cluster mode) */
	DIALECT_NATIVE, /* CLUSTERD_CHANNEL_FD */
	DIALECT_NONE,	/* no channel; sockets by number, LISTEN_FDS, notify */
};

enum ready_kind {
	READY_AUTO,	 /* resolved at load, see docs/workers.md */
	READY_MESSAGE,	 /* "ready" on the channel, native ready, or READY=1 */
	READY_LISTENING, /* Node's listening; else as MESSAGE or ACCEPT */
	READY_ACCEPT,  /* any message, or seen waiting on a listener (/proc) */
	READY_STARTED, /* stayed alive for min_uptime */
};

enum instances_kind {
	INSTANCES_NUMBER,    /* n */
	INSTANCES_CPUS,	     /* CPUs: "max" */
	INSTANCES_CPUS_LESS, /* CPUs - n, at least 1: "-1" */
	INSTANCES_PER_CPU,   /* n * CPUs: "2/cpu" */
};

struct config_instances {
	enum instances_kind kind;
	int n;
};

struct config_strings {
	const char **items; /* NULL-terminated; never NULL */
	size_t count;
};

struct config_var {
	const char *name, *value;
};

struct config_env {
	struct config_var *vars; /* in the order of the file */
	size_t count;
};

struct app_config {
	const char *name;
	const char *namespace;
	const char *script;	       /* NULL when `command` is given */
	struct config_strings command; /* argv; count 0: `script` is given */
	const char *interpreter;       /* NULL: by extension; "none" */
	struct config_strings interpreter_args;
	struct config_strings args;
	const char *cwd; /* absolute; symlinks not resolved */
	enum exec_mode exec_mode;
	struct config_instances instances;
	const char *instance_var;  /* "NODE_APP_INSTANCE" */
	const char *increment_var; /* NULL: none */
	struct config_env env;	   /* env, then env_NAME on top */
	bool clear_env;
	enum dialect dialect;
	struct listener_spec *listeners;
	size_t n_listeners;

	enum ready_kind ready;
	bool wait_ready;
	int64_t listen_timeout_ms;
	int64_t min_uptime_ms;

	int64_t kill_timeout_ms;
	int kill_signal; /* resolved: never 0 */
	bool drain_preload;
	int64_t drain_linger_ms;
	int max_surge;

	int log_type;	      /* enum log_format of loglink.h */
	bool merge_logs;      /* false: -<instance> before .log */
	const char *out_file; /* absolute; NULL: none */
	const char *error_file;
	const char *log_file;

	struct config_pos pos;	      /* where the entry begins */
	struct config_pos script_pos; /* of script, or of command */
	struct config_pos interpreter_pos, cwd_pos;
};

struct config {
	struct arena *arena; /* owned; holds everything below */
	const char *path;    /* absolute path of the file */
	const char *text;    /* what was read from it */
	size_t text_len;
	const char *dir;      /* its folder: relative paths count from here */
	const char *env_name; /* of --env, or NULL */
	struct app_config *apps;
	size_t n_apps;
};

/* Bounded list of messages for people, "FILE:LINE:COLUMN: apps[1].listen: ...".
 */
struct config_errors {
	char *text[20];
	size_t count; /* may exceed COUNT(text): the rest was not kept */
};

void config_errors_init(struct config_errors *e);
void config_errors_fini(struct config_errors *e);
void config_errors_add(struct config_errors *e, const char *path,
    struct config_pos pos, const char *fmt, ...) PRINTF_LIKE(4, 5);

/*
 * Read, interpolate, validate. `env_name` may be NULL. 0 with `*out` owned by
 * the caller; -EINVAL with at least one message in `errors`; -ENOMEM.
 *
 * config_load also refuses what is not a regular file, larger than
 * CONFIG_BYTES_MAX, or, for root, writable by others or owned by another
 * ordinary user. config_parse takes the text as it was then: no look at the
 * file.
 */
int config_load(const char *path, const char *env_name, struct config **out,
    struct config_errors *errors) MUST_CHECK;
int config_parse(const char *text, size_t len, const char *path,
    const char *env_name, struct config **out,
    struct config_errors *errors) MUST_CHECK;
void config_free(struct config *c);

/*
 * Fill in what only a worker's start knows, in one string of args,
 * interpreter_args, command or env: `value` is asked for "instance", "pm_id",
 * "app" and "listen.NAME" (the load has checked that NAME exists); NULL from it
 * leaves the reference as it is. 0, or -E2BIG when it does not fit into `size`.
 */
int config_expand(const char *text,
    const char *(*value)(const char *name, void *arg), void *arg, char *out,
    size_t size) MUST_CHECK;

const struct app_config *config_find_app(
    const struct config *c, const char *name);

/* How many workers: at least 1, at most INSTANCES_MAX. */
int config_instances_count(const struct config_instances *i, int cpus);

/*
 * How a worker of the app is executed, looked up now (a `current` symlink may
 * have moved): the program, and what stands before args in argv.
 */
struct program {
	char path[4096];       /* absolute, exists, executable */
	char script[4096];     /* absolute; "" when there is none (command) */
	const char *argv0;     /* borrowed from the app or from path */
	bool with_interpreter; /* argv: argv0, interpreter_args, script, args */
	bool is_node;	       /* node, nodejs, bun or deno runs it */
};

/*
 * 0 or -errno with a message in `why`: "script /srv/app.js does not exist",
 * "/srv/run is not executable (chmod +x, or set interpreter)", "interpreter
 * python4 is not in PATH". Looks at the file system only.
 */
int config_resolve_program(const struct app_config *app, struct program *p,
    char *why, size_t why_size) MUST_CHECK;

/*
 * A user or group by its name, else by its number (digits). 0 or -ENOENT, and
 * then the id is untouched.
 */
int config_find_user(const char *name, uid_t *uid) MUST_CHECK;
int config_find_group(const char *name, gid_t *gid) MUST_CHECK;

/*
 * All apps' programs, folders and owners of sockets, with positions; 0 or
 * -EINVAL. The check that `clusterd -t`, a start and a reload make before
 * anything is touched.
 */
int config_check_programs(
    const struct config *c, struct config_errors *errors) MUST_CHECK;

/* True if a worker started from `a` differs from one started from `b`. */
bool config_app_same(const struct app_config *a, const struct app_config *b);

/* New references. */
json_t *config_app_to_json(const struct app_config *app); /* every key */
json_t *config_schema(void); /* JSON Schema, draft 2020-12 */

/* A sockaddr as text: "127.0.0.1:80", "[::]:80", "unix:/run/x", "unix:@x". */
void config_format_address(
    const struct sockaddr *sa, socklen_t len, char *out, size_t size);

/* For the manual's test: the table, row by row; false behind the last. */
struct config_key_info {
	const char *name, *type, *dflt, *help;
	const char *const *aliases; /* NULL-terminated */
	bool top_level;
};
bool config_key_info(size_t row, struct config_key_info *info);

#endif
