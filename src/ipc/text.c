/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - words for people that come from a worker, made fit to be shown.
 *
 * They end on terminals and in JSON: no terminal codes, nothing but UTF-8.
 */
#include "text.h"

#include <stdint.h>

#include <clusterd/compiler.h>

/* clang-format off */
static const struct {
	unsigned char mask, lead; /* of the first byte */
	size_t bytes;
	uint32_t min;		  /* less would have fitted fewer bytes */
} forms[] = {
	{ 0x80, 0x00, 1, 0 },
	{ 0xe0, 0xc0, 2, 0x80 },
	{ 0xf0, 0xe0, 3, 0x800 },
	{ 0xf8, 0xf0, 4, 0x10000 },
};
/* clang-format on */

/* Bytes of the character at `s`, 0: it is none. */
static size_t
char_bytes(const unsigned char *s, size_t len)
{
	uint32_t c;
	size_t i, n;

	for (i = 0; i < COUNT(forms); i++) {
		if ((*s & forms[i].mask) == forms[i].lead)
			break;
	}
	if (i == COUNT(forms) || forms[i].bytes > len)
		return 0;
	c = *s & (unsigned char)~forms[i].mask;
	for (n = 1; n < forms[i].bytes; n++) {
		if ((s[n] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[n] & 0x3f);
	}
	if (c < forms[i].min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

void
text_make_printable(char *text, size_t len)
{
	unsigned char *s = (unsigned char *)text;
	size_t i = 0, n;

	while (i < len) {
		n = char_bytes(s + i, len - i);
		if (n == 0 || s[i] < ' ' || s[i] == 0x7f) {
			s[i] = '?';
			n = 1;
		}
		i += n;
	}
}
