/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scoreboard.c - the shared table that outlives the master.
 *
 * A field has one writer at a time, so plain stores do; what tells a reader
 * that others are valid (uid, exited, current) is stored last, with release.
 */
#include <clusterd/scoreboard.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/clock.h>

static struct scoreboard *
map(int fd)
{
	void *p = mmap(NULL, sizeof(struct scoreboard), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

int
scoreboard_create(struct scoreboard **board)
{
	int fd = memfd_create(
	    "clusterd-scoreboard", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct scoreboard *b;
	int rc;

	if (fd == -1)
		return -errno;
	if (ftruncate(fd, sizeof(struct scoreboard)) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		-1)
		goto fail;
	b = map(fd);
	if (b == NULL)
		goto fail;
	b->magic = SCOREBOARD_MAGIC;
	b->layout = SCOREBOARD_LAYOUT;
	atomic_init(&b->next_uid, 1);
	atomic_init(&b->next_generation, 1);
	b->started_wall_ms = clock_wall_ms();
	*board = b;
	return fd;
fail:
	rc = -errno;
	close(fd);
	return rc;
}

int
scoreboard_map(int fd, struct scoreboard **board)
{
	struct scoreboard *b;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -errno;
	if (st.st_size != (off_t)sizeof(struct scoreboard))
		return -EINVAL;
	b = map(fd);
	if (b == NULL)
		return -errno;
	if (b->magic != SCOREBOARD_MAGIC || b->layout != SCOREBOARD_LAYOUT) {
		scoreboard_unmap(b);
		return -EINVAL;
	}
	*board = b;
	return 0;
}

void
scoreboard_unmap(struct scoreboard *board)
{
	if (board != NULL)
		munmap(board, sizeof(*board));
}

void
scoreboard_slot_commit(
    struct scoreboard *board, uint32_t slot, const void *record, size_t len)
{
	struct board_slot *s = &board->slots[slot];
	uint32_t next;

	assert(slot < WORKERS_MAX && len <= SLOT_RECORD_SIZE);
	next =
	    1 - (atomic_load_explicit(&s->current, memory_order_relaxed) & 1);
	memcpy(s->copy[next], record, len);
	atomic_store_explicit(&s->current, next, memory_order_release);
}

void
scoreboard_slot_load(
    const struct scoreboard *board, uint32_t slot, void *record, size_t len)
{
	const struct board_slot *s = &board->slots[slot];
	uint32_t current;

	assert(slot < WORKERS_MAX && len <= SLOT_RECORD_SIZE);
	current = atomic_load_explicit(&s->current, memory_order_acquire) & 1;
	memcpy(record, s->copy[current], len);
}

int
scoreboard_slot_take(struct scoreboard *board)
{
	uint32_t high = atomic_load(&board->slots_high), i;
	struct board_slot *s;

	for (i = 0; i < high; i++) {
		if (atomic_load(&board->slots[i].used) == 0)
			break;
	}
	if (i == WORKERS_MAX)
		return -ENOSPC;
	s = &board->slots[i];
	/* Only in a page that has been used can there be something to wipe. */
	if (i < high)
		memset(s->copy, 0, sizeof(s->copy));
	else
		atomic_store(&board->slots_high, high + 1);
	atomic_store(&s->used, 1);
	return (int)i;
}

void
scoreboard_slot_free(struct scoreboard *board, uint32_t slot)
{
	assert(slot < WORKERS_MAX);
	atomic_store(&board->slots[slot].used, 0);
}

/* All but the uid, which says that the rest is valid. */
static void
reset_proc(struct board_proc *p, uint32_t slot)
{
	atomic_store(&p->pid, 0);
	atomic_store(&p->exited, 0);
	p->wait_status = 0;
	p->fail_stage = 0;
	p->fail_errno = 0;
	p->slot = slot;
	p->start_ticks = 0;
	p->forked_ms = 0;
	p->exited_ms = 0;
	p->cpu_us = 0;
	p->max_rss_bytes = 0;
}

int
scoreboard_proc_take(struct scoreboard *board, uint32_t slot)
{
	uint32_t high = atomic_load(&board->procs_high), i;
	struct board_proc *p;

	for (i = 0; i < high; i++) {
		if (atomic_load(&board->procs[i].uid) == 0)
			break;
	}
	if (i == WORKERS_MAX)
		return -ENOSPC;
	p = &board->procs[i];
	reset_proc(p, slot);
	if (i == high)
		atomic_store(&board->procs_high, high + 1);
	atomic_store_explicit(&p->uid, atomic_fetch_add(&board->next_uid, 1),
	    memory_order_release);
	return (int)i;
}
