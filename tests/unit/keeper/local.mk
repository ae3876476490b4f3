# SPDX-License-Identifier: Apache-2.0
#
# The real keeper, with puppets for master and logger.
if HAVE_CRITERION
check_PROGRAMS += tests/unit/keeper/puppet
tests_unit_keeper_puppet_SOURCES = tests/unit/keeper/puppet.c
tests_unit_keeper_puppet_CPPFLAGS = $(AM_CPPFLAGS)
tests_unit_keeper_puppet_LDADD = src/ipc/libipc.a

CHECK_UNITS += tests/unit/keeper/run
tests_unit_keeper_run_SOURCES = \
	src/keeper/store.c \
	tests/unit/keeper/rig.c \
	tests/unit/keeper/rig.h \
	tests/unit/keeper/test_procs.c \
	tests/unit/keeper/test_restart.c \
	tests/unit/keeper/test_start.c \
	tests/unit/keeper/test_store.c
tests_unit_keeper_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_keeper_run_LDADD = src/worker/liblaunch.a src/ipc/libipc.a \
	src/base/libbase.a $(UNIT_LIBS)
EXTRA_tests_unit_keeper_run_DEPENDENCIES = src/keeper/clusterd \
	tests/unit/keeper/puppet
endif
