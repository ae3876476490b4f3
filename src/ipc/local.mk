# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += src/ipc/libipc.a
src_ipc_libipc_a_SOURCES = \
	src/ipc/channel.c \
	src/ipc/fdpass.c \
	src/ipc/loglink.c \
	src/ipc/native.c \
	src/ipc/node.c \
	src/ipc/node_write.c \
	src/ipc/notify.c \
	src/ipc/order.c \
	src/ipc/rpc.c \
	src/ipc/rpc_client.c \
	src/ipc/scoreboard.c \
	src/ipc/sendq.c \
	src/ipc/text.c
src_ipc_libipc_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)

noinst_HEADERS += \
	src/ipc/sendq.h \
	src/ipc/text.h \
	include/clusterd/channel.h \
	include/clusterd/fdpass.h \
	include/clusterd/launch.h \
	include/clusterd/loglink.h \
	include/clusterd/native.h \
	include/clusterd/node.h \
	include/clusterd/notify.h \
	include/clusterd/order.h \
	include/clusterd/rpc.h \
	include/clusterd/scoreboard.h
