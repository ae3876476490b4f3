# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/config/libconfig.a
src_config_libconfig_a_SOURCES = \
	src/config/address.c \
	src/config/address.h \
	src/config/check.c \
	src/config/conflicts.c \
	src/config/deferred.c \
	src/config/document.c \
	src/config/draft.c \
	src/config/dump.c \
	src/config/env.c \
	src/config/errors.c \
	src/config/interpolate.c \
	src/config/interpolate.h \
	src/config/json.c \
	src/config/keys.c \
	src/config/keys.h \
	src/config/listen.c \
	src/config/listen.h \
	src/config/load.c \
	src/config/logs.c \
	src/config/lookup.c \
	src/config/mode.c \
	src/config/owner.c \
	src/config/parse.c \
	src/config/parse.h \
	src/config/program.c \
	src/config/program.h \
	src/config/read.c \
	src/config/read.h \
	src/config/resolve.c \
	src/config/same.c \
	src/config/scalars.c \
	src/config/scalars.h \
	src/config/schema.c \
	src/config/split.c \
	src/config/split.h \
	src/config/strings.c \
	src/config/text.c \
	src/config/tree.c \
	src/config/tree.h \
	src/config/yaml.c
src_config_libconfig_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)

noinst_HEADERS += include/clusterd/config.h
