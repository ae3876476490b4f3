/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c - time.
 */
#include <clusterd/clock.h>

#include <time.h>

static int64_t
read_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts); /* cannot fail for these clocks */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_mono_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

/* `width` decimal digits of `n` at `p`; returns what follows. */
static char *
put_digits(char *p, int64_t n, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		p[i] = (char)('0' + n % 10);
		n /= 10;
	}
	return p + width;
}

/*
 * By hand, because gmtime_r(3) takes a lock and may read a file at its first
 * call. The calendar counts years from March in eras of 400 years.
 */
void
clock_iso(int64_t wall_ms, char out[CLOCK_ISO_LEN])
{
	const int64_t day_ms = 86400000;
	int64_t last = INT64_C(253402300799999); /* 9999-12-31T23:59:59.999Z */
	int64_t ms, days, era, doe, yoe, doy, mp, day, month, year;
	char *p = out;

	if (wall_ms < 0)
		wall_ms = 0;
	if (wall_ms > last)
		wall_ms = last;
	ms = wall_ms % day_ms;
	days = wall_ms / day_ms + 719468; /* since 0000-03-01 */
	era = days / 146097;
	doe = days % 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	day = doy - (153 * mp + 2) / 5 + 1;
	month = mp < 10 ? mp + 3 : mp - 9;
	year = era * 400 + yoe + (month <= 2);

	p = put_digits(p, year, 4);
	*p++ = '-';
	p = put_digits(p, month, 2);
	*p++ = '-';
	p = put_digits(p, day, 2);
	*p++ = 'T';
	p = put_digits(p, ms / 3600000, 2);
	*p++ = ':';
	p = put_digits(p, ms / 60000 % 60, 2);
	*p++ = ':';
	p = put_digits(p, ms / 1000 % 60, 2);
	*p++ = '.';
	p = put_digits(p, ms % 1000, 3);
	*p++ = 'Z';
	*p = '\0';
}
