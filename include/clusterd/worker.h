/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h - libclusterd: a worker's side of clusterd.
 *
 *	struct cw *cw;
 *	int fd;
 *
 *	if (cw_open(&cw) == 0 && cw_listeners(cw, 10000) > 0)
 *		fd = cw_listener_fd(cw, "http");
 *	else
 *		fd = my_own_socket();	// started by hand
 *	cw_on_drain(cw, stop_accepting, &server);
 *	cw_ready(cw);
 *	... poll cw_fd(cw) with the rest, cw_dispatch(cw) when it is readable
 *... cw_drained(cw); cw_close(cw);
 *
 * cc server.c $(pkg-config --cflags --libs libclusterd)
 *
 * Nothing here starts a thread, handles a signal, writes to stderr or ends the
 * process. One thread at a time may be inside. Every function takes a NULL `cw`
 * and answers as if clusterd were not there, so that the same program runs by
 * hand. Failures are -errno; durations are milliseconds.
 */
#ifndef CLUSTERD_WORKER_H
#define CLUSTERD_WORKER_H

#ifdef __cplusplus
extern "C" {
#endif

struct cw; /* the connection of this process to clusterd */

/* A socket that clusterd has bound, listening when it is a stream. */
struct cw_listener {
	const char *name;    /* as in the configuration: "http" */
	const char *address; /* "tcp://0.0.0.0:8080", for people */
	int fd; /* yours to use and to close; non-blocking, close-on-exec */
};

/*
 * Take the channel over that clusterd has left in the environment, and take it
 * out of the environment, so that programs started from here do not use it.
 *
 * 0 and `*cw`, which cw_close() frees; -ENOTCONN: not started by clusterd;
 * -EBADF: the variable CLUSTERD_CHANNEL_FD names no socket; -ENOMEM. On failure
 * `*cw` is NULL.
 */
int cw_open(struct cw **cw);

/*
 * Close the channel and free `cw`; NULL is fine. Descriptors of listeners stay
 * open. clusterd takes a closed channel for a worker that is about to exit.
 */
void cw_close(struct cw *cw);

/*
 * Ask for the sockets and wait for them, at most `timeout_ms` (-1: for ever).
 *
 * Returns how many there are. -ENOTCONN; -ETIMEDOUT (may be called again);
 * -EPIPE: clusterd is gone; -EMFILE: no descriptors left in this process;
 * -EPROTO: clusterd speaks something else. Once they are here, further calls
 * return the same count at once. An order to drain may arrive meanwhile: the
 * callback is called then.
 */
int cw_listeners(struct cw *cw, int timeout_ms);

/* Number `index` in the order of the configuration, owned by `cw`; or NULL. */
const struct cw_listener *cw_listener(const struct cw *cw, int index);

/* The descriptor of that name; -ENOENT: no such listener; -ENOTCONN. */
int cw_listener_fd(const struct cw *cw, const char *name);

/*
 * Say something to clusterd. 0; -ENOTCONN; -EPIPE: clusterd is gone, which is
 * no reason to exit; -EAGAIN: clusterd does not read just now, try again later.
 * None of them blocks.
 *
 * cw_ready	the worker serves. Say it once; before that, it is starting
 * cw_alive	a heartbeat (this version accepts it; nothing depends on it)
 * cw_status	a line for people, cut at 255 bytes; control bytes become '?'
 * cw_drained	all that was asked for is done; exit soon after
 */
int cw_ready(struct cw *cw);
int cw_alive(struct cw *cw);
int cw_status(struct cw *cw, const char *text);
int cw_drained(struct cw *cw);

/*
 * The descriptor to poll for reading; -1 when there is nothing to wait for,
 * which poll(2) skips. Do not read from it and do not close it.
 */
int cw_fd(const struct cw *cw);

/*
 * Read what has arrived and call the callback below. Never blocks; reads a
 * bounded amount. 0; -ENOTCONN; -EPIPE: the channel has ended: go on serving,
 * but take the descriptor out of epoll(7); cw_fd() is -1 from now on.
 */
int cw_dispatch(struct cw *cw);

/*
 * `fn` is called when clusterd orders to drain: stop accepting, finish what
 * runs within `grace_ms`, say cw_drained(), exit. Called once, from inside
 * cw_dispatch() or cw_listeners(), or from here when the order has come
 * already. `arg` is yours. cw_close() may not be called from it. A program
 * that neither sets this nor asks for listeners gets its kill signal instead.
 */
void cw_on_drain(struct cw *cw, void (*fn)(void *arg, int grace_ms), void *arg);

/* Milliseconds left to drain, 0 when they are over; -1: no order has come. */
int cw_drain_left_ms(const struct cw *cw);

#ifdef __cplusplus
}
#endif

#endif
