# SPDX-License-Identifier: Apache-2.0
#
# The load client, and the tests that run real servers under a real clusterd.
check_PROGRAMS += tests/e2e/load
tests_e2e_load_SOURCES = \
	tests/e2e/http.c \
	tests/e2e/http.h \
	tests/e2e/load.c \
	tests/e2e/load.h \
	tests/e2e/load_main.c \
	tests/e2e/tally.c \
	tests/e2e/tally.h

EXTRA_DIST += \
	tests/data/README.md \
	tests/data/pm2.ecosystem.json \
	tests/data/refused/cluster.config.cjs \
	tests/data/refused/dev.config.js \
	tests/data/refused/foundation.yaml \
	tests/data/refused/mixed.config.js \
	tests/data/refused/services.ecosystem.json \
	tests/data/shop.yaml \
	tests/e2e/apps/express.cjs \
	tests/e2e/apps/fastify.cjs \
	tests/e2e/apps/goserver.go \
	tests/e2e/apps/lines.py \
	tests/e2e/apps/listenfds.py \
	tests/e2e/apps/messages.cjs \
	tests/e2e/apps/misbehave.py \
	tests/e2e/apps/plain.cjs \
	tests/e2e/apps/plain.mjs \
	tests/e2e/apps/ready.cjs \
	tests/e2e/apps/shell.sh \
	tests/e2e/apps/sockets.cjs \
	tests/e2e/apps/wsgi.py \
	tests/e2e/conftest.py \
	tests/e2e/harness/__init__.py \
	tests/e2e/harness/apps.py \
	tests/e2e/harness/badconfigs.py \
	tests/e2e/harness/client.py \
	tests/e2e/harness/clusterd.py \
	tests/e2e/harness/gobuild.py \
	tests/e2e/harness/leaks.py \
	tests/e2e/harness/nodeapps.py \
	tests/e2e/harness/paths.py \
	tests/e2e/harness/procs.py \
	tests/e2e/inside_systemd.py \
	tests/e2e/node/package-lock.json \
	tests/e2e/node/package.json \
	tests/e2e/pytest.ini \
	tests/e2e/run \
	tests/e2e/test_bad_config.py \
	tests/e2e/test_bad_reload.py \
	tests/e2e/test_control.py \
	tests/e2e/test_examples.py \
	tests/e2e/test_listeners.py \
	tests/e2e/test_load.py \
	tests/e2e/test_logs.py \
	tests/e2e/test_master_crash.py \
	tests/e2e/test_misbehave.py \
	tests/e2e/test_node.py \
	tests/e2e/test_pid1.py \
	tests/e2e/test_pm2.py \
	tests/e2e/test_scale.py \
	tests/e2e/test_servers.py \
	tests/e2e/test_signals.py \
	tests/e2e/test_start.py \
	tests/e2e/test_storms.py \
	tests/e2e/test_systemd.py \
	tests/fixtures/README.md \
	tests/fixtures/fetch-debs.sh \
	tests/fixtures/with-systemd.sh

# CLUSTERD_CHECK_E2E=no leaves them out; E2E_ARGS="-k go -x" goes to pytest.
# The programs belong to other folders; all of them are needed.
CHECK_E2E_NEEDS = tests/e2e/load $(sbin_PROGRAMS) $(bin_PROGRAMS) \
	$(pkglibexec_PROGRAMS) $(noinst_PROGRAMS)

.PHONY: check-e2e
check-e2e: $(CHECK_E2E_NEEDS)
	@if [ "$${CLUSTERD_CHECK_E2E-yes}" = no ]; then \
		echo "e2e: left out on request (CLUSTERD_CHECK_E2E=no)"; \
	else \
		PYTHON3='$(PYTHON3)' '$(srcdir)/tests/e2e/run' . $(E2E_ARGS); \
	fi

check-local: check-e2e
