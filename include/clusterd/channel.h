/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h - messages and descriptors between master and one worker.
 *
 * Our end of a stream socketpair. Both directions carry lines of UTF-8 text
 * ended by '\n': JSON for Node (node.h), words for everybody else (native.h).
 * One descriptor may ride on the first byte of a line.
 */
#ifndef CLUSTERD_CHANNEL_H
#define CLUSTERD_CHANNEL_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include <clusterd/compiler.h>

struct channel;

struct channel_ops {
	/*
	 * One line, NUL-terminated, without its '\n'; valid during the call.
	 * `fd` is -1 or a descriptor that came with it, the callee's to close.
	 * The callee may call channel_close(), not channel_free().
	 */
	void (*on_line)(void *arg, char *line, size_t len, int fd);
	/*
	 * The peer is gone: 0 its end is closed, else -errno; -EMSGSIZE: a line
	 * longer than CHANNEL_LINE_MAX, -ENOBUFS: the peer does not read and
	 * the queue is full. The channel is closed already and may be freed
	 * from here. Called once, never from within channel_send(), and not
	 * when we close the channel ourselves.
	 */
	void (*on_end)(void *arg, int error);
};

/*
 * Takes `fd` (made non-blocking) over; reads from the next loop iteration on.
 * `ops` and `arg` are borrowed. NULL when out of memory (fd stays the
 * caller's).
 */
struct channel *channel_new(struct ev_loop *loop, int fd,
    const struct channel_ops *ops, void *arg) MUST_CHECK;
void channel_close(struct channel *ch); /* drops what is queued; idempotent */
void channel_free(struct channel *ch);	/* closes; not from on_line */
bool channel_is_open(const struct channel *ch);
int channel_fd(const struct channel *ch);

enum channel_flags {
	/*
	 * Node: after a handle nothing but acknowledgements may follow until
	 * the peer has acknowledged it. Lines behind it wait in the queue until
	 * channel_acked().
	 */
	CHANNEL_WAIT_ACK = 1,
	CHANNEL_URGENT = 2, /* overtakes lines that wait for an ack */
};

/*
 * Queue one line (without '\n'). `fd` is -1 or a descriptor to go with it; it
 * is duplicated, the caller keeps its own. 0, -EPIPE (closed), -ENOBUFS (more
 * than CHANNEL_QUEUE_MAX queued; on_end follows), -ENOMEM, -EMFILE.
 */
int channel_send(struct channel *ch, const char *line, size_t len, int fd,
    unsigned flags) MUST_CHECK;
void channel_acked(struct channel *ch);

/*
 * Read what has already arrived, now, at most 1 MiB of it: called when a
 * worker's exit is known, so that its last words are heard before its death.
 * on_end() comes from here when the peer has closed its end. Not from on_line.
 */
void channel_read_rest(struct channel *ch);

#endif
