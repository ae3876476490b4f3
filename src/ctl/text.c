/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - text of others on a person's terminal: made harmless, measured, cut.
 */
#include "ctl/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

/* clang-format off */
/* Two columns: East Asian wide and fullwidth, and pictographs. */
static const struct range wide[] = {
	{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0x33ff },
	{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xa000, 0xa4cf },
	{ 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f },
	{ 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f },
	{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};
/* None: they sit on the character before. */
static const struct range combining[] = {
	{ 0x0300, 0x036f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },
	{ 0x200b, 0x200d }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f },
};
/* What moves the cursor, or turns the direction of writing. */
static const struct range harmful[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x200e, 0x200f },
	{ 0x2028, 0x202e }, { 0x2066, 0x2069 },
};
/* clang-format on */

static bool
is_in(uint32_t c, const struct range *r, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (c >= r[i].first && c <= r[i].last)
			return true;
	}
	return false;
}

/* The character at `s` and its length; 0 when it is not UTF-8. */
static size_t
decode(const char *s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t n, i;

	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	*c = p[0] & (0xffu >> (n + 1));
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80) /* also at the NUL */
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return 0;
	return n;
}

static size_t
width_of(uint32_t c)
{
	if (is_in(c, combining, COUNT(combining)))
		return 0;
	return is_in(c, wide, COUNT(wide)) ? 2 : 1;
}

/* The length of a colour sequence at `s`, or 0. */
static size_t
color_length(const char *s)
{
	size_t n;

	if (s[0] != '\033' || s[1] != '[')
		return 0;
	n = 2 + strspn(s + 2, "0123456789;");
	return s[n] == 'm' ? n + 1 : 0;
}

static void
clean(char *s, bool is_log)
{
	char *to = s;
	uint32_t c;
	size_t n;

	while (*s) {
		n = is_log ? color_length(s) : 0;
		if (n == 0 && is_log && *s == '\t')
			n = 1;
		if (n == 0) {
			n = decode(s, &c);
			if (n == 0 || is_in(c, harmful, COUNT(harmful))) {
				*to++ = '?';
				s += n > 0 ? n : 1;
				continue;
			}
		}
		memmove(to, s, n);
		to += n;
		s += n;
	}
	*to = '\0';
}

void
text_clean(char *s)
{
	clean(s, false);
}

void
text_clean_log(char *s)
{
	clean(s, true);
}

size_t
text_width(const char *s)
{
	size_t width = 0, n;
	uint32_t c;

	for (; *s; s += n) {
		n = decode(s, &c);
		if (n == 0)
			n = 1, c = '?';
		width += width_of(c);
	}
	return width;
}

void
text_cut(char *s, size_t columns)
{
	size_t width = 0, n;
	char *last = s; /* where '~' goes: room for it is before here */
	uint32_t c;

	if (columns == 0) {
		*s = '\0';
		return;
	}
	for (; *s; s += n) {
		n = decode(s, &c);
		if (n == 0)
			n = 1, c = '?';
		width += width_of(c);
		if (width > columns) {
			memcpy(last, "~", 2);
			return;
		}
		if (width < columns)
			last = s + n;
	}
}
