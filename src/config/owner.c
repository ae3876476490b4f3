/* SPDX-License-Identifier: Apache-2.0 */
/*
 * owner.c - users and groups, by name or by number.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include <clusterd/config.h>

/* The last id is none: chown(2) takes it for "leave it as it is". */
static int
parse_id(const char *text, uint32_t *id)
{
	size_t len = strlen(text);
	unsigned long long n;

	if (len == 0 || len > 10 || strspn(text, "0123456789") != len)
		return -ENOENT;
	n = strtoull(text, NULL, 10);
	if (n >= UINT32_MAX)
		return -ENOENT;
	*id = (uint32_t)n;
	return 0;
}

int
config_find_user(const char *name, uid_t *uid)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return parse_id(name, uid);
	*uid = pw->pw_uid;
	return 0;
}

int
config_find_group(const char *name, gid_t *gid)
{
	const struct group *gr = getgrnam(name);

	if (gr == NULL)
		return parse_id(name, gid);
	*gid = gr->gr_gid;
	return 0;
}
