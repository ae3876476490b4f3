/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units.c - numbers with a unit, as people write and read them.
 */
#include <clusterd/units.h>

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	int64_t factor;
};

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
};

#define KIB INT64_C(1024)

/* clang-format off */
static const struct unit durations[] = { /* largest first, for units_write */
	{ "d",  DAY },
	{ "h",  HOUR },
	{ "m",  MINUTE },
	{ "s",  SECOND },
	{ "ms", 1 },
};

static const struct unit sizes[] = {
	{ "T", KIB * KIB * KIB * KIB },
	{ "G", KIB * KIB * KIB },
	{ "M", KIB * KIB },
	{ "K", KIB },
};
/* clang-format on */

/* A decimal as written: digits with a point `decimals` places from the right.
 */
struct number {
	uint64_t digits;
	int decimals;
	bool negative, overflow;
};

/* Reads the number at `*s` and moves behind it; false if there is none. */
static bool
parse_number(const char **s, struct number *n)
{
	const char *p = *s;
	bool any = false, point = false;

	*n = (struct number){ .negative = *p == '-' };
	p += *p == '-' || *p == '+';
	for (; isdigit((unsigned char)*p) || (*p == '.' && !point); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		any = true;
		if (point && n->decimals >= 12)
			continue; /* finer than any unit */
		if (n->digits > (UINT64_MAX - 9) / 10)
			n->overflow = true;
		n->digits = n->digits * 10 + (uint64_t)(*p - '0');
		n->decimals += point;
	}
	if (!any || p[-1] == '.')
		return false;
	while (isblank((unsigned char)*p))
		p++;
	*s = p;
	return true;
}

/* digits * factor / 10^decimals, rounded to the nearest. */
static int
scale(const struct number *n, int64_t factor, int64_t *out)
{
	unsigned __int128 value, divisor = 1;

	if (n->overflow || (n->negative && n->digits > 0))
		return -ERANGE;
	for (int i = 0; i < n->decimals; i++)
		divisor *= 10;
	value = (unsigned __int128)n->digits * (uint64_t)factor;
	value = (value + divisor / 2) / divisor;
	if (value > INT64_MAX)
		return -ERANGE;
	*out = (int64_t)value;
	return 0;
}

int
units_parse_ms(const char *s, int64_t *ms)
{
	struct number n;

	s += strspn(s, " \t");
	if (!parse_number(&s, &n))
		return -EINVAL;
	if (*s == '\0')
		return scale(&n, 1, ms);
	for (size_t i = 0; i < COUNT(durations); i++) {
		if (strcmp(s, durations[i].name) == 0)
			return scale(&n, durations[i].factor, ms);
	}
	return -EINVAL;
}

/* What may stand behind K, M, G, T. */
static bool
is_byte_suffix(const char *s)
{
	return s[0] == '\0' || strcasecmp(s, "B") == 0 ||
	       strcasecmp(s, "iB") == 0;
}

int
units_parse_bytes(const char *s, int64_t *bytes)
{
	struct number n;

	s += strspn(s, " \t");
	if (!parse_number(&s, &n))
		return -EINVAL;
	if (*s == '\0' || strcasecmp(s, "B") == 0)
		return scale(&n, 1, bytes);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		if (toupper((unsigned char)*s) == sizes[i].name[0] &&
		    is_byte_suffix(s + 1))
			return scale(&n, sizes[i].factor, bytes);
	}
	return -EINVAL;
}

void
units_format_ms(int64_t ms, char *out, size_t size)
{
	const char *sign = ms < 0 ? "-" : "";
	uint64_t n = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;
	unsigned long long days = n / DAY, hours = n / HOUR % 24;
	unsigned long long minutes = n / MINUTE % 60, seconds = n / SECOND % 60;

	if (n < SECOND)
		snprintf(out, size, "%s%llu ms", sign, (unsigned long long)n);
	else if (n < MINUTE)
		snprintf(out, size, "%s%llu.%llu s", sign, seconds,
		    (unsigned long long)n % SECOND / 100);
	else if (n < HOUR)
		snprintf(out, size, "%s%llu m %llu s", sign, minutes, seconds);
	else if (n < DAY)
		snprintf(out, size, "%s%llu h %llu m", sign, hours, minutes);
	else
		snprintf(out, size, "%s%llu d %llu h", sign, days, hours);
}

void
units_format_bytes(int64_t bytes, char *out, size_t size)
{
	static const char *const names[] = { "B", "kB", "MB", "GB", "TB", "PB",
		"EB" };
	double value = (double)bytes, size_of = value < 0 ? -value : value;
	size_t i = 0;

	while (size_of >= 1024 && i + 1 < COUNT(names)) {
		size_of /= 1024;
		value /= 1024;
		i++;
	}
	if (size_of >= 1023.95 && i > 0 && i + 1 < COUNT(names)) {
		value /= 1024; /* would read "1024.0 kB" */
		i++;
	}
	snprintf(out, size, i == 0 ? "%.0f %s" : "%.1f %s", value, names[i]);
}

void
units_write_ms(int64_t ms, char *out, size_t size)
{
	int len;

	if (ms == 0) {
		snprintf(out, size, "0s");
		return;
	}
	for (size_t i = 0; i < COUNT(durations); i++) {
		if (ms % durations[i].factor != 0 ||
		    (durations[i].factor == 1 && ms > SECOND))
			continue;
		snprintf(out, size, "%lld%s",
		    (long long)(ms / durations[i].factor), durations[i].name);
		return;
	}
	len = snprintf(out, size, "%lld.%03lld", (long long)(ms / SECOND),
	    (long long)(ms % SECOND));
	if (len < 0 || (size_t)len >= size)
		return;
	while (out[len - 1] == '0')
		len--;
	snprintf(out + len, size - (size_t)len, "s");
}

void
units_write_bytes(int64_t bytes, char *out, size_t size)
{
	for (size_t i = 0; bytes != 0 && i < COUNT(sizes); i++) {
		if (bytes % sizes[i].factor != 0)
			continue;
		snprintf(out, size, "%lld%s",
		    (long long)(bytes / sizes[i].factor), sizes[i].name);
		return;
	}
	snprintf(out, size, "%lld", (long long)bytes);
}
