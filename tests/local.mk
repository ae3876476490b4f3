# SPDX-License-Identifier: Apache-2.0
#
# Unit tests are one Criterion program a folder of src/. They are built and run
# by `make check` when Criterion is there.
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CRITERION_CFLAGS)
UNIT_LIBS = $(CRITERION_LIBS)

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
