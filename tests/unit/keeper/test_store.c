/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keeper/store.h"

static struct store store;

static int
null_fd(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

Test(store, holds_by_name_and_closes_what_it_replaces)
{
	int a = null_fd(), b = null_fd();

	cr_assert_eq(store_hold(&store, "config", a), 0);
	cr_assert_eq(store_find(&store, "config")->fd, a);
	cr_assert_eq(store_hold(&store, "config", b), 0);
	cr_assert(!is_open(a));
	cr_assert_eq(store_find(&store, "config")->fd, b);
	cr_assert_eq(store.high, 1);
	cr_assert_eq(store_drop(&store, "config"), 0);
	cr_assert(!is_open(b));
	cr_assert_null(store_find(&store, "config"));
	cr_assert_eq(store_drop(&store, "config"), -ENOENT);
}

Test(store, a_name_is_needed)
{
	char name[HELD_NAME_MAX + 1];
	int fd = null_fd();

	memset(name, 'x', sizeof(name));
	name[HELD_NAME_MAX] = '\0';
	cr_assert_eq(store_hold(&store, "", fd), -EINVAL);
	cr_assert_eq(store_hold(&store, name, fd), -EINVAL);
	cr_assert(is_open(fd));
	cr_assert_eq(store_drop(&store, ""), -ENOENT);
	cr_assert_null(store_find(&store, ""));
	close(fd);
}

Test(store, is_full_at_its_bound_and_uses_places_again)
{
	char name[32];
	int fd;

	for (int i = 0; i < HELD_MAX; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		cr_assert_eq(store_hold(&store, name, -1), 0);
	}
	fd = null_fd();
	cr_assert_eq(store_hold(&store, "more", fd), -ENOSPC);
	cr_assert(is_open(fd));
	cr_assert_eq(store_drop(&store, "n5"), 0);
	cr_assert_eq(store_hold(&store, "more", fd), 0);
	cr_assert_str_eq(store.items[5].name, "more");
	store_drop_all(&store);
	cr_assert(!is_open(fd));
	cr_assert_null(store_find(&store, "n6"));
}
