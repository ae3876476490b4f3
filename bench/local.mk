# SPDX-License-Identifier: Apache-2.0
#
# Measured against peers, never part of `make check`: make bench, or
# make bench BENCH_ARGS="--quick cpu reloads".
check_PROGRAMS += $(BENCH_HELPERS)
BENCH_HELPERS = bench/probe bench/server bench/sleeper bench/timecmd
bench_probe_SOURCES = \
	bench/probe.c \
	tests/e2e/http.c \
	tests/e2e/http.h \
	tests/e2e/tally.c \
	tests/e2e/tally.h
bench_probe_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
bench_server_SOURCES = bench/server.c
bench_sleeper_SOURCES = bench/sleeper.c
bench_timecmd_SOURCES = bench/timecmd.c

EXTRA_DIST += \
	bench/README.md \
	bench/apps/app.cjs \
	bench/apps/cluster.cjs \
	bench/apps/wsgi.py \
	bench/cases/__init__.py \
	bench/cases/commands.py \
	bench/cases/cpu.py \
	bench/cases/kills.py \
	bench/cases/measure.py \
	bench/cases/memory.py \
	bench/cases/reloads.py \
	bench/cases/startup.py \
	bench/cases/subjects.py \
	bench/node/package-lock.json \
	bench/node/package.json \
	bench/run

.PHONY: bench
bench: $(CHECK_E2E_NEEDS) $(BENCH_HELPERS)
	@CLUSTERD_BUILD_DIR=. '$(srcdir)/bench/run' $(BENCH_ARGS)
