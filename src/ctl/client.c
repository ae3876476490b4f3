/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.c - the connection to clusterd, and what its answers mean for the exit
 * status.
 */
#include "ctl/ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clusterd/paths.h>
#include <clusterd/rpc.h>

#include "ctl/text.h"

enum { ERRORS_SHOWN = 20 };

void
ctl_init(struct ctl *c)
{
	struct winsize ws;

	memset(c, 0, sizeof(*c));
	c->sock = -1;
	c->opt.lines = -1;
	c->out_is_tty = isatty(STDOUT_FILENO);
	c->err_is_tty = isatty(STDERR_FILENO);
	if (c->out_is_tty)
		c->width =
		    ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0
			? ws.ws_col
			: 80;
}

void
ctl_fini(struct ctl *c)
{
	if (c->sock >= 0)
		close(c->sock);
	free(c->args);
}

bool
ctl_wants_color(const struct ctl *c)
{
	const char *no = getenv("NO_COLOR");

	return c->out_is_tty && !c->opt.no_color && !(no && *no);
}

void
ctl_error(struct ctl *c, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	if (c->is_mute)
		return;
	progress_end(c);
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	text_clean(text);
	fflush(stdout);
	fprintf(stderr, "clusterctl: %s\n", text);
	free(text);
}

static int
no_server(struct ctl *c, int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		ctl_error(c,
		    "no clusterd is running at %s (start it: clusterd -c "
		    "ecosystem.yaml; another socket: --socket PATH)",
		    c->sock_path);
		return CTL_NO_SERVER;
	case EACCES:
	case EPERM:
		ctl_error(c,
		    "%s: permission denied; be root or the user that clusterd "
		    "runs as",
		    c->sock_path);
		return CTL_FAILED;
	default:
		ctl_error(c, "cannot connect to %s: %s", c->sock_path,
		    strerror(error));
		return CTL_NO_SERVER;
	}
}

int
ctl_connect(struct ctl *c)
{
	int rc = 0;

	if (c->sock >= 0)
		return 0;
	if (!c->opt.socket_path)
		rc = paths_control_socket(c->sock_path, sizeof(c->sock_path));
	else if (snprintf(c->sock_path, sizeof(c->sock_path), "%s",
		     c->opt.socket_path) >= (int)sizeof(c->sock_path))
		rc = -ENAMETOOLONG;
	if (rc < 0) {
		ctl_error(c,
		    "the path of the socket is too long: at most %zu "
		    "bytes",
		    sizeof(c->sock_path) - 1);
		return CTL_USAGE;
	}
	c->sock = rpc_connect(c->sock_path);
	if (c->sock >= 0)
		return 0;
	rc = -c->sock;
	c->sock = -1;
	return no_server(c, rc);
}

static void
on_event(const char *method, json_t *params, void *arg)
{
	const char *text = json_string_value(json_object_get(params, "text"));

	if (text && strcmp(method, "progress") == 0)
		progress_show(arg, text);
}

static int
exit_of_code(json_int_t code)
{
	switch (code) {
	case RPC_PARSE_ERROR:
	case RPC_INVALID_REQUEST:
	case RPC_METHOD_NOT_FOUND:
	case RPC_INVALID_PARAMS:
		return CTL_USAGE;
	case RPC_CONFIG_INVALID:
		return CTL_BAD_CONFIG;
	default:
		return CTL_FAILED;
	}
}

int
ctl_say_error(struct ctl *c, const json_t *error)
{
	const json_t *list, *item;
	const char *message;
	size_t i;

	list = json_object_get(json_object_get(error, "data"), "errors");
	json_array_foreach (list, i, item) {
		if (i == ERRORS_SHOWN) {
			ctl_error(
			    c, "... and %zu more", json_array_size(list) - i);
			break;
		}
		if (json_is_string(item))
			ctl_error(c, "%s", json_string_value(item));
	}
	message = json_string_value(json_object_get(error, "message"));
	ctl_error(c, "%s", message ? message : "it failed, without a reason");
	return exit_of_code(json_integer_value(json_object_get(error, "code")));
}

static int
say_broken(struct ctl *c, int error)
{
	switch (error) {
	case EPIPE:
	case ECONNRESET:
		ctl_error(c, "clusterd closed the connection before it "
			     "answered; what was asked for may go on");
		break;
	case EPROTO:
		ctl_error(c, "%s does not speak the protocol of clusterd",
		    c->sock_path);
		break;
	case ETIMEDOUT:
		ctl_error(c, "clusterd at %s does not answer", c->sock_path);
		break;
	default:
		ctl_error(c, "%s: %s", c->sock_path, strerror(error));
	}
	return CTL_FAILED;
}

int
ctl_call(struct ctl *c, const char *method, json_t *params, int timeout_ms,
    json_t **result, json_t **error)
{
	json_t *answer = NULL;
	int rc;

	*result = NULL;
	if (error)
		*error = NULL;
	rc = ctl_connect(c);
	if (rc != 0) {
		json_decref(params);
		return rc;
	}
	rc =
	    rpc_call(c->sock, method, params, timeout_ms, on_event, c, &answer);
	progress_end(c);
	if (rc == 0) {
		*result = answer;
		return CTL_DONE;
	}
	if (rc < 0)
		return say_broken(c, -rc);
	if (error) {
		*error = answer;
		return exit_of_code(
		    json_integer_value(json_object_get(answer, "code")));
	}
	rc = ctl_say_error(c, answer);
	json_decref(answer);
	return rc;
}

json_t *
ctl_selector_params(const struct ctl *c)
{
	size_t size = 1, len = 0, n;
	json_t *params;
	char *joined;
	int i;

	if (c->n_args == 0)
		return NULL;
	for (i = 0; i < c->n_args; i++)
		size += strlen(c->args[i]) + 1;
	joined = malloc(size);
	if (!joined) /* no selector would mean all of them */
		return json_pack("{s:s}", "selector", "?");
	for (i = 0; i < c->n_args; i++) {
		n = strlen(c->args[i]);
		if (i > 0)
			joined[len++] = ',';
		memcpy(joined + len, c->args[i], n);
		len += n;
	}
	params = json_pack("{s:s%}", "selector", joined, len);
	free(joined);
	if (!params) /* not UTF-8: the server says that it matches nothing */
		params = json_pack("{s:s}", "selector", "?");
	return params;
}

void
ctl_print_json(const json_t *j)
{
	json_dumpf(j, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
	putchar('\n');
}
