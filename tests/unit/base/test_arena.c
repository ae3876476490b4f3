/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include <clusterd/arena.h>

Test(arena, gives_zeroed_aligned_memory)
{
	struct arena *a = arena_new(1 << 20);

	for (size_t n = 1; n < 3000; n += 37) {
		unsigned char *p = arena_alloc(a, n);

		cr_assert_not_null(p);
		cr_assert_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			cr_assert_eq(p[i], 0);
		memset(p, 0xff, n);
	}
	arena_free(a);
}

Test(arena, a_large_object_does_not_waste_the_block_in_use)
{
	struct arena *a = arena_new(1 << 20);
	char *first = arena_alloc(a, 16), *large, *second;

	large = arena_alloc(a, 100000);
	second = arena_alloc(a, 16);
	cr_assert_not_null(large);
	cr_assert_eq(second, first + 16);
	memset(large, 1, 100000);
	cr_assert_eq(second[0], 0);
	arena_free(a);
}

Test(arena, stops_at_its_bound)
{
	struct arena *a = arena_new(64);

	cr_assert_not_null(arena_alloc(a, 48));
	cr_assert_null(arena_alloc(a, 17));
	cr_assert_null(arena_alloc(a, SIZE_MAX));
	cr_assert_not_null(arena_alloc(a, 16));
	cr_assert_null(arena_alloc(a, 0));
	arena_free(a);
}

Test(arena, copies_and_formats_strings)
{
	struct arena *a = arena_new(1 << 16);

	cr_assert_str_eq(arena_strdup(a, "api"), "api");
	cr_assert_str_eq(arena_strndup(a, "application", 3), "app");
	cr_assert_str_eq(arena_strndup(a, "ab", 30), "ab");
	cr_assert_str_eq(arena_printf(a, "%s[%d]", "api", 3), "api[3]");
	cr_assert_null(arena_strdup(a, NULL));
	cr_assert_null(arena_strndup(a, NULL, 3));
	arena_free(a);
	arena_free(NULL);
}
