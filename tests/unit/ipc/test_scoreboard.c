/* SPDX-License-Identifier: Apache-2.0 */
#include <clusterd/scoreboard.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scoreboard *board;
static int fd;

static void
create(void)
{
	fd = scoreboard_create(&board);
	cr_assert_geq(fd, 0);
}

static void
unmap(void)
{
	scoreboard_unmap(board);
	close(fd);
}

TestSuite(scoreboard, .init = create, .fini = unmap);

Test(scoreboard, all_who_map_it_see_the_same)
{
	struct scoreboard *other;
	int index;

	cr_assert_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	cr_assert_eq(scoreboard_map(fd, &other), 0);
	index = scoreboard_proc_take(board, 5);
	cr_assert_eq(index, 0);
	cr_assert_eq(atomic_load(&other->procs[0].uid), 1);
	cr_assert_eq(other->procs[0].slot, 5);
	cr_assert_eq(atomic_load(&other->procs_high), 1);
	scoreboard_unmap(other);
}

Test(scoreboard, cannot_be_resized)
{
	cr_assert_eq(ftruncate(fd, 10), -1);
	cr_assert_eq(ftruncate(fd, sizeof(struct scoreboard) * 2), -1);
}

Test(scoreboard, what_is_none_is_not_mapped)
{
	struct scoreboard *other = NULL;
	int null = open("/dev/null", O_RDWR);

	cr_assert_eq(scoreboard_map(null, &other), -EINVAL);
	board->layout++;
	cr_assert_eq(scoreboard_map(fd, &other), -EINVAL);
	board->layout--;
	board->magic = 0;
	cr_assert_eq(scoreboard_map(fd, &other), -EINVAL);
	cr_assert_eq(scoreboard_map(-1, &other), -EBADF);
	cr_assert_null(other);
	close(null);
}

Test(scoreboard, uids_are_never_used_again_entries_are)
{
	int a = scoreboard_proc_take(board, 1), b;

	board->procs[a].fail_errno = ENOENT;
	board->procs[a].wait_status = 256;
	atomic_store(&board->procs[a].exited, 1);
	atomic_store(&board->procs[a].pid, 77);
	atomic_store(&board->procs[a].uid, 0); /* as the keeper does */
	b = scoreboard_proc_take(board, 2);
	cr_assert_eq(a, b);
	cr_assert_eq(atomic_load(&board->procs[b].uid), 2);
	cr_assert_eq(atomic_load(&board->procs[b].pid), 0);
	cr_assert_eq(atomic_load(&board->procs[b].exited), 0);
	cr_assert_eq(board->procs[b].fail_errno, 0);
	cr_assert_eq(board->procs[b].wait_status, 0);
	cr_assert_eq(atomic_load(&board->procs_high), 1);
}

Test(scoreboard, there_is_an_end_to_it)
{
	for (int i = 0; i < WORKERS_MAX; i++) {
		cr_assert_eq(scoreboard_proc_take(board, 0), i);
		cr_assert_eq(scoreboard_slot_take(board), i);
	}
	cr_assert_eq(scoreboard_proc_take(board, 0), -ENOSPC);
	cr_assert_eq(scoreboard_slot_take(board), -ENOSPC);
	scoreboard_slot_free(board, 7);
	cr_assert_eq(scoreboard_slot_take(board), 7);
}

Test(scoreboard, a_slot_record_changes_all_at_once)
{
	char record[100], got[100];
	uint32_t slot = (uint32_t)scoreboard_slot_take(board), written;

	memset(record, 'a', sizeof(record));
	scoreboard_slot_commit(board, slot, record, sizeof(record));
	/* A master that dies while it writes leaves the other copy half. */
	written = atomic_load(&board->slots[slot].current);
	memset(board->slots[slot].copy[1 - written], 'b', 50);
	scoreboard_slot_load(board, slot, got, sizeof(got));
	cr_assert_eq(memcmp(got, record, sizeof(got)), 0);

	memset(record, 'c', sizeof(record));
	scoreboard_slot_commit(board, slot, record, sizeof(record));
	cr_assert_neq(atomic_load(&board->slots[slot].current), written);
	scoreboard_slot_load(board, slot, got, sizeof(got));
	cr_assert_eq(memcmp(got, record, sizeof(got)), 0);
}

Test(scoreboard, a_slot_taken_again_is_empty)
{
	char zero[SLOT_RECORD_SIZE] = "", record[SLOT_RECORD_SIZE];
	uint32_t slot = (uint32_t)scoreboard_slot_take(board);

	memset(record, 'a', sizeof(record));
	scoreboard_slot_commit(board, slot, record, sizeof(record));
	scoreboard_slot_free(board, slot);
	cr_assert_eq(scoreboard_slot_take(board), (int)slot);
	scoreboard_slot_load(board, slot, record, sizeof(record));
	cr_assert_eq(memcmp(record, zero, sizeof(record)), 0);
}

Test(scoreboard, entries_never_used_take_no_memory)
{
	struct stat st;

	cr_assert_eq(scoreboard_slot_take(board), 0);
	cr_assert_eq(scoreboard_proc_take(board, 0), 0);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_lt(st.st_blocks * 512, 64 * 1024);
}
