/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_selector.c - which slots somebody means.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "master/selector.h"
#include "master_rig.h"

static const char shop[] = "apps:\n"
			   "  - {name: web, namespace: front, script: w.js}\n"
			   "  - {name: web-admin, namespace: front,"
			   " script: a.js}\n"
			   "  - {name: api, script: x.js}\n"
			   "  - {name: front, namespace: other, script: f.js}\n"
			   "  - {name: \"7\", script: s.js}\n";

static struct master *m;
static char why[512];

/* web 0 1, web-admin 2, api 3 4, front 5, "7" 6 */
static void
set_up(void)
{
	m = master_rig_new(shop);
	master_rig_pool(m, "web", 2);
	master_rig_pool(m, "web-admin", 1);
	master_rig_pool(m, "api", 2);
	master_rig_pool(m, "front", 1);
	master_rig_pool(m, "7", 1);
}

static void
tear_down(void)
{
	master_rig_free(m);
}

TestSuite(selector, .init = set_up, .fini = tear_down);

/* The ids: "0 1 4". */
static const char *
ids(const char *text)
{
	static char out[256];
	struct selection sel;
	int rc = selector_resolve(m, text, &sel, why, sizeof(why));
	size_t len = 0;

	cr_assert_eq(rc, 0, "%s: %s", text, why);
	out[0] = '\0';
	for (size_t i = 0; i < sel.count; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%u",
		    i > 0 ? " " : "", sel.slots[i]->slot.pm_id);
	selection_fini(&sel);
	return out;
}

static int
refused(const char *text)
{
	struct selection sel;

	return selector_resolve(m, text, &sel, why, sizeof(why));
}

Test(selector, a_name_is_all_its_slots)
{
	cr_assert_str_eq(ids("web"), "0 1");
	cr_assert_str_eq(ids("api"), "3 4");
}

Test(selector, an_id_is_one_slot)
{
	cr_assert_str_eq(ids("4"), "4");
	cr_assert_eq(refused("12"), -ENOENT);
	cr_assert_eq(refused("99999999999999999999"), -ENOENT);
}

Test(selector, a_name_wins_over_an_id_and_a_namespace)
{
	cr_assert_str_eq(ids("7"), "6");
	cr_assert_str_eq(ids("front"), "5");
}

Test(selector, a_namespace_is_all_its_apps)
{
	cr_assert_str_eq(ids("other"), "5");
	cr_assert_str_eq(ids("default"), "3 4 6");
}

Test(selector, all_and_nothing_said_are_all)
{
	cr_assert_str_eq(ids("all"), "0 1 2 3 4 5 6");
	cr_assert_str_eq(ids(NULL), "0 1 2 3 4 5 6");
}

Test(selector, a_regex_looks_at_names)
{
	cr_assert_str_eq(ids("/^web/"), "0 1 2");
	cr_assert_str_eq(ids("/i$|nt/"), "3 4 5");
	cr_assert_eq(refused("/nothing/"), -ENOENT);
}

Test(selector, a_bad_regex_is_told)
{
	cr_assert_eq(refused("/a(/"), -EINVAL);
	cr_assert_not_null(strstr(why, "/a(/"), "%s", why);
}

Test(selector, several_with_commas_are_each_there_once)
{
	cr_assert_str_eq(ids("api,web"), "0 1 3 4");
	cr_assert_str_eq(ids("web,0,/web/,front"), "0 1 2 5");
	cr_assert_str_eq(ids("/a{1,2}pi/,web-admin"), "2 3 4");
	cr_assert_eq(refused("web,,api"), -ENOENT);
	cr_assert_eq(refused(""), -ENOENT);
}

Test(selector, nothing_that_matches_gets_a_suggestion)
{
	cr_assert_eq(refused("wbe"), -ENOENT);
	cr_assert_not_null(strstr(why, "did you mean \"web\"?"), "%s", why);
	cr_assert_eq(refused("web,qqqqqqqqq"), -ENOENT);
	cr_assert_not_null(strstr(why, "\"qqqqqqqqq\""), "%s", why);
	cr_assert_null(strstr(why, "did you mean"), "%s", why);
}

Test(selector, too_long_a_part_is_refused)
{
	char text[400];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cr_assert_eq(refused(text), -EINVAL);
}

Test(selector, a_slot_on_its_way_out_is_not_meant)
{
	struct pool *p = TAILQ_FIRST(&m->pools);

	master_rig_slot(p, 1)->slot.removing = 1;
	cr_assert_str_eq(ids("web"), "0");
	cr_assert_eq(refused("1"), -ENOENT);
}

Test(selector, it_says_whether_whole_apps_are_meant)
{
	struct selection sel;

	cr_assert_eq(selector_resolve(m, "web,7", &sel, why, sizeof(why)), 0);
	cr_assert(sel.whole_pools);
	selection_fini(&sel);
	cr_assert_eq(selector_resolve(m, "web,3", &sel, why, sizeof(why)), 0);
	cr_assert_not(sel.whole_pools);
	selection_fini(&sel);
}

Test(selector, each_pool_is_counted_once)
{
	struct pool *pools[APPS_MAX];
	struct selection sel;

	cr_assert_eq(selector_resolve(m, "web,api", &sel, why, sizeof(why)), 0);
	cr_assert_eq(selection_pools(&sel, pools), 2);
	cr_assert_str_eq(pools[0]->name, "web");
	cr_assert_str_eq(pools[1]->name, "api");
	selection_fini(&sel);
}
