# SPDX-License-Identifier: Apache-2.0
#
# clusterd: the keeper. Neither libev, jansson nor libyaml.
sbin_PROGRAMS += src/keeper/clusterd
src_keeper_clusterd_SOURCES = \
	src/keeper/child.c \
	src/keeper/control.c \
	src/keeper/control.h \
	src/keeper/daemon.c \
	src/keeper/daemon.h \
	src/keeper/end.c \
	src/keeper/init.c \
	src/keeper/init.h \
	src/keeper/keeper.h \
	src/keeper/link.c \
	src/keeper/loop.c \
	src/keeper/main.c \
	src/keeper/options.c \
	src/keeper/options.h \
	src/keeper/pidfile.c \
	src/keeper/pidfile.h \
	src/keeper/procs.c \
	src/keeper/reap.c \
	src/keeper/report.c \
	src/keeper/signals.c \
	src/keeper/store.c \
	src/keeper/store.h
src_keeper_clusterd_LDADD = \
	src/worker/liblaunch.a \
	src/ipc/libipc.a \
	src/base/libbase.a

