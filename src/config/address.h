/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h - the words for a socket's address.
 */
#ifndef CLUSTERD_CONFIG_ADDRESS_H
#define CLUSTERD_CONFIG_ADDRESS_H

#include <clusterd/compiler.h>
#include <clusterd/config.h>

/*
 * "tcp://127.0.0.1:80", "8080", "unix:run/x.sock" ... (ecosystem.yaml(5)), the
 * options cut off, to kind, addr, addr_len, systemd_name (which points into
 * `text`) and, for an address that means both families, ipv6only. `dir`: what
 * relative socket paths are seen from. 0, or -EINVAL with a message in `why`.
 */
int address_parse(const char *text, const char *dir, struct listener_spec *spec,
    char *why, size_t why_size) MUST_CHECK;

/* The address as a file would say it, "tcp://127.0.0.1:80". */
void address_write(const struct listener_spec *spec, char *out, size_t size);

/* "tcp": the word for a kind. */
const char *address_kind_name(enum listener_kind kind);

#endif
