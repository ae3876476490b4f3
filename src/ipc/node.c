/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node.c - the lines of Node's cluster module, read. node_write.c writes them.
 *
 * Every line of the app's own comes through here as well, so a line that cannot
 * be Node's is told apart without being parsed: it may hold what JavaScript can
 * say and jansson cannot (a lone surrogate, 1e20, deep nesting).
 */
#include <clusterd/node.h>

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_BYTES_MAX = 4096 };

#define INTERNAL_PREFIX "NODE_"

/* ---- members ----------------------------------------------------------- */

/* An integer in [min, max]; absent or null is `dflt`. */
static int
get_int(const json_t *obj, const char *name, json_int_t min, json_int_t max,
    json_int_t dflt, json_int_t *out)
{
	const json_t *v = json_object_get(obj, name);

	*out = dflt;
	if (v == NULL || json_is_null(v))
		return 0;
	if (!json_is_integer(v))
		return -EBADMSG;
	*out = json_integer_value(v);
	return *out < min || *out > max ? -EBADMSG : 0;
}

/*
 * Whatever the app gave listen(), and `false` from listen(port, host, callback)
 * itself: what is no number is no wish.
 */
static int
get_backlog(const json_t *obj)
{
	json_int_t n = json_integer_value(json_object_get(obj, "backlog"));

	return n > 0 && n <= INT_MAX ? (int)n : 0;
}

/* A string without NUL that fits `size`; absent or null is "". */
static int
get_text(const json_t *obj, const char *name, char *out, size_t size)
{
	const json_t *v = json_object_get(obj, name);
	size_t len;

	out[0] = '\0';
	if (v == NULL || json_is_null(v))
		return 0;
	if (!json_is_string(v))
		return -EBADMSG;
	len = json_string_length(v);
	if (len >= size || strlen(json_string_value(v)) != len)
		return -EBADMSG;
	memcpy(out, json_string_value(v), len + 1);
	return 0;
}

/* "data" as text, to be given back as it came. */
static int
get_data(const json_t *obj, char **out)
{
	const json_t *v = json_object_get(obj, "data");

	*out = NULL;
	if (v == NULL || json_is_null(v))
		return 0;
	*out = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	if (*out == NULL)
		return -ENOMEM;
	return strlen(*out) > DATA_BYTES_MAX ? -EBADMSG : 0;
}

/* ---- sockets ----------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *text; /* in a key, and as a string in a message */
	int number;	  /* in a message; 0: it is a string there */
} families[] = {
	[NODE_TCP4] = { "4",	4 },
	[NODE_TCP6] = { "6",	6 },
	[NODE_UDP4] = { "udp4", 0 },
	[NODE_UDP6] = { "udp6", 0 },
	[NODE_PATH] = { "-1",  -1 },
	[NODE_FD]   = { "fd",	0 },
};
/* clang-format on */

static int
get_family(const json_t *obj, struct node_message *m)
{
	const json_t *v = json_object_get(obj, "addressType");
	size_t i;

	if (m->fd >= 0) {
		m->family = NODE_FD;
		return 0;
	}
	for (i = 0; i < NODE_FD; i++) {
		if (families[i].number == 0) {
			if (!json_is_string(v) ||
			    strcmp(json_string_value(v), families[i].text) != 0)
				continue;
		} else if (!json_is_integer(v) ||
			   json_integer_value(v) != families[i].number) {
			continue;
		}
		m->family = (enum node_address)i;
		return 0;
	}
	return -EBADMSG;
}

static bool
is_any(const struct node_message *m)
{
	if (m->family == NODE_PATH || m->family == NODE_FD)
		return false;
	return m->address[0] == '\0' || strcmp(m->address, "0.0.0.0") == 0 ||
	       strcmp(m->address, "::") == 0;
}

/* What queryServer and listening say about a socket. */
static int
parse_socket(const json_t *obj, struct node_message *m)
{
	json_int_t port, fd, index, flags;
	int rc;

	if ((rc = get_int(obj, "port", -1, 65535, 0, &port)) != 0 ||
	    (rc = get_int(obj, "fd", -1, INT_MAX, -1, &fd)) != 0 ||
	    (rc = get_int(obj, "index", 0, INT_MAX, 0, &index)) != 0 ||
	    (rc = get_int(obj, "flags", 0, INT_MAX, 0, &flags)) != 0)
		return rc;
	rc = get_text(obj, "address", m->address, sizeof(m->address));
	if (rc != 0)
		return rc;
	m->port = port < 0 ? 0 : (int)port;
	m->fd = (int)fd;
	m->index = (int)index;
	m->flags = (unsigned)flags;
	m->backlog = get_backlog(obj);
	rc = get_family(obj, m);
	if (rc != 0)
		return rc;
	if (m->family == NODE_PATH && m->address[0] == '\0')
		return -EBADMSG;
	m->any = is_any(m);
	return 0;
}

static int
parse_query(const json_t *obj, struct node_message *m)
{
	int rc = parse_socket(obj, m);

	if (rc != 0)
		return rc;
	node_key(m, m->key, sizeof(m->key));
	return get_data(obj, &m->data);
}

static int
parse_close(const json_t *obj, struct node_message *m)
{
	int rc = get_text(obj, "key", m->key, sizeof(m->key));

	return rc != 0 || m->key[0] != '\0' ? rc : -EBADMSG;
}

void
node_key(const struct node_message *m, char *out, size_t size)
{
	const char *address = m->address[0] == '\0' ? "null" : m->address;
	const char *type = families[m->family].text;

	if (m->port == 0 && m->fd < 0 && m->family != NODE_PATH)
		snprintf(out, size, "%s:%d:%s:%d:%d", address, m->port, type,
		    m->fd, m->index);
	else
		snprintf(
		    out, size, "%s:%d:%s:%d", address, m->port, type, m->fd);
}

/* ---- lines ------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *act;
	enum node_kind kind;
	int (*parse)(const json_t *obj, struct node_message *m);
} acts[] = {
	{ "close",		   NODE_CLOSE,			 parse_close },
	{ "exitedAfterDisconnect", NODE_EXITED_AFTER_DISCONNECT, NULL },
	{ "listening",		   NODE_LISTENING,		 parse_socket },
	{ "online",		   NODE_ONLINE,			 NULL },
	{ "queryServer",	   NODE_QUERY_SERVER,		 parse_query },
};

static const struct {
	const char *cmd;
	enum node_kind kind;
} commands[] = {
	{ "NODE_HANDLE",	NODE_HANDLE },
	{ "NODE_HANDLE_ACK",	NODE_HANDLE_ACK },
	{ "NODE_HANDLE_NACK",	NODE_HANDLE_NACK },
};
/* clang-format on */

static int
parse_reply(const json_t *obj, struct node_message *m)
{
	json_int_t ack;
	int rc = get_int(obj, "ack", 0, INT64_MAX, 0, &ack);

	m->kind = NODE_REPLY;
	m->ack = (uint64_t)ack;
	m->accepted = json_is_true(json_object_get(obj, "accepted"));
	return rc;
}

static int
parse_cluster(const json_t *obj, struct node_message *m)
{
	const json_t *act = json_object_get(obj, "act");
	json_int_t seq;
	size_t i;
	int rc = get_int(obj, "seq", 0, INT64_MAX, 0, &seq);

	if (rc != 0)
		return rc;
	m->seq = (uint64_t)seq;
	if (json_object_get(obj, "ack") != NULL)
		return parse_reply(obj, m);
	if (act != NULL && !json_is_string(act))
		return -EBADMSG;
	for (i = 0; act != NULL && i < COUNT(acts); i++) {
		if (strcmp(json_string_value(act), acts[i].act) != 0)
			continue;
		m->kind = acts[i].kind;
		return acts[i].parse == NULL ? 0 : acts[i].parse(obj, m);
	}
	m->kind = NODE_OTHER;
	return 0;
}

/* Internal is an object whose `cmd` begins with NODE_ and goes on. */
static int
parse_object(const json_t *obj, struct node_message *m)
{
	const char *cmd = json_string_value(json_object_get(obj, "cmd"));
	size_t prefix = sizeof(INTERNAL_PREFIX) - 1;
	size_t i;

	m->kind = NODE_APP;
	if (cmd == NULL || strncmp(cmd, INTERNAL_PREFIX, prefix) != 0 ||
	    cmd[prefix] == '\0')
		return 0;
	if (strcmp(cmd, "NODE_CLUSTER") == 0)
		return parse_cluster(obj, m);
	m->kind = NODE_OTHER;
	for (i = 0; i < COUNT(commands); i++) {
		if (strcmp(cmd, commands[i].cmd) == 0)
			m->kind = commands[i].kind;
	}
	return 0;
}

/* By its ends: an object, an array, a string, a number, true, false, null. */
static bool
looks_like_json(const char *line, size_t len)
{
	char first, last;

	if (len == 0)
		return false;
	first = line[0];
	last = line[len - 1];
	switch (first) {
	case '{':
		return len > 1 && last == '}';
	case '[':
		return len > 1 && last == ']';
	case '"':
		return len > 1 && last == '"';
	case 't':
	case 'f':
	case 'n':
		return (len == 4 && memcmp(line, "true", 4) == 0) ||
		       (len == 5 && memcmp(line, "false", 5) == 0) ||
		       (len == 4 && memcmp(line, "null", 4) == 0);
	default:
		return (first == '-' || (first >= '0' && first <= '9')) &&
		       last >= '0' && last <= '9';
	}
}

static int
parse_internal(const char *line, size_t len, struct node_message *m)
{
	json_error_t error;
	json_t *obj;
	int rc;

	obj = json_loadb(line, len, JSON_ALLOW_NUL, &error);
	if (obj == NULL)
		return json_error_code(&error) == json_error_out_of_memory
			   ? -ENOMEM
			   : -EBADMSG;
	rc = parse_object(obj, m);
	json_decref(obj);
	return rc;
}

int
node_parse(const char *line, size_t len, struct node_message *m)
{
	static const char mark[] = "\"" INTERNAL_PREFIX;
	static const char ready[] = "\"ready\"";
	int rc = 0;

	memset(m, 0, sizeof(*m));
	m->fd = -1;
	if (len > 0 && line[0] == '\x02') {
		line++;
		len--;
	}
	if (!looks_like_json(line, len))
		return -EBADMSG;
	m->kind = NODE_APP;
	if (len == sizeof(ready) - 1 && memcmp(line, ready, len) == 0)
		m->kind = NODE_READY;
	else if (line[0] == '{' && memmem(line, len, mark, sizeof(mark) - 1))
		rc = parse_internal(line, len, m);
	if (rc != 0)
		node_message_fini(m);
	return rc;
}

void
node_message_fini(struct node_message *m)
{
	free(m->data);
	m->data = NULL;
}
