/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - clusterd's own lines, on stderr.
 *
 * One line an event: who, what, how much, what next. A line is one write(2), so
 * that keeper, master and logger can share a stderr. Under systemd (stderr is
 * the journal, $JOURNAL_STREAM) a line begins with its priority, "<4>", and has
 * no time; elsewhere it is "2026-11-20T07:24:22.123Z clusterd warning: text",
 * on a terminal without the date and with a colour.
 */
#ifndef CLUSTERD_LOG_H
#define CLUSTERD_LOG_H

#include <clusterd/compiler.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* `who` is borrowed for ever ("clusterd", "clusterd logger"). */
void log_init(const char *who, enum log_level level);

/*
 * After a rotation: when stderr was a file at log_init(), open the path it had
 * then anew. On failure the old file stays.
 */
void log_reopen(void);

void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
