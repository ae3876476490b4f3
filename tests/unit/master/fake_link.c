/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_link.c - link.h for tests. It stands in for src/master/link.c, which the
 * linker therefore leaves in its library.
 */
#include "fake_link.h"

#include <clusterd/compiler.h>
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char told[8192], last[8192];

void
fake_link_reset(void)
{
	told[0] = '\0';
}

const char *
fake_link_told(void)
{
	memcpy(last, told, sizeof(last));
	told[0] = '\0';
	return last;
}

void
fake_link_put(struct master *m, const char *name, int fd)
{
	struct held_fd *h = calloc(1, sizeof(*h));

	cr_assert_not_null(h);
	snprintf(h->name, sizeof(h->name), "%s", name);
	h->fd = fd;
	TAILQ_INSERT_TAIL(&m->held, h, link);
}

static void PRINTF_LIKE(1, 2) note(const char *fmt, ...)
{
	size_t len = strlen(told);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(told + len, sizeof(told) - len, fmt, ap);
	va_end(ap);
}

void
link_start(struct master *m)
{
	(void)m;
}

void
link_stop(struct master *m)
{
	(void)m;
}

int
link_send(struct master *m, const struct order *o, const int *fds, size_t nfds)
{
	(void)m, (void)fds;
	note("order %u with %zu\n", o->type, nfds);
	return 0;
}

void
link_hold(struct master *m, const char *name, int fd)
{
	(void)m, (void)fd;
	note("hold %s\n", name);
}

void
link_drop(struct master *m, const char *name)
{
	(void)m;
	note("drop %s\n", name);
}

void
link_release(struct master *m, uint32_t proc, uint64_t uid)
{
	(void)m, (void)uid;
	note("release %u\n", proc);
}

void
link_signal(
    struct master *m, uint32_t proc, uint64_t uid, int signo, bool group)
{
	(void)m, (void)uid;
	note("signal %u %d%s\n", proc, signo, group ? " group" : "");
}

void
link_value(struct master *m, enum order_type type, int value)
{
	(void)m;
	note("value %u %d\n", type, value);
}

void
link_notify(struct master *m, const char *fmt, ...)
{
	(void)m;
	note("notify %s\n", fmt);
}

static int
take(struct master *m, struct held_fd *h, char *name, size_t size)
{
	int fd = h->fd;

	if (name != NULL)
		snprintf(name, size, "%s", h->name);
	TAILQ_REMOVE(&m->held, h, link);
	free(h);
	return fd;
}

int
link_take_held(struct master *m, const char *name)
{
	struct held_fd *h;

	TAILQ_FOREACH (h, &m->held, link)
		if (strcmp(h->name, name) == 0)
			return take(m, h, NULL, 0);
	return -1;
}

int
link_take_held_prefix(
    struct master *m, const char *prefix, char *name, size_t size)
{
	struct held_fd *h;

	TAILQ_FOREACH (h, &m->held, link)
		if (strncmp(h->name, prefix, strlen(prefix)) == 0)
			return take(m, h, name, size);
	return -1;
}

void
link_drop_unclaimed(struct master *m)
{
	(void)m;
}
