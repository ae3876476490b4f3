/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - words for people that come from a worker, made fit to be shown.
 */
#ifndef IPC_TEXT_H
#define IPC_TEXT_H

#include <stddef.h>

/* Control bytes, and bytes that are not UTF-8, become '?', in place. */
void text_make_printable(char *text, size_t len);

#endif
