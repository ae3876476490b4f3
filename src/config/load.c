/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - the file that a configuration is read from: which files are refused.
 *
 * As root the text of the file is commands of root, so nobody else may be able
 * to write it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/buf.h>
#include <clusterd/config.h>
#include <clusterd/files.h>

static const struct config_pos nowhere = { 0, 0 };

/* Who has become root by sudo could write the file anyway. */
static bool
belongs_to_sudoer(const struct stat *st)
{
	const char *sudo_uid = getenv("SUDO_UID");

	return sudo_uid != NULL && *sudo_uid != '\0' &&
	       strtoull(sudo_uid, NULL, 10) == st->st_uid;
}

/* Why root must not read it, or NULL. */
static const char *
find_other_writer(const struct stat *st)
{
	if (st->st_uid != 0 && !belongs_to_sudoer(st))
		return "belongs to another user: run clusterd as that user, or "
		       "chown root it";
	if ((st->st_mode & S_IWOTH) != 0)
		return "can be written by everybody: chmod o-w it";
	if ((st->st_mode & S_IWGRP) != 0 && st->st_gid != 0)
		return "can be written by its group: chmod g-w it";
	return NULL;
}

/* False: a message was added. */
static bool
check_file(int fd, const char *path, struct config_errors *errors)
{
	const char *why = NULL;
	struct stat st;

	if (fstat(fd, &st) == -1)
		why = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		why = "is a directory: name the file in it";
	else if (!S_ISREG(st.st_mode))
		why = "is not a regular file";
	else if (geteuid() == 0)
		why = find_other_writer(&st);
	if (why == NULL && st.st_size > CONFIG_BYTES_MAX) {
		config_errors_add(errors, path, nowhere,
		    "%lld bytes: an ecosystem file has at most %d",
		    (long long)st.st_size, CONFIG_BYTES_MAX);
		return false;
	}
	if (why != NULL)
		config_errors_add(errors, path, nowhere, "%s", why);
	return why == NULL;
}

static int
read_whole(
    int fd, const char *path, struct buf *text, struct config_errors *errors)
{
	int rc;

	if (!check_file(fd, path, errors))
		return -EINVAL;
	rc = file_read_fd(fd, text);
	if (rc == -EFBIG)
		config_errors_add(errors, path, nowhere,
		    "more than %d bytes: the file is too large",
		    CONFIG_BYTES_MAX);
	else if (rc < 0 && rc != -ENOMEM)
		config_errors_add(
		    errors, path, nowhere, "cannot be read: %s", strerror(-rc));
	return rc == 0 || rc == -ENOMEM ? rc : -EINVAL;
}

int
config_load(const char *path, const char *env_name, struct config **out,
    struct config_errors *errors)
{
	struct buf text;
	int fd, rc;

	/* O_NONBLOCK: a FIFO must be refused, not waited for. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd == -1) {
		config_errors_add(errors, path, nowhere, "cannot be opened: %s",
		    strerror(errno));
		return -EINVAL;
	}
	buf_init(&text, CONFIG_BYTES_MAX);
	rc = read_whole(fd, path, &text, errors);
	close(fd);
	if (rc == 0)
		rc = config_parse(text.data != NULL ? text.data : "", text.len,
		    path, env_name, out, errors);
	buf_fini(&text);
	return rc;
}

void
config_free(struct config *c)
{
	if (c != NULL)
		arena_free(c->arena);
}

const struct app_config *
config_find_app(const struct config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_apps; i++)
		if (strcmp(c->apps[i].name, name) == 0)
			return &c->apps[i];
	return NULL;
}
