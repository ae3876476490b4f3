/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_kill.c - end clusterd, and wait until it has ended.
 *
 * The outcome comes from the master; the keeper still has sockets and the
 * pidfile to put away then. Who starts clusterd again next must find it gone.
 */
#include "ctl/ctl.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ctl/cmd_change.h"

enum { GONE_MS = 10 * 1000 };

/*
 * A pidfd of the process that has bound the control socket; -1: it cannot be
 * seen from here (another pid namespace).
 */
static int
open_server(const struct ctl *c)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(c->sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1 ||
	    peer.pid <= 0 || peer.pid == getpid())
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

static int
wait_until_gone(struct ctl *c, int server)
{
	struct pollfd fd = { .fd = server, .events = POLLIN };
	int n;

	do
		n = poll(&fd, 1, GONE_MS);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		return CTL_DONE;
	ctl_error(c, "all workers have ended, but not clusterd within %d s",
	    GONE_MS / 1000);
	return CTL_FAILED;
}

int
cmd_kill(struct ctl *c)
{
	json_t *params = json_pack("{s:b}", "fast", (int)c->opt.fast);
	json_t *outcome = NULL;
	int server, rc;

	rc = ctl_connect(c);
	if (rc != CTL_DONE) {
		json_decref(params);
		return rc;
	}
	server = open_server(c);
	rc = change_call(c, "kill", params, &outcome);
	if (rc == CTL_DONE && server >= 0)
		rc = wait_until_gone(c, server);
	if (rc == CTL_DONE)
		rc = change_report(c, outcome, "stopped", "clusterd has ended");
	if (server >= 0)
		close(server);
	json_decref(outcome);
	return rc;
}
