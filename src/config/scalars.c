/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scalars.c - texts that mean a number, a switch, a signal, or a count.
 */
#include "config/scalars.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
scalar_is_label(const char *text)
{
	size_t n;

	for (n = 0; text[n] != '\0'; n++)
		if (!isalnum((unsigned char)text[n]) &&
		    strchr("._-", text[n]) == NULL)
			return false;
	return n > 0 && n < APP_NAME_MAX;
}

bool
scalar_is_variable(const char *text)
{
	size_t n;

	for (n = 0; text[n] != '\0'; n++)
		if (!isalnum((unsigned char)text[n]) && text[n] != '_')
			return false;
	return n > 0 && !isdigit((unsigned char)text[0]);
}

int
scalar_parse_bool(const char *text)
{
	static const char *const no[] = { "false", "no", "off" };
	static const char *const yes[] = { "true", "yes", "on" };
	size_t i;

	for (i = 0; i < COUNT(no); i++) {
		if (strcasecmp(text, no[i]) == 0)
			return 0;
		if (strcasecmp(text, yes[i]) == 0)
			return 1;
	}
	return -1;
}

int
scalar_parse_int(const char *text, int64_t *n)
{
	const char *digits = text + (text[0] == '-' || text[0] == '+');

	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return -EINVAL;
	*n = strtoll(text, NULL, 10);
	return 0;
}

int
scalar_parse_mode(const char *text, int *mode)
{
	const char *digits = text;
	size_t n;

	if (text[0] == '0' && (text[1] == 'o' || text[1] == 'O'))
		digits += 2;
	n = strspn(digits, "01234567");
	if (n == 0 || n > 4 || digits[n] != '\0' ||
	    strtol(digits, NULL, 8) > 0777)
		return -EINVAL;
	*mode = (int)strtol(digits, NULL, 8);
	return 0;
}

int
scalar_parse_signal(const char *text, int *signal)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	const char *known;
	int64_t n;
	int i;

	if (scalar_parse_int(text, &n) == 0) {
		if (n < 1 || n >= NSIG)
			return -EINVAL;
		*signal = (int)n;
		return 0;
	}
	for (i = 1; i < NSIG; i++) {
		known = sigabbrev_np(i);
		if (known != NULL && strcasecmp(known, name) == 0) {
			*signal = i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *
scalar_write_signal(int signal, char *out, size_t size)
{
	const char *known = sigabbrev_np(signal);

	if (known != NULL)
		snprintf(out, size, "SIG%s", known);
	else
		snprintf(out, size, "%d", signal);
	return out;
}

static int
check_count(int64_t n)
{
	return n < -INSTANCES_MAX || n > INSTANCES_MAX ? -ERANGE : 0;
}

static int
parse_per_cpu(const char *text, struct config_instances *i)
{
	const char *slash = strchr(text, '/');
	size_t len = (size_t)(slash - text);
	char digits[16];
	int64_t n;

	while (len > 0 && text[len - 1] == ' ')
		len--;
	for (slash++; *slash == ' '; slash++)
		;
	if (strcasecmp(slash, "cpu") != 0 || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (scalar_parse_int(digits, &n) < 0 || n < 1)
		return -EINVAL;
	if (check_count(n) < 0)
		return -ERANGE;
	i->kind = INSTANCES_PER_CPU;
	i->n = (int)n;
	return 0;
}

int
scalar_parse_instances(const char *text, struct config_instances *i)
{
	int64_t n;

	if (strcasecmp(text, "max") == 0) {
		*i = (struct config_instances){ INSTANCES_CPUS, 0 };
		return 0;
	}
	if (strchr(text, '/') != NULL)
		return parse_per_cpu(text, i);
	if (scalar_parse_int(text, &n) < 0)
		return -EINVAL;
	if (check_count(n) < 0)
		return -ERANGE;
	if (n == 0)
		*i = (struct config_instances){ INSTANCES_CPUS, 0 };
	else if (n < 0)
		*i = (struct config_instances){ INSTANCES_CPUS_LESS, (int)-n };
	else
		*i = (struct config_instances){ INSTANCES_NUMBER, (int)n };
	return 0;
}

const char *
scalar_write_instances(const struct config_instances *i, char *out, size_t size)
{
	switch (i->kind) {
	case INSTANCES_NUMBER:
		snprintf(out, size, "%d", i->n);
		break;
	case INSTANCES_CPUS:
		snprintf(out, size, "max");
		break;
	case INSTANCES_CPUS_LESS:
		snprintf(out, size, "-%d", i->n);
		break;
	case INSTANCES_PER_CPU:
		snprintf(out, size, "%d/cpu", i->n);
		break;
	}
	return out;
}

int
config_instances_count(const struct config_instances *i, int cpus)
{
	int64_t n = i->n;

	if (i->kind == INSTANCES_CPUS)
		n = cpus;
	else if (i->kind == INSTANCES_CPUS_LESS)
		n = (int64_t)cpus - i->n;
	else if (i->kind == INSTANCES_PER_CPU)
		n = (int64_t)cpus * i->n;
	if (n < 1)
		return 1;
	return n > INSTANCES_MAX ? INSTANCES_MAX : (int)n;
}
