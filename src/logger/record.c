/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.c - a line of a worker as a record of a log file.
 *
 * The hot path of the logger: no printf and no allocation between a line and
 * its record.
 */
#include "logger/record.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <clusterd/clock.h>

static size_t
put(char *out, const char *text)
{
	size_t len = strlen(text);

	memcpy(out, text, len);
	return len;
}

static size_t
put_number(char *out, uint64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	memcpy(out, digits + i, sizeof(digits) - i);
	return sizeof(digits) - i;
}

/*
 * Non-zero if one of eight bytes needs a look: below 0x20, '"', '\\', or from
 * 0x7f on. (x - 0x01..) & ~x & 0x80.. finds zero bytes; a byte next to a hit
 * may be reported too, which costs a look and no more.
 */
static uint64_t
is_special(uint64_t x)
{
	const uint64_t ones = 0x0101010101010101ULL, high = ones * 0x80;
	uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');

	return (((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) |
		   ((slash - ones) & ~slash) | (x + ones) | x) &
	       high;
}

/*
 * The bytes that belong together at `p`: a valid UTF-8 character (`*valid`), or
 * what one U+FFFD stands for: the longest begin of a character (Unicode 3.9).
 */
static size_t
utf8_unit(const unsigned char *p, size_t len, bool *valid)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t need, i;

	*valid = false;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 1;
	need = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0; /* shorter forms exist */
	else if (p[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f; /* above U+10FFFF */
	for (i = 1; i < need; i++) {
		if (i == len || p[i] < low || p[i] > high)
			return i;
		low = 0x80;
		high = 0xbf;
	}
	*valid = true;
	return need;
}

static size_t
put_control(char *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char shorts[256] = {
		['"'] = '"',
		['\\'] = '\\',
		['\b'] = 'b',
		['\f'] = 'f',
		['\n'] = 'n',
		['\r'] = 'r',
		['\t'] = 't',
	};

	out[0] = '\\';
	if (shorts[c]) {
		out[1] = shorts[c];
		return 2;
	}
	memcpy(out + 1, "u00", 3);
	out[4] = hex[c >> 4];
	out[5] = hex[c & 15];
	return 6;
}

/* One character that is_special() has found, or not; returns bytes taken. */
static size_t
escape_one(char **out, const unsigned char *p, size_t len)
{
	bool valid;
	size_t n;

	if (*p >= 0x80) {
		n = utf8_unit(p, len, &valid);
		if (valid) {
			memcpy(*out, p, n);
			*out += n;
		} else {
			*out += put(*out, "\xef\xbf\xbd");
		}
		return n;
	}
	if (*p < 0x20 || *p == '"' || *p == '\\' || *p == 0x7f)
		*out += put_control(*out, *p);
	else
		*(*out)++ = (char)*p;
	return 1;
}

size_t
record_escape(char *out, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + len;
	char *o = out;
	uint64_t x;

	while (p < end) {
		if (end - p >= 8) {
			memcpy(&x, p, 8);
			if (!is_special(x)) {
				memcpy(o, p, 8);
				o += 8;
				p += 8;
				continue;
			}
		}
		p += escape_one(&o, p, (size_t)(end - p));
	}
	return (size_t)(o - out);
}

static void
frame_json(struct record_frame *f, const struct record_source *src,
    const char *time_text)
{
	char *h = f->head, *t = f->tail;

	h += put(h, "{\"timestamp\":\"");
	h += put(h, time_text);
	h += put(h, "\",\"type\":\"");
	h += put(h, src->type);
	h += put(h, "\",\"app_name\":\"");
	h += record_escape(h, src->app, strnlen(src->app, APP_NAME_MAX - 1));
	h += put(h, "\",\"process_id\":");
	h += put_number(h, src->pm_id);
	h += put(h, ",\"message\":\"");
	f->head_len = (size_t)(h - f->head);

	t += put(t, "\",\"pid\":");
	t += put_number(t, (uint64_t)src->pid);
	t += put(t, ",\"instance\":");
	t += put_number(t, src->instance);
	t += put(t, ",\"generation\":");
	t += put_number(t, src->generation);
	t += put(t, ",\"seq\":");
	f->tail_len = (size_t)(t - f->tail);
}

/* PM2's form: the time, a colon, a blank. */
static void
frame_raw(struct record_frame *f, const char *time_format, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (!*time_format || !localtime_r(&seconds, &tm))
		return;
		/* The format is the user's, from the configuration. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	f->head_len = strftime(f->head, sizeof(f->head) - 2, time_format, &tm);
#pragma GCC diagnostic pop
	if (f->head_len > 0)
		f->head_len += put(f->head + f->head_len, ": ");
}

void
record_frame(struct record_frame *f, enum log_format format,
    const char *time_format, const struct record_source *src, int64_t wall_ms)
{
	char time_text[CLOCK_ISO_LEN];

	f->format = format;
	f->head_len = 0;
	f->tail_len = 0;
	if (format == LOG_RAW) {
		frame_raw(f, time_format, wall_ms);
		return;
	}
	clock_iso(wall_ms, time_text);
	frame_json(f, src, time_text);
	assert(f->head_len < RECORD_HEAD_MAX && f->tail_len < RECORD_TAIL_MAX);
}

size_t
record_bound(size_t len)
{
	return RECORD_HEAD_MAX + RECORD_TAIL_MAX + 64 + len * RECORD_BYTE_MAX;
}

size_t
record_write(char *out, const struct record_frame *f, const char *line,
    size_t len, uint64_t seq, bool split)
{
	char *o = out;

	memcpy(o, f->head, f->head_len);
	o += f->head_len;
	if (f->format == LOG_RAW) {
		memcpy(o, line, len);
		o[len] = '\n';
		return f->head_len + len + 1;
	}
	if (!split && len > 0 && line[len - 1] == '\r')
		len--;
	o += record_escape(o, line, len);
	memcpy(o, f->tail, f->tail_len);
	o += f->tail_len;
	o += put_number(o, seq);
	if (split)
		o += put(o, ",\"split\":true");
	o += put(o, "}\n");
	return (size_t)(o - out);
}

size_t
record_write_lost(char *out, enum log_format format, int64_t wall_ms,
    uint64_t lost, int error)
{
	char time_text[CLOCK_ISO_LEN], why[128];
	const char *lines = lost == 1 ? "line was" : "lines were";
	int n;

	snprintf(why, sizeof(why), "%s", strerror(error));
	if (why[0] >= 'A' && why[0] <= 'Z')
		why[0] = (char)(why[0] - 'A' + 'a');
	clock_iso(wall_ms, time_text);
	if (format == LOG_RAW)
		n = snprintf(out, RECORD_HEAD_MAX,
		    "%s clusterd: %" PRIu64 " %s lost: %s\n", time_text, lost,
		    lines, why);
	else
		n = snprintf(out, RECORD_HEAD_MAX,
		    "{\"timestamp\":\"%s\",\"type\":\"process_event\","
		    "\"message\":\"%" PRIu64 " %s lost: %s\","
		    "\"lost\":%" PRIu64 "}\n",
		    time_text, lost, lines, why, lost);
	return (size_t)n;
}
