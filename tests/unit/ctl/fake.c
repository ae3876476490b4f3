/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake.c - a clusterd that only knows its lines, and a run of clusterctl
 * against it.
 */
#include "fake.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <clusterd/buf.h>
#include <clusterd/files.h>

#include "ctl/ctl.h"

/* False: hang up. */
static bool
answer(struct fake *f, FILE *io, const char *line)
{
	json_t *request = json_loads(line, 0, NULL);
	const char *method =
	    json_string_value(json_object_get(request, "method"));
	json_int_t id = json_integer_value(json_object_get(request, "id"));
	const char *body = "\"error\":{\"code\":-32601,\"message\":\"?\"}";
	size_t i;

	for (i = 0; i < f->n_answers && method; i++) {
		if (strcmp(f->answers[i].method, method) != 0)
			continue;
		body = f->answers[i].body;
		fputs(f->answers[i].events, io);
		break;
	}
	json_decref(request);
	if (*body)
		fprintf(io, "{\"jsonrpc\":\"2.0\",\"id\":%lld,%s}\n",
		    (long long)id, body);
	return fflush(io) == 0 && *body;
}

static void
serve(struct fake *f, int fd)
{
	FILE *io = fdopen(fd, "r+");
	char line[4096];

	while (fgets(line, sizeof(line), io)) {
		size_t n = strlen(line);

		if (f->len + n < sizeof(f->requests)) {
			memcpy(f->requests + f->len, line, n + 1);
			f->len += n;
		}
		/* stdio must be told that it turns from reading to writing. */
		fseek(io, 0, SEEK_CUR);
		if (!answer(f, io, line))
			break;
		fseek(io, 0, SEEK_CUR);
	}
	fclose(io);
}

static void *
run_server(void *arg)
{
	struct fake *f = arg;
	int fd;

	while ((fd = accept(f->listener, NULL, NULL)) >= 0)
		serve(f, fd);
	return NULL;
}

void
fake_start(struct fake *f, const struct fake_answer *answers, size_t n)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	memset(f, 0, sizeof(*f));
	f->answers = answers;
	f->n_answers = n;
	strcpy(f->dir, "/tmp/clusterd-ctl-XXXXXX");
	cr_assert_not_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/sock", f->dir);
	memcpy(sa.sun_path, f->path, sizeof(f->path));
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(f->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	cr_assert_eq(listen(f->listener, 8), 0);
	cr_assert_eq(pthread_create(&f->thread, NULL, run_server, f), 0);
}

void
fake_remove(struct fake *f)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", f->dir);
	cr_expect_eq(system(command), 0);
}

void
fake_stop(struct fake *f)
{
	shutdown(f->listener, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(f->listener);
	fake_remove(f);
}

/* Point a standard descriptor at a file; returns what it was. */
static int
redirect(int fd, const char *path)
{
	int saved = dup(fd);
	int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	cr_assert(saved >= 0 && file >= 0);
	dup2(file, fd);
	close(file);
	return saved;
}

static void
restore(int fd, int saved, const char *path, char *text, size_t size)
{
	struct buf b;

	dup2(saved, fd);
	close(saved);
	buf_init(&b, size - 1);
	cr_assert_eq(file_read(path, &b), 0);
	memcpy(text, b.data ? b.data : "", b.len);
	text[b.len] = '\0';
	buf_fini(&b);
}

static int
run_words(struct fake *f, char *words)
{
	static char name[] = "clusterctl", option[] = "--socket";
	char *argv[32] = { name, option, f->path }, *save, *word;
	struct ctl c;
	int argc = 3, rc;

	for (word = strtok_r(words, " ", &save); word && argc < 31;
	     word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	ctl_init(&c);
	rc = args_parse(&c, argc, argv);
	if (rc == 0)
		rc = c.command->run(&c);
	ctl_fini(&c);
	return rc;
}

void
fake_run(struct fake *f, const char *words, struct run *r)
{
	char out[128], err[128], copy[512];
	int saved_out, saved_err;

	snprintf(out, sizeof(out), "%s/stdout", f->dir);
	snprintf(err, sizeof(err), "%s/stderr", f->dir);
	snprintf(copy, sizeof(copy), "%s", words);
	fflush(NULL);
	saved_out = redirect(STDOUT_FILENO, out);
	saved_err = redirect(STDERR_FILENO, err);
	r->status = run_words(f, copy);
	fflush(stdout);
	fflush(stderr);
	restore(STDOUT_FILENO, saved_out, out, r->out, sizeof(r->out));
	restore(STDERR_FILENO, saved_err, err, r->err, sizeof(r->err));
}

char *
source_text(const char *path)
{
	const char *srcdir = getenv("srcdir");
	char full[1024], *text;
	struct buf b;

	snprintf(full, sizeof(full), "%s/%s", srcdir ? srcdir : ".", path);
	buf_init(&b, 1024 * 1024);
	cr_assert_eq(file_read(full, &b), 0, "%s", full);
	text = strndup(b.data, b.len);
	buf_fini(&b);
	return text;
}
