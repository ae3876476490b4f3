# SPDX-License-Identifier: Apache-2.0
if HAVE_CRITERION
CHECK_UNITS += tests/unit/worker/run
tests_unit_worker_run_SOURCES = \
	tests/unit/worker/test_image.c \
	tests/unit/worker/test_launch.c
tests_unit_worker_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_worker_run_LDADD = src/worker/liblaunch.a src/ipc/libipc.a \
	src/base/libbase.a $(UNIT_LIBS)
endif
