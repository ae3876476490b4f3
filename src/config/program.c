/* SPDX-License-Identifier: Apache-2.0 */
/*
 * program.c - the program of an app, looked up in the file system.
 *
 * Called anew for each start of a worker: what a symlink in the path points to
 * may have changed since the load.
 */
#include "config/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/files.h>

struct lookup {
	const struct app_config *app;
	struct program *p;
	char *why;
	size_t why_size;
};

static int fail(const struct lookup *l, int rc, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static int
fail(const struct lookup *l, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->why, l->why_size, fmt, ap);
	va_end(ap);
	return rc;
}

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
is_node_name(const char *path)
{
	static const char *const names[] = { "node", "nodejs", "bun", "deno" };
	size_t i;

	for (i = 0; i < COUNT(names); i++)
		if (strcmp(base_of(path), names[i]) == 0)
			return true;
	return false;
}

/* Whether the file's "#!" line has a word that names node. */
static bool
shebang_names_node(const char *path)
{
	char line[256], *word, *rest = line;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1)
		return false;
	n = pread(fd, line, sizeof(line) - 1, 0);
	close(fd);
	if (n < 2 || line[0] != '#' || line[1] != '!')
		return false;
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	rest += 2;
	while ((word = strsep(&rest, " \t")) != NULL)
		if (is_node_name(word))
			return true;
	return false;
}

const char *
program_interpreter(const struct app_config *app)
{
	/* clang-format off */
	static const struct {
		const char *extension, *interpreter;
	} known[] = {
		{ ".js",	"node" },
		{ ".cjs",	"node" },
		{ ".mjs",	"node" },
		{ ".py",	"python3" },
		{ ".rb",	"ruby" },
		{ ".php",	"php" },
		{ ".pl",	"perl" },
		{ ".sh",	"bash" },
		{ ".ts",	"bun" },
		{ ".tsx",	"bun" },
	};
	/* clang-format on */
	const char *dot;
	size_t i;

	if (app->script == NULL)
		return NULL;
	if (app->interpreter != NULL)
		return strcmp(app->interpreter, "none") == 0 ? NULL
							     : app->interpreter;
	dot = strrchr(base_of(app->script), '.');
	for (i = 0; dot != NULL && i < COUNT(known); i++)
		if (strcmp(dot, known[i].extension) == 0)
			return known[i].interpreter;
	return NULL;
}

/* The PATH of a worker of the app: clear_env keeps it. NULL: none. */
static const char *
worker_path(const struct app_config *app)
{
	size_t i;

	for (i = 0; i < app->env.count; i++)
		if (strcmp(app->env.vars[i].name, "PATH") == 0)
			return app->env.vars[i].value;
	return getenv("PATH");
}

/* The executable `name` to p->path. */
static int
find_executable(const struct lookup *l, const char *what, const char *name)
{
	struct program *p = l->p;
	int rc;

	rc = path_search(
	    name, worker_path(l->app), l->app->cwd, p->path, sizeof(p->path));
	if (rc == 0)
		return 0;
	if (rc == -EACCES)
		return fail(
		    l, rc, "%s %.256s is not executable", what, p->path);
	if (rc == -ENOENT && strchr(name, '/') != NULL)
		return fail(l, rc, "%s %.256s does not exist", what, p->path);
	if (rc == -ENOENT)
		return fail(l, rc, "%s %.256s is not in PATH", what, name);
	return fail(l, rc, "%s %.256s: %s", what, name, strerror(-rc));
}

/* Where the script is, to p->script: seen from cwd, else by PATH. */
static int
find_script(const struct lookup *l)
{
	const char *script = l->app->script;
	struct program *p = l->p;
	struct stat st;
	int rc;

	rc = path_join(l->app->cwd, script, p->script, sizeof(p->script));
	if (rc < 0)
		return fail(
		    l, rc, "script %.256s: the path is too long", script);
	if (stat(p->script, &st) == 0 && !S_ISDIR(st.st_mode))
		return S_ISREG(st.st_mode)
			   ? 0
			   : fail(l, -EINVAL,
				 "script %.256s is not a regular file",
				 p->script);
	if (strchr(script, '/') == NULL &&
	    path_search(script, worker_path(l->app), l->app->cwd, p->script,
		sizeof(p->script)) == 0)
		return 0;
	rc = path_join(l->app->cwd, script, p->script, sizeof(p->script));
	if (rc == 0 && stat(p->script, &st) == 0)
		return fail(
		    l, -EISDIR, "script %.256s is a directory", p->script);
	if (strchr(script, '/') == NULL)
		return fail(l, -ENOENT,
		    "script %.256s is neither in %.256s nor in PATH", script,
		    l->app->cwd);
	return fail(l, -ENOENT, "script %.256s does not exist", p->script);
}

static int
resolve_command(const struct lookup *l)
{
	struct program *p = l->p;

	p->argv0 = l->app->command.items[0];
	p->is_node = is_node_name(p->argv0);
	return find_executable(l, "command", p->argv0);
}

static int
resolve_self(const struct lookup *l)
{
	struct program *p = l->p;

	snprintf(p->path, sizeof(p->path), "%s", p->script);
	p->argv0 = p->path;
	if (faccessat(AT_FDCWD, p->path, X_OK, AT_EACCESS) == -1)
		return fail(l, -EACCES,
		    "%.256s is not executable (chmod +x, or set interpreter)",
		    p->path);
	p->is_node = is_node_name(p->path) || shebang_names_node(p->path);
	return 0;
}

int
program_resolve(const struct app_config *app, struct program *p,
    bool *interpreter_missing, char *why, size_t why_size)
{
	const struct lookup l = { app, p, why, why_size };
	const char *interpreter = program_interpreter(app);
	int rc;

	*interpreter_missing = false;
	memset(p, 0, sizeof(*p));
	if (app->script == NULL)
		return resolve_command(&l);
	rc = find_script(&l);
	if (rc < 0)
		return rc;
	if (interpreter == NULL)
		return resolve_self(&l);
	if (faccessat(AT_FDCWD, p->script, R_OK, AT_EACCESS) == -1)
		return fail(&l, -errno, "script %.256s cannot be read: %s",
		    p->script, strerror(errno));
	p->argv0 = interpreter;
	p->with_interpreter = true;
	p->is_node = is_node_name(interpreter);
	rc = find_executable(&l, "interpreter", interpreter);
	*interpreter_missing = rc < 0;
	return rc;
}

int
config_resolve_program(
    const struct app_config *app, struct program *p, char *why, size_t why_size)
{
	bool ignored;

	return program_resolve(app, p, &ignored, why, why_size);
}

bool
program_is_node(const struct app_config *app)
{
	const char *interpreter = program_interpreter(app);
	struct program p = { .path = "" };
	char why[512];

	if (config_resolve_program(app, &p, why, sizeof(why)) == 0)
		return p.is_node;
	if (app->script == NULL)
		return is_node_name(app->command.items[0]);
	return is_node_name(interpreter != NULL ? interpreter : app->script);
}

bool
program_script_exists(const struct app_config *app, const char *script)
{
	char path[4096];
	struct stat st;

	return path_join(app->cwd, script, path, sizeof(path)) == 0 &&
	       stat(path, &st) == 0 && S_ISREG(st.st_mode);
}
