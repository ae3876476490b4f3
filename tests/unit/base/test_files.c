/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/compiler.h>
#include <clusterd/files.h>

static char dir[64];

static void
make_dir(void)
{
	strcpy(dir, "/tmp/clusterd-test-files-XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
}

static void
remove_dir(void)
{
	static const char *const left[] = { "f", "fifo", "bin/tool", "bin/note",
		"bin/dir", "bin", "a/b/c", "a/b", "a" };

	for (size_t i = 0; i < COUNT(left); i++)
		remove(left[i]);
	cr_assert_eq(chdir("/"), 0);
	cr_assert_eq(rmdir(dir), 0);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	cr_assert_neq(fd, -1);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

TestSuite(files, .init = make_dir, .fini = remove_dir);

Test(files, reads_a_file_behind_what_is_there)
{
	struct buf b;

	write_file("f", "hello", 0600);
	buf_init(&b, 100);
	cr_assert_eq(buf_append(&b, "> ", 2), 0);
	cr_assert_eq(file_read("f", &b), 0);
	cr_assert_eq(b.len, 7);
	cr_assert_eq(memcmp(b.data, "> hello", 7), 0);
	buf_fini(&b);
}

Test(files, reads_exactly_up_to_the_bound)
{
	struct buf b;

	write_file("f", "hello", 0600);
	buf_init(&b, 5);
	cr_assert_eq(file_read("f", &b), 0);
	cr_assert_eq(b.len, 5);
	buf_fini(&b);
	buf_init(&b, 4);
	cr_assert_eq(file_read("f", &b), -EFBIG);
	cr_assert_eq(b.len, 0);
	cr_assert_null(b.data);
}

Test(files, reads_files_that_do_not_know_their_size)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	cr_assert_eq(file_read("/proc/self/status", &b), 0);
	cr_assert_gt(b.len, 100);
	buf_fini(&b);
	buf_init(&b, 16);
	cr_assert_eq(file_read("/proc/self/status", &b), -EFBIG);
	cr_assert_null(b.data);
}

Test(files, refuses_what_is_not_a_regular_file, .timeout = 10)
{
	struct buf b;

	buf_init(&b, 100);
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	cr_assert_eq(file_read("fifo", &b), -EINVAL);
	cr_assert_eq(file_read(".", &b), -EISDIR);
	cr_assert_eq(file_read("missing", &b), -ENOENT);
	cr_assert_null(b.data);
}

Test(files, makes_folders)
{
	struct stat st;

	cr_assert_eq(file_mkdirs("a/b//c/", 0700), 0);
	cr_assert_eq(stat("a/b/c", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0700);
	cr_assert_eq(file_mkdirs("a/b/c", 0755), 0);
	write_file("f", "", 0600);
	cr_assert_eq(file_mkdirs("f/x", 0755), -ENOTDIR);
	cr_assert_eq(file_mkdirs("", 0755), -ENOENT);
	cr_assert_eq(file_mkdirs("/", 0755), 0);
}

Test(files, joins_paths)
{
	char out[16];

	cr_assert_eq(path_join("/srv", "app.js", out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/srv/app.js");
	cr_assert_eq(path_join("/srv/", ".//./x", out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/srv/x");
	cr_assert_eq(path_join("/srv", "/x", out, sizeof(out)), 0);
	cr_assert_str_eq(out, "/x");
	cr_assert_eq(path_join("/srv", "0123456789", out, sizeof(out)), 0);
	cr_assert_eq(
	    path_join("/srv", "0123456789a", out, sizeof(out)), -ENAMETOOLONG);
}

Test(files, searches_a_path)
{
	char out[4096], expected[4096];

	cr_assert_eq(mkdir("bin", 0755), 0);
	cr_assert_eq(mkdir("bin/dir", 0755), 0);
	write_file("bin/tool", "#!/bin/sh\n", 0755);
	write_file("bin/note", "text", 0644);
	snprintf(expected, sizeof(expected), "%s/bin/tool", dir);
	cr_assert_eq(
	    path_search("tool", "/nowhere:bin", dir, out, sizeof(out)), 0);
	cr_assert_str_eq(out, expected);
	cr_assert_eq(path_search("bin/tool", NULL, dir, out, sizeof(out)), 0);
	cr_assert_str_eq(out, expected);
	snprintf(expected, sizeof(expected), "%s/bin/note", dir);
	cr_assert_eq(
	    path_search("note", "bin::/nowhere", dir, out, sizeof(out)),
	    -EACCES);
	cr_assert_str_eq(out, expected);
	cr_assert_eq(path_search("dir", "bin", dir, out, sizeof(out)), -ENOENT);
	cr_assert_eq(path_search("none", "", dir, out, sizeof(out)), -ENOENT);
	cr_assert_eq(path_search("", "bin", dir, out, sizeof(out)), -ENOENT);
	cr_assert_eq(path_search("sh", NULL, dir, out, sizeof(out)), 0);
	cr_assert_str_eq(out + strlen(out) - 7, "/bin/sh");
}
