/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listen.h - the options of a listener, as a table of keys.
 */
#ifndef CLUSTERD_CONFIG_LISTEN_H
#define CLUSTERD_CONFIG_LISTEN_H

#include "config/keys.h"

/* Rows into struct listener_spec; `kinds` says which listeners have it. */
const struct key_table *keys_of_listen(void);

#endif
