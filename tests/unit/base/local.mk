# SPDX-License-Identifier: Apache-2.0
if HAVE_CRITERION
CHECK_UNITS += tests/unit/base/run
tests_unit_base_run_SOURCES = \
	tests/unit/base/test_arena.c \
	tests/unit/base/test_buf.c \
	tests/unit/base/test_clock.c \
	tests/unit/base/test_files.c \
	tests/unit/base/test_log.c \
	tests/unit/base/test_paths.c \
	tests/unit/base/test_proc.c \
	tests/unit/base/test_suggest.c \
	tests/unit/base/test_units.c
tests_unit_base_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_base_run_LDADD = src/base/libbase.a $(UNIT_LIBS)
endif
