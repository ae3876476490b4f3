/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.c - the words for a socket's address.
 *
 * Names are not looked up: a cluster must start without a name server, and
 * always on the same address.
 */
#include "config/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <clusterd/files.h>

enum {
	HOST_BYTES_MAX = 128,
	SYSTEMD_NAME_BYTES_MAX = 200,
	UNIX_PATH_BYTES_MAX = 107, /* unix(7), without the NUL */
};

struct parsing {
	const char *text, *dir;
	struct listener_spec *spec;
	char *why;
	size_t why_size;
};

static int fail(struct parsing *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

static int
fail(struct parsing *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, p->why_size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int
parse_port(struct parsing *p, const char *text, in_port_t *port)
{
	size_t n = strspn(text, "0123456789");
	long value;

	if (n == 0 || text[n] != '\0')
		return fail(
		    p, "%.80s: \"%.32s\" is no port number", p->text, text);
	value = n > 5 ? 65536 : strtol(text, NULL, 10);
	if (value > 65535)
		return fail(p, "%.80s: port %.16s is out of range: 0 to 65535",
		    p->text, text);
	*port = htons((in_port_t)value);
	return 0;
}

static int
set_any(struct parsing *p, in_port_t port)
{
	struct sockaddr_in6 *sa = (struct sockaddr_in6 *)&p->spec->addr;

	sa->sin6_family = AF_INET6;
	sa->sin6_addr = in6addr_any;
	sa->sin6_port = port;
	p->spec->addr_len = sizeof(*sa);
	return 0;
}

static int
set_v4(struct parsing *p, const char *host, in_port_t port)
{
	struct sockaddr_in *sa = (struct sockaddr_in *)&p->spec->addr;

	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (inet_pton(AF_INET, host, &sa->sin_addr) != 1)
		return fail(p,
		    "%.80s: \"%.64s\" is no address: names are not looked up, "
		    "write 127.0.0.1, [::1] or * for all",
		    p->text, host);
	sa->sin_family = AF_INET;
	sa->sin_port = port;
	p->spec->addr_len = sizeof(*sa);
	return 0;
}

/* `host` without brackets, perhaps with %INTERFACE, which is cut off. */
static int
set_v6(struct parsing *p, char *host, in_port_t port)
{
	struct sockaddr_in6 *sa = (struct sockaddr_in6 *)&p->spec->addr;
	char *scope = strchr(host, '%');

	if (scope != NULL) {
		*scope++ = '\0';
		sa->sin6_scope_id = if_nametoindex(scope);
		if (sa->sin6_scope_id == 0)
			return fail(p, "%.80s: no interface is named \"%.32s\"",
			    p->text, scope);
	}
	if (inet_pton(AF_INET6, host, &sa->sin6_addr) != 1)
		return fail(
		    p, "%.80s: \"%.64s\" is no IPv6 address", p->text, host);
	sa->sin6_family = AF_INET6;
	sa->sin6_port = port;
	p->spec->addr_len = sizeof(*sa);
	return 0;
}

/* HOST:PORT of TCP and UDP. */
static int
parse_inet(struct parsing *p, const char *rest)
{
	const char *colon = strrchr(rest, ':');
	char host[HOST_BYTES_MAX];
	in_port_t port = 0;
	size_t len;
	int rc;

	if (colon == NULL)
		return fail(
		    p, "%.80s: a port is missing, write HOST:PORT", p->text);
	if (rest[0] == '[' && strchr(colon, ']') != NULL)
		return fail(p, "%.80s: a port is missing, write [ADDRESS]:PORT",
		    p->text);
	rc = parse_port(p, colon + 1, &port);
	if (rc < 0)
		return rc;
	len = (size_t)(colon - rest);
	if (len >= sizeof(host))
		return fail(p, "%.80s: the host is too long", p->text);
	memcpy(host, rest, len);
	host[len] = '\0';
	if (len == 0 || strcmp(host, "*") == 0)
		return set_any(p, port);
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		return set_v6(p, host + 1, port);
	}
	if (strchr(host, ':') != NULL)
		return fail(p,
		    "%.80s: write an IPv6 address in brackets: "
		    "[::1]:80",
		    p->text);
	return set_v4(p, host, port);
}

static int
parse_tcp(struct parsing *p, const char *rest)
{
	p->spec->kind = LISTENER_TCP;
	return parse_inet(p, rest);
}

static int
parse_udp(struct parsing *p, const char *rest)
{
	p->spec->kind = LISTENER_UDP;
	return parse_inet(p, rest);
}

static int
set_unix(struct parsing *p, const char *path)
{
	struct sockaddr_un *sa = (struct sockaddr_un *)&p->spec->addr;
	bool abstract = path[0] == '@';
	size_t len = strlen(path);

	if (len > UNIX_PATH_BYTES_MAX)
		return fail(p,
		    "%.80s: the path has %zu bytes, a socket's at most %d",
		    p->text, len, UNIX_PATH_BYTES_MAX);
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path, len);
	if (abstract)
		sa->sun_path[0] = '\0';
	p->spec->addr_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
					len + (abstract ? 0 : 1));
	return 0;
}

static int
parse_unix(struct parsing *p, const char *rest)
{
	char path[4096];
	size_t len;

	p->spec->kind = LISTENER_UNIX;
	if (strncmp(rest, "//", 2) == 0) {
		rest += 2;
		if (rest[0] != '/')
			return fail(p,
			    "%.80s: write unix:///PATH, or unix:PATH for one "
			    "seen from the file's folder",
			    p->text);
	}
	len = strlen(rest);
	if (len == 0 || strcmp(rest, "@") == 0)
		return fail(p, "%.80s: a path is missing", p->text);
	if (rest[0] == '@')
		return set_unix(p, rest);
	if (rest[len - 1] == '/')
		return fail(p, "%.80s: the path is a folder's", p->text);
	if (path_join(p->dir, rest, path, sizeof(path)) < 0)
		return fail(p, "%.80s: the path is too long", p->text);
	return set_unix(p, path);
}

static int
parse_systemd(struct parsing *p, const char *rest)
{
	size_t len = strlen(rest);

	p->spec->kind = LISTENER_SYSTEMD;
	if (len == 0 || len > SYSTEMD_NAME_BYTES_MAX ||
	    strpbrk(rest, ": \t/") != NULL)
		return fail(p,
		    "%.80s: wants the FileDescriptorName= of the socket unit",
		    p->text);
	p->spec->systemd_name = rest;
	return 0;
}

/* clang-format off */
static const struct {
	const char *prefix;
	int (*parse)(struct parsing *p, const char *rest);
} schemes[] = {
	{ "tcp://",	parse_tcp },
	{ "udp://",	parse_udp },
	{ "unix:",	parse_unix },
	{ "systemd:",	parse_systemd },
};

static const char *const kind_names[] = {
	[LISTENER_TCP]		= "tcp",
	[LISTENER_UDP]		= "udp",
	[LISTENER_UNIX]		= "unix",
	[LISTENER_SYSTEMD]	= "systemd",
};
/* clang-format on */

const char *
address_kind_name(enum listener_kind kind)
{
	return kind_names[kind];
}

int
address_parse(const char *text, const char *dir, struct listener_spec *spec,
    char *why, size_t why_size)
{
	struct parsing p = { text, dir, spec, why, why_size };
	in_port_t port;
	size_t i;
	int rc;

	memset(&spec->addr, 0, sizeof(spec->addr));
	for (i = 0; i < COUNT(schemes); i++)
		if (strncmp(text, schemes[i].prefix,
			strlen(schemes[i].prefix)) == 0)
			return schemes[i].parse(
			    &p, text + strlen(schemes[i].prefix));
	spec->kind = LISTENER_TCP;
	if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0') {
		rc = parse_port(&p, text, &port);
		return rc < 0 ? rc : set_any(&p, port);
	}
	if (text[0] == '/' || text[0] == '.')
		return fail(&p, "%.80s: write unix:%.80s for a unix socket",
		    text, text);
	if (text[0] == '\0' || strstr(text, "://") != NULL ||
	    strchr(text, ':') == NULL)
		return fail(&p,
		    "\"%.80s\" is no address: write tcp://HOST:PORT, "
		    "udp://HOST:PORT, unix:/PATH, systemd:NAME or a port",
		    text);
	return parse_inet(&p, text);
}

void
address_write(const struct listener_spec *spec, char *out, size_t size)
{
	char address[128];

	if (spec->kind == LISTENER_SYSTEMD) {
		snprintf(out, size, "systemd:%s", spec->systemd_name);
		return;
	}
	config_format_address((const struct sockaddr *)&spec->addr,
	    spec->addr_len, address, sizeof(address));
	snprintf(out, size, "%s%s%s",
	    spec->kind == LISTENER_UNIX ? "" : kind_names[spec->kind],
	    spec->kind == LISTENER_UNIX ? "" : "://", address);
}

static void
format_v6(const struct sockaddr_in6 *sa, char *out, size_t size)
{
	char host[INET6_ADDRSTRLEN], scope[IF_NAMESIZE + 1] = "";

	inet_ntop(AF_INET6, &sa->sin6_addr, host, sizeof(host));
	if (sa->sin6_scope_id != 0) {
		scope[0] = '%';
		if (if_indextoname(sa->sin6_scope_id, scope + 1) == NULL)
			snprintf(
			    scope, sizeof(scope), "%%%u", sa->sin6_scope_id);
	}
	snprintf(out, size, "[%s%s]:%u", host, scope, ntohs(sa->sin6_port));
}

static void
format_unix(const struct sockaddr_un *sa, socklen_t len, char *out, size_t size)
{
	size_t n, header = offsetof(struct sockaddr_un, sun_path);

	n = len > header ? len - header : 0;
	if (n == 0)
		snprintf(out, size, "unix:");
	else if (sa->sun_path[0] == '\0')
		snprintf(out, size, "unix:@%.*s", (int)n - 1, sa->sun_path + 1);
	else
		snprintf(out, size, "unix:%.*s", (int)n, sa->sun_path);
}

void
config_format_address(
    const struct sockaddr *sa, socklen_t len, char *out, size_t size)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)sa;
	char host[INET_ADDRSTRLEN];

	if (len >= sizeof(*v4) && sa->sa_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		snprintf(out, size, "%s:%u", host, ntohs(v4->sin_port));
	} else if (len >= sizeof(struct sockaddr_in6) &&
		   sa->sa_family == AF_INET6) {
		format_v6((const struct sockaddr_in6 *)sa, out, size);
	} else if (len >= sizeof(sa->sa_family) && sa->sa_family == AF_UNIX) {
		format_unix((const struct sockaddr_un *)sa, len, out, size);
	} else {
		snprintf(out, size, "unknown");
	}
}
