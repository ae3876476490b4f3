/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_link.h - a keeper for tests: link.h without a process behind it. What it
 * is told is kept as text, what it should hand over is put in.
 */
#ifndef TEST_FAKE_LINK_H
#define TEST_FAKE_LINK_H

#include "master/link.h"

void fake_link_reset(void);
/* "hold node:api/x\ndrop node:api/x\nsignal 3 9 group\n" since the last call.
 */
const char *fake_link_told(void);
/* Held under that name by an earlier master; `fd` is taken over. */
void fake_link_put(struct master *m, const char *name, int fd);

#endif
