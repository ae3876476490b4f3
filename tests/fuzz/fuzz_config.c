/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_config.c - any text as an ecosystem file.
 *
 * The first byte chooses YAML or JSON. What is accepted must also survive being
 * dumped and compared with itself.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <clusterd/config.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_BYTES_MAX = 64 * 1024 };

static void
use(const struct config *c)
{
	size_t i;

	for (i = 0; i < c->n_apps; i++) {
		json_decref(config_app_to_json(&c->apps[i]));
		if (!config_app_same(&c->apps[i], &c->apps[i]))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_errors errors;
	struct config *c = NULL;
	const char *path;
	int rc;

	if (size == 0 || size > TEXT_BYTES_MAX)
		return 0;
	path = data[0] == 'j' ? "/srv/fuzz.json" : "/srv/fuzz.yaml";
	config_errors_init(&errors);
	rc = config_parse(
	    (const char *)data + 1, size - 1, path, "production", &c, &errors);
	if (rc == 0)
		use(c);
	else if (c != NULL || (errors.count == 0) == (rc == -EINVAL))
		abort();
	config_free(c);
	config_errors_fini(&errors);
	return 0;
}
