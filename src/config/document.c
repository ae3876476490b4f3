/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.c - which language a file is written in, by its name.
 */
#include <string.h>

#include "config/parse.h"

enum file_kind {
	FILE_YAML,
	FILE_JSON,
	FILE_JAVASCRIPT,
	FILE_OTHER,
};

static enum file_kind
kind_of(const char *path)
{
	static const struct {
		const char *extension;
		enum file_kind kind;
	} kinds[] = {
		{ ".yaml", FILE_YAML },
		{ ".yml", FILE_YAML },
		{ ".json", FILE_JSON },
		{ ".js", FILE_JAVASCRIPT },
		{ ".cjs", FILE_JAVASCRIPT },
		{ ".mjs", FILE_JAVASCRIPT },
	};
	const char *dot = strrchr(path, '.');
	size_t i;

	for (i = 0; dot != NULL && i < COUNT(kinds); i++)
		if (strcmp(dot, kinds[i].extension) == 0)
			return kinds[i].kind;
	return FILE_OTHER;
}

struct node *
document_read(struct parse *p, const char *text, size_t len)
{
	struct tree t = {
		.arena = p->scratch, .errors = p->errors, .path = p->path
	};
	struct config_pos nowhere = { 0, 0 };
	struct node *root = NULL;

	if (len > CONFIG_BYTES_MAX) {
		parse_error(p, nowhere, "",
		    "%zu bytes: an ecosystem file has at most %d", len,
		    CONFIG_BYTES_MAX);
		return NULL;
	}
	switch (kind_of(p->path)) {
	case FILE_YAML:
		root = yaml_read(&t, text, len);
		break;
	case FILE_JSON:
		root = json_read(&t, text, len);
		break;
	case FILE_JAVASCRIPT:
		parse_error(p, nowhere, "",
		    "JavaScript is not run: write it as .yaml, .yml or .json");
		break;
	case FILE_OTHER:
		parse_error(p, nowhere, "",
		    "the name must end in .yaml, .yml or .json");
		break;
	}
	p->oom = p->oom || t.oom;
	return root;
}
