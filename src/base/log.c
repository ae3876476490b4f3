/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c - clusterd's own lines, on stderr.
 */
#include <clusterd/log.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clusterd/clock.h>

enum { LINE_MAX_BYTES = 2048 };

enum style { STYLE_PLAIN, STYLE_JOURNAL, STYLE_TERMINAL };

/* clang-format off */
static const struct {
	const char *name;     /* "" in front of information: nothing to say */
	const char *priority; /* sd-daemon(3) */
	const char *colour;
} levels[] = {
	[LOG_LEVEL_ERROR]   = { "error",   "<3>", "\033[31m" },
	[LOG_LEVEL_WARNING] = { "warning", "<4>", "\033[33m" },
	[LOG_LEVEL_INFO]    = { "info",    "<6>", "" },
	[LOG_LEVEL_DEBUG]   = { "debug",   "<7>", "\033[2m" },
};
/* clang-format on */

/*
 * The one state at file level: a line must be possible anywhere, also where
 * nobody handed anything down.
 */
static struct {
	const char *who; /* borrowed for ever */
	enum log_level level;
	enum style style;
	char path[PATH_MAX]; /* of stderr; "": not a file */
} self = { "clusterd", LOG_LEVEL_INFO, STYLE_PLAIN, "" };

/* $JOURNAL_STREAM is "DEVICE:INODE" of the journal's end (systemd.exec(5)). */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	if (stream == NULL || sscanf(stream, "%llu:%llu", &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

static enum style
find_style(void)
{
	const char *no_colour = getenv("NO_COLOR");

	if (is_journal())
		return STYLE_JOURNAL;
	if (isatty(STDERR_FILENO) == 1 &&
	    (no_colour == NULL || no_colour[0] == '\0'))
		return STYLE_TERMINAL;
	return STYLE_PLAIN;
}

/* The kernel keeps the name; a file that is gone already is "... (deleted)". */
static void
find_path(void)
{
	ssize_t n = 0;
	struct stat st;

	if (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_nlink > 0)
		n = readlink(
		    "/proc/self/fd/2", self.path, sizeof(self.path) - 1);
	self.path[n > 0 ? n : 0] = '\0';
}

void
log_init(const char *who, enum log_level level)
{
	const char *wanted = getenv("CLUSTERD_LOG_LEVEL");
	int saved = errno;

	self.who = who;
	self.level = level;
	for (size_t i = 0; wanted != NULL && i < COUNT(levels); i++) {
		if (strcasecmp(wanted, levels[i].name) == 0)
			self.level = (enum log_level)i;
	}
	self.style = find_style();
	find_path();
	errno = saved;
}

void
log_reopen(void)
{
	int fd;

	if (self.path[0] == '\0')
		return;
	fd = open(self.path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	if (fd == -1) {
		log_error("cannot open %s again: %m", self.path);
		return;
	}
	dup2(fd, STDERR_FILENO);
	close(fd);
}

static size_t
put_prefix(char *line, size_t size, enum log_level level)
{
	char iso[CLOCK_ISO_LEN];
	int n = 0;

	clock_iso(clock_wall_ms(), iso);
	switch (self.style) {
	case STYLE_JOURNAL:
		n = snprintf(
		    line, size, "%s%s: ", levels[level].priority, self.who);
		break;
	case STYLE_TERMINAL:
		n = snprintf(line, size, "%s%s %s %s: ", levels[level].colour,
		    iso + sizeof("2026-11-20T") - 1, self.who,
		    levels[level].name);
		break;
	case STYLE_PLAIN:
		n = snprintf(line, size, "%s %s %s: ", iso, self.who,
		    levels[level].name);
		break;
	}
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

/* Nobody's text may end our line early or steer a terminal. */
static void
mask_control_bytes(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	}
}

static void write_line(enum log_level level, const char *fmt, va_list ap)
    PRINTF_LIKE(2, 0);

static void
write_line(enum log_level level, const char *fmt, va_list ap)
{
	static const char reset[] = "\033[0m", cut[] = "...";
	char line[LINE_MAX_BYTES];
	size_t room = sizeof(line) - sizeof(reset), at, text_at;
	int saved = errno, n; /* for %m */

	at = text_at = put_prefix(line, room / 2, level);
	errno = saved;
	n = vsnprintf(line + at, room - at, fmt, ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= room - at) {
		at = room - 1;
		memcpy(line + at - (sizeof(cut) - 1), cut, sizeof(cut) - 1);
	} else {
		at += (size_t)n;
	}
	mask_control_bytes(line + text_at, at - text_at);
	if (self.style == STYLE_TERMINAL && levels[level].colour[0] != '\0') {
		memcpy(line + at, reset, sizeof(reset) - 1);
		at += sizeof(reset) - 1;
	}
	line[at++] = '\n';
	while (write(STDERR_FILENO, line, at) == -1 && errno == EINTR)
		continue;
	errno = saved;
}

/* clang-format off */
#define DEFINE_LEVEL(function, lowest)					\
	void								\
	function(const char *fmt, ...)					\
	{								\
		va_list ap;						\
									\
		if (self.level < (lowest))				\
			return;						\
		va_start(ap, fmt);					\
		write_line(lowest, fmt, ap);				\
		va_end(ap);						\
	}

DEFINE_LEVEL(log_error, LOG_LEVEL_ERROR)
DEFINE_LEVEL(log_warning, LOG_LEVEL_WARNING)
DEFINE_LEVEL(log_info, LOG_LEVEL_INFO)
DEFINE_LEVEL(log_debug, LOG_LEVEL_DEBUG)
/* clang-format on */
