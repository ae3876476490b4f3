/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fdpass.h - one message with descriptors over a unix socket (SCM_RIGHTS,
 * unix(7)).
 */
#ifndef CLUSTERD_FDPASS_H
#define CLUSTERD_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

#include <clusterd/compiler.h>

enum { FDPASS_MAX = 64 }; /* descriptors in one message */

/*
 * Send `len` bytes and `nfds` descriptors, which stay the caller's. Returns the
 * bytes sent (a stream may take fewer; the descriptors went with the first) or
 * -errno: -EAGAIN nothing was sent, -EPIPE the peer is gone, -E2BIG too many
 * descriptors. Never raises SIGPIPE; repeats on EINTR.
 */
ssize_t fdpass_send(int sock, const void *data, size_t len, const int *fds,
    size_t nfds) MUST_CHECK;

/*
 * Receive at most `size` bytes and `*nfds` descriptors (close-on-exec); `*nfds`
 * becomes how many came, and they are the caller's. Returns bytes, 0 at the
 * end, or -errno; -EMSGSIZE when data or descriptors did not fit, -EMFILE when
 * this process has no room for the descriptors (the data is there): then all
 * that came is closed.
 */
ssize_t fdpass_recv(
    int sock, void *data, size_t size, int *fds, size_t *nfds) MUST_CHECK;

void fdpass_close(const int *fds, size_t nfds);

#endif
