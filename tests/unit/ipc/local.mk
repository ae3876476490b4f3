# SPDX-License-Identifier: Apache-2.0
if HAVE_CRITERION
CHECK_UNITS += tests/unit/ipc/run
tests_unit_ipc_run_SOURCES = \
	tests/unit/ipc/test_channel.c \
	tests/unit/ipc/test_fdpass.c \
	tests/unit/ipc/test_loglink.c \
	tests/unit/ipc/test_native.c \
	tests/unit/ipc/test_node.c \
	tests/unit/ipc/test_notify.c \
	tests/unit/ipc/test_order.c \
	tests/unit/ipc/test_rpc.c \
	tests/unit/ipc/test_scoreboard.c
tests_unit_ipc_run_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_ipc_run_LDADD = src/ipc/libipc.a src/base/libbase.a \
	$(JANSSON_LIBS) $(EV_LIBS) $(UNIT_LIBS)
endif
