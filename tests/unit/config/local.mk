# SPDX-License-Identifier: Apache-2.0
if HAVE_CRITERION
CHECK_UNITS += tests/unit/config/run
tests_unit_config_run_SOURCES = \
	tests/unit/config/helper.c \
	tests/unit/config/helper.h \
	tests/unit/config/test_address.c \
	tests/unit/config/test_check.c \
	tests/unit/config/test_data.c \
	tests/unit/config/test_dump.c \
	tests/unit/config/test_env.c \
	tests/unit/config/test_errors.c \
	tests/unit/config/test_interpolate.c \
	tests/unit/config/test_keys.c \
	tests/unit/config/test_listen.c \
	tests/unit/config/test_load.c \
	tests/unit/config/test_logs.c \
	tests/unit/config/test_manual.c \
	tests/unit/config/test_mode.c \
	tests/unit/config/test_parse.c \
	tests/unit/config/test_program.c \
	tests/unit/config/test_resolve.c \
	tests/unit/config/test_same.c \
	tests/unit/config/test_scalars.c \
	tests/unit/config/test_schema.c \
	tests/unit/config/test_split.c \
	tests/unit/config/test_tree.c
tests_unit_config_run_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS) \
	$(YAML_CFLAGS) -DTEST_SRCDIR='"$(abs_top_srcdir)"'
tests_unit_config_run_LDADD = src/config/libconfig.a src/base/libbase.a \
	$(JANSSON_LIBS) $(YAML_LIBS) $(UNIT_LIBS)
endif

EXTRA_DIST += tests/data/config
