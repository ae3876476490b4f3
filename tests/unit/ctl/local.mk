# SPDX-License-Identifier: Apache-2.0
if HAVE_CRITERION
CHECK_UNITS += tests/unit/ctl/run
tests_unit_ctl_run_SOURCES = \
	tests/unit/ctl/fake.c \
	tests/unit/ctl/fake.h \
	tests/unit/ctl/test_args.c \
	tests/unit/ctl/test_jlist.c \
	tests/unit/ctl/test_logs.c \
	tests/unit/ctl/test_manual.c \
	tests/unit/ctl/test_output.c \
	tests/unit/ctl/test_run.c
tests_unit_ctl_run_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_ctl_run_LDADD = \
	src/ctl/libctl.a \
	src/config/libconfig.a \
	src/ipc/libipc.a \
	src/base/libbase.a \
	$(JANSSON_LIBS) $(YAML_LIBS) $(UNIT_LIBS)
endif
