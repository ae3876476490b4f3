# SPDX-License-Identifier: Apache-2.0
if HAVE_CRITERION
CHECK_UNITS += tests/unit/logger/run
tests_unit_logger_run_SOURCES = \
	tests/unit/logger/rig.c \
	tests/unit/logger/rig.h \
	tests/unit/logger/test_lines.c \
	tests/unit/logger/test_logger.c \
	tests/unit/logger/test_record.c \
	tests/unit/logger/test_sink.c
tests_unit_logger_run_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_logger_run_LDADD = \
	src/logger/liblogger.a \
	src/ipc/libipc.a \
	src/base/libbase.a \
	$(EV_LIBS) $(UNIT_LIBS)
endif
