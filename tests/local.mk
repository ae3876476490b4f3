# SPDX-License-Identifier: Apache-2.0
#
# Unit tests are one Criterion program a folder of src/. They are built and run
# by `make check` when Criterion is there.
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CRITERION_CFLAGS)
UNIT_LIBS = $(CRITERION_LIBS)

CHECK_UNITS =

include tests/unit/base/local.mk
include tests/unit/ipc/local.mk
include tests/unit/config/local.mk
include tests/unit/keeper/local.mk
include tests/unit/master/local.mk
include tests/unit/worker/local.mk
include tests/unit/logger/local.mk
include tests/unit/ctl/local.mk
include tests/sim/local.mk
include tests/e2e/local.mk
include tests/fuzz/local.mk

# Every runner's own closing line is to be seen, so no log-file harness here:
# each program of CHECK_UNITS runs on the terminal and must pass.
check_PROGRAMS += $(CHECK_UNITS)

.PHONY: check-unit
check-unit: $(CHECK_UNITS)
	@test -n "$(CHECK_UNITS)" || { \
		echo "check-unit: no unit test (is criterion installed?)" >&2; exit 1; }
	@for t in $(CHECK_UNITS); do \
		echo "== $$t"; srcdir=$(srcdir) ./$$t -j2 || exit 1; done

check-local: check-unit
