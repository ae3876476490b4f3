# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/arena.c \
	src/base/buf.c \
	src/base/cgroup.c \
	src/base/cgroup.h \
	src/base/clock.c \
	src/base/files.c \
	src/base/log.c \
	src/base/paths.c \
	src/base/proc.c \
	src/base/suggest.c \
	src/base/units.c

noinst_HEADERS += \
	include/clusterd/arena.h \
	include/clusterd/buf.h \
	include/clusterd/clock.h \
	include/clusterd/compiler.h \
	include/clusterd/files.h \
	include/clusterd/limits.h \
	include/clusterd/log.h \
	include/clusterd/paths.h \
	include/clusterd/proc.h \
	include/clusterd/suggest.h \
	include/clusterd/units.h
