# SPDX-License-Identifier: Apache-2.0
#
# The pure core is a library of its own, so that nothing of the world can slip
# into it and the simulation links it alone.
noinst_LIBRARIES += src/master/libcore.a
src_master_libcore_a_SOURCES = \
	src/master/rollout.c \
	src/master/rollout.h \
	src/master/slot.c \
	src/master/slot.h \
	src/master/slot_places.c \
	src/master/slot_step.h \
	src/master/slot_view.c \
	src/master/slot_worker.c

# Everything but main.c is a library, for the unit tests.
noinst_LIBRARIES += src/master/libmaster.a
src_master_libmaster_a_SOURCES = \
	src/master/accept_watch.c \
	src/master/accept_watch.h \
	src/master/adopt.c \
	src/master/adopt.h \
	src/master/apply.c \
	src/master/apply.h \
	src/master/check.c \
	src/master/check.h \
	src/master/control.c \
	src/master/control.h \
	src/master/generation.c \
	src/master/generation.h \
	src/master/holder.c \
	src/master/life.c \
	src/master/life.h \
	src/master/link.c \
	src/master/link.h \
	src/master/listener.c \
	src/master/listener.h \
	src/master/listeners.c \
	src/master/listeners.h \
	src/master/logs.c \
	src/master/logs.h \
	src/master/master.h \
	src/master/methods.c \
	src/master/methods.h \
	src/master/methods_change.c \
	src/master/node_sockets.c \
	src/master/node_sockets.h \
	src/master/op.c \
	src/master/op.h \
	src/master/pool.c \
	src/master/pool.h \
	src/master/pool_roll.c \
	src/master/pool_roll.h \
	src/master/reload.c \
	src/master/reload.h \
	src/master/reports.c \
	src/master/reports.h \
	src/master/selector.c \
	src/master/selector.h \
	src/master/signals.c \
	src/master/signals.h \
	src/master/slot_run.c \
	src/master/slot_run.h \
	src/master/status.c \
	src/master/status.h \
	src/master/sweep.c \
	src/master/sweep.h \
	src/master/tell_init.c \
	src/master/tell_init.h \
	src/master/worker.c \
	src/master/worker.h \
	src/master/worker_channel.c \
	src/master/worker_channel.h \
	src/master/worker_node.c \
	src/master/worker_notify.c \
	src/master/worker_notify.h \
	src/master/worker_start.c \
	src/master/worker_start.h
src_master_libmaster_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)

pkglibexec_PROGRAMS += src/master/clusterd-master
src_master_clusterd_master_SOURCES = src/master/main.c
src_master_clusterd_master_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
src_master_clusterd_master_LDADD = \
	src/master/libmaster.a \
	src/master/libcore.a \
	src/config/libconfig.a \
	src/worker/liblaunch.a \
	src/ipc/libipc.a \
	src/base/libbase.a \
	$(YAML_LIBS) $(JANSSON_LIBS) $(EV_LIBS)
