/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tree.c - YAML and JSON as nodes with positions.
 */
#include "helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/tree.h"

static struct arena *arena;
static struct config_errors errors;

static void
setup(void)
{
	arena = arena_new(64 * 1024 * 1024);
	config_errors_init(&errors);
}

static void
teardown(void)
{
	arena_free(arena);
	config_errors_fini(&errors);
}

static struct node *
read_text(const char *text, bool json)
{
	struct tree t = { .arena = arena, .errors = &errors, .path = "f" };

	return json ? json_read(&t, text, strlen(text))
		    : yaml_read(&t, text, strlen(text));
}

static void
expect_at(const struct node *n, int line, int column, const char *text)
{
	cr_assert_eq(n->pos.line, line);
	cr_assert_eq(n->pos.column, column, "column %d", n->pos.column);
	cr_assert_str_eq(n->text, text);
}

Test(tree, json_and_yaml_agree, .init = setup, .fini = teardown)
{
	const char *text = "{\n\"a\": [1, \"\xc3\xa4\", null],"
			   " \"b\": {\"c\": \"d\"}\n}";
	const struct node *n;
	int json;

	for (json = 0; json < 2; json++) {
		n = read_text(text, json);
		cr_assert_not_null(n);
		cr_assert_eq(n->count, 2);
		cr_assert_eq(n->weight, 7);
		cr_assert_eq(n->height, 3);
		expect_at(n->pairs[0].value->items[0], 2, 7, "1");
		expect_at(n->pairs[0].value->items[1], 2, 10, "\xc3\xa4");
		cr_assert(n->pairs[0].value->items[1]->quoted);
		cr_assert(node_is_null(n->pairs[0].value->items[2]));
		cr_assert_eq(n->pairs[1].pos.column, 22);
		expect_at(n->pairs[1].value->pairs[0].value, 2, 33, "d");
	}
}

Test(tree, json_strings_are_unescaped, .init = setup, .fini = teardown)
{
	const struct node *n =
	    read_text("\t[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\","
		      "\"\\u00e4\\u20ac\\ud83d\\ude00\\u0041\", \"\"]",
		true);

	cr_assert_not_null(n);
	cr_assert_str_eq(n->items[0]->text, "\"\\/\b\f\n\r\t");
	cr_assert_str_eq(n->items[1]->text,
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"
	    "A");
	cr_assert_str_eq(n->items[2]->text, "");
	cr_assert_not(node_is_null(n->items[2]));
}

Test(tree, json_lists_and_maps_may_be_empty, .init = setup, .fini = teardown)
{
	const struct node *n = read_text("[ [ ], {\n}, -1.5e3,true ]", true);

	cr_assert_eq(n->count, 4);
	cr_assert_eq(n->items[0]->count, 0);
	cr_assert_eq(n->items[1]->kind, NODE_MAP);
	cr_assert_str_eq(n->items[2]->text, "-1.5e3");
	cr_assert_str_eq(n->items[3]->text, "true");
}

Test(tree, byte_order_mark_is_no_matter, .init = setup, .fini = teardown)
{
	cr_assert_not_null(read_text("\xef\xbb\xbf[1]", true));
	cr_assert_not_null(read_text("\xef\xbb\xbf[1]", false));
}

Test(tree, merged_keys_give_way_to_own, .init = setup, .fini = teardown)
{
	const struct node *n =
	    read_text("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\n"
		      "z: {c: 3, <<: [*x, *y]}\nq: {\"<<\": 1}\n",
		false);
	const struct node *z;

	cr_assert_not_null(n);
	z = node_find(n, "z")->value;
	cr_assert_eq(z->count, 3);
	cr_assert_str_eq(node_find(z, "a")->value->text, "1");
	cr_assert_str_eq(node_find(z, "b")->value->text, "1");
	cr_assert_str_eq(node_find(z, "c")->value->text, "3");
	cr_assert_not_null(node_find(node_find(n, "q")->value, "<<"));
}

Test(tree, deepest_nesting_is_read_and_one_more_is_not, .init = setup,
    .fini = teardown)
{
	char text[256];
	int json, depth;

	for (json = 0; json < 2; json++)
		for (depth = TREE_DEPTH_MAX; depth <= TREE_DEPTH_MAX + 1;
		     depth++) {
			memset(text, '[', (size_t)depth);
			memset(text + depth, ']', (size_t)depth);
			text[2 * depth] = '\0';
			cr_expect_eq(read_text(text, json) != NULL,
			    depth == TREE_DEPTH_MAX, "depth %d", depth);
		}
	cr_assert(has_error(&errors, "nested deeper than 64 levels"));
}

Test(tree, depth_counts_through_aliases, .init = setup, .fini = teardown)
{
	char text[4096] = "a0: &a0 [x]\n";
	int i;

	for (i = 1; i < 70; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "a%d: &a%d [*a%d]\n", i, i, i - 1);
	cr_assert_null(read_text(text, false));
	cr_assert(has_error(&errors, "nested deeper than 64 levels"));
}

Test(tree, number_of_values_is_bounded, .init = setup, .fini = teardown)
{
	size_t n = TREE_NODES_MAX + 1, i;
	char *text = malloc(2 * n + 2);
	int json;

	text[0] = '[';
	for (i = 0; i < n; i++)
		memcpy(text + 1 + 2 * i, "1,", 2);
	memcpy(text + 2 * n, "]", 2);
	for (json = 0; json < 2; json++)
		cr_expect_null(read_text(text, json));
	cr_assert(has_error(&errors, "more than 100000 values"));
	free(text);
}

/* One map of many keys: duplicates are found without comparing all pairs. */
Test(tree, map_of_many_keys_is_read_in_time, .init = setup, .fini = teardown,
    .timeout = 20)
{
	size_t n = 40000, i, used = 0, size = 16 * n;
	char *text = malloc(size);
	const struct node *map;

	for (i = 0; i < n; i++)
		used +=
		    (size_t)snprintf(text + used, size - used, "k%zu: 1\n", i);
	map = read_text(text, false);
	cr_assert_not_null(map);
	cr_assert_eq(map->count, n);
	cr_assert_str_eq(map->pairs[n - 1].key, "k39999");
	snprintf(text + used, size - used, "k7: 1\n");
	cr_assert_null(read_text(text, false));
	cr_assert(has_error(
	    &errors, "f:40001:1: key \"k7\" is given twice, first in line 8"));
	free(text);
}
