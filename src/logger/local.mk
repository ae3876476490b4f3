# SPDX-License-Identifier: Apache-2.0
#
# Everything but main.c is a library, for the unit tests. No jansson: the
# records are written by record.c.
noinst_LIBRARIES += src/logger/liblogger.a
src_logger_liblogger_a_SOURCES = \
	src/logger/lines.c \
	src/logger/links.c \
	src/logger/logger.c \
	src/logger/record.c \
	src/logger/sink.c \
	src/logger/sinks.c \
	src/logger/source.c \
	src/logger/stream.c \
	src/logger/target.c

noinst_HEADERS += \
	src/logger/lines.h \
	src/logger/links.h \
	src/logger/logger.h \
	src/logger/record.h \
	src/logger/sink.h \
	src/logger/sinks.h \
	src/logger/source.h \
	src/logger/stream.h \
	src/logger/target.h

pkglibexec_PROGRAMS += src/logger/clusterd-logger
src_logger_clusterd_logger_SOURCES = src/logger/main.c
src_logger_clusterd_logger_LDADD = \
	src/logger/liblogger.a \
	src/ipc/libipc.a \
	src/base/libbase.a \
	$(EV_LIBS)
