# SPDX-License-Identifier: Apache-2.0
if HAVE_CRITERION
CHECK_UNITS += tests/unit/worker/run
tests_unit_worker_run_SOURCES = \
	src/worker/demo_http.c \
	src/worker/sdk.c \
	tests/unit/worker/test_demo_http.c \
	tests/unit/worker/test_image.c \
	tests/unit/worker/test_launch.c \
	tests/unit/worker/test_sdk.c
tests_unit_worker_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_worker_run_LDADD = src/worker/liblaunch.a src/ipc/libipc.a \
	src/base/libbase.a $(UNIT_LIBS)
endif
