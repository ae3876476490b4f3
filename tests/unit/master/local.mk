# SPDX-License-Identifier: Apache-2.0
if HAVE_CRITERION
CHECK_UNITS += tests/unit/master/run
tests_unit_master_run_SOURCES = \
	tests/unit/master/fake_link.c \
	tests/unit/master/fake_link.h \
	tests/unit/master/master_rig.c \
	tests/unit/master/master_rig.h \
	tests/unit/master/slot_rig.c \
	tests/unit/master/slot_rig.h \
	tests/unit/master/test_accept_watch.c \
	tests/unit/master/test_holder.c \
	tests/unit/master/test_listener.c \
	tests/unit/master/test_node_sockets.c \
	tests/unit/master/test_op.c \
	tests/unit/master/test_rollout.c \
	tests/unit/master/test_selector.c \
	tests/unit/master/test_slot.c \
	tests/unit/master/test_slot_replace.c \
	tests/unit/master/test_sweep.c \
	tests/unit/master/test_worker_start.c
tests_unit_master_run_CPPFLAGS = $(UNIT_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_master_run_LDADD = \
	src/master/libmaster.a \
	src/master/libcore.a \
	src/config/libconfig.a \
	src/worker/liblaunch.a \
	src/ipc/libipc.a \
	src/base/libbase.a \
	$(YAML_LIBS) $(JANSSON_LIBS) $(EV_LIBS) $(UNIT_LIBS)
endif
