/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_address.c - the words for a socket's address.
 */
#include "helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "config/address.h"

static struct listener_spec
parse_ok(const char *text)
{
	struct listener_spec spec = { .ipv6only = -1 };
	char why[256] = "";

	cr_assert_eq(address_parse(text, "/srv", &spec, why, sizeof(why)), 0,
	    "%s: %s", text, why);
	return spec;
}

static void
expect_written(const char *text, const char *written)
{
	struct listener_spec spec = parse_ok(text);
	char out[256];

	address_write(&spec, out, sizeof(out));
	cr_assert_str_eq(out, written, "%s is %s", text, out);
}

static void
expect_refused(const char *text, const char *part)
{
	struct listener_spec spec = { .ipv6only = -1 };
	char why[256] = "";

	cr_assert_eq(address_parse(text, "/srv", &spec, why, sizeof(why)),
	    -EINVAL, "%s is accepted", text);
	cr_assert_not_null(strstr(why, part), "%s: %s", text, why);
}

Test(address, forms_of_tcp_and_udp)
{
	expect_written("tcp://127.0.0.1:8080", "tcp://127.0.0.1:8080");
	expect_written("127.0.0.1:80", "tcp://127.0.0.1:80");
	expect_written("localhost:80", "tcp://127.0.0.1:80");
	expect_written("8080", "tcp://[::]:8080");
	expect_written(":8080", "tcp://[::]:8080");
	expect_written("tcp://:8080", "tcp://[::]:8080");
	expect_written("tcp://*:8080", "tcp://[::]:8080");
	expect_written("tcp://[::1]:0", "tcp://[::1]:0");
	expect_written("udp://0.0.0.0:53", "udp://0.0.0.0:53");
	expect_written("tcp://[fe80::1%lo]:80", "tcp://[fe80::1%lo]:80");
}

Test(address, any_address_is_dual_stack_unless_said)
{
	cr_assert_eq(parse_ok("tcp://*:80").ipv6only, -1);
}

Test(address, forms_of_unix)
{
	expect_written("unix:/run/a.sock", "unix:/run/a.sock");
	expect_written("unix:///run/a.sock", "unix:/run/a.sock");
	expect_written("unix:run/a.sock", "unix:/srv/run/a.sock");
	expect_written("unix:./a.sock", "unix:/srv/a.sock");
	expect_written("unix:@name", "unix:@name");
	expect_written("systemd:web", "systemd:web");
}

Test(address, abstract_name_has_its_exact_length)
{
	struct listener_spec spec = parse_ok("unix:@abc");

	cr_assert_eq(spec.addr_len, offsetof(struct sockaddr_un, sun_path) + 4);
	cr_assert_eq(((struct sockaddr_un *)&spec.addr)->sun_path[0], '\0');
}

Test(address, longest_unix_path_fits_and_one_more_does_not)
{
	char text[256];

	snprintf(text, sizeof(text), "unix:/%0106d", 0);
	cr_assert_eq(parse_ok(text).addr_len,
	    offsetof(struct sockaddr_un, sun_path) + 108);
	snprintf(text, sizeof(text), "unix:/%0107d", 0);
	expect_refused(text, "108 bytes");
}

Test(address, what_is_wrong_is_named)
{
	expect_refused("tcp://example.org:80", "names are not looked up");
	expect_refused("tcp://127.0.0.1:65536", "0 to 65535");
	expect_refused("tcp://127.0.0.1:99999999999999999999", "0 to 65535");
	expect_refused("tcp://127.0.0.1:-1", "no port number");
	expect_refused("tcp://127.0.0.1:", "no port number");
	expect_refused("tcp://127.0.0.1", "port is missing");
	expect_refused("tcp://[::1]", "write [ADDRESS]:PORT");
	expect_refused("[::1", "brackets");
	expect_refused("::1:80", "brackets");
	expect_refused("[fe80::1%no-such-if]:80", "no interface");
	expect_refused("/run/x", "write unix:/run/x");
	expect_refused("unix:", "path is missing");
	expect_refused("unix:@", "path is missing");
	expect_refused("unix://x/y", "unix:///PATH");
	expect_refused("", "no address");
	expect_refused("http://127.0.0.1:80", "no address");
	expect_refused("systemd:", "FileDescriptorName");
	expect_refused("systemd:a:b", "FileDescriptorName");
}

Test(address, format_of_addresses_the_kernel_gives)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(443) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char out[128];

	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	config_format_address(
	    (struct sockaddr *)&v4, sizeof(v4), out, sizeof(out));
	cr_assert_str_eq(out, "127.0.0.1:443");
	config_format_address((struct sockaddr *)&un,
	    offsetof(struct sockaddr_un, sun_path), out, sizeof(out));
	cr_assert_str_eq(out, "unix:");
	memset(un.sun_path, 'x', sizeof(un.sun_path)); /* no NUL at all */
	config_format_address(
	    (struct sockaddr *)&un, sizeof(un), out, sizeof(out));
	cr_assert_eq(strlen(out), strlen("unix:") + sizeof(un.sun_path));
	v4.sin_family = AF_APPLETALK;
	config_format_address(
	    (struct sockaddr *)&v4, sizeof(v4), out, sizeof(out));
	cr_assert_str_eq(out, "unknown");
}
