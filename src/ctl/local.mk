# SPDX-License-Identifier: Apache-2.0
#
# Everything but main.c is a library, for the unit tests.
noinst_LIBRARIES += src/ctl/libctl.a
src_ctl_libctl_a_SOURCES = \
	src/ctl/args.c \
	src/ctl/client.c \
	src/ctl/cmd_change.c \
	src/ctl/cmd_describe.c \
	src/ctl/cmd_help.c \
	src/ctl/cmd_info.c \
	src/ctl/cmd_jlist.c \
	src/ctl/cmd_kill.c \
	src/ctl/cmd_logs.c \
	src/ctl/cmd_scale.c \
	src/ctl/cmd_schema.c \
	src/ctl/cmd_status.c \
	src/ctl/commands.c \
	src/ctl/follow.c \
	src/ctl/jlist.c \
	src/ctl/logprint.c \
	src/ctl/logset.c \
	src/ctl/output.c \
	src/ctl/progress.c \
	src/ctl/row.c \
	src/ctl/scale.c \
	src/ctl/tail.c \
	src/ctl/text.c
src_ctl_libctl_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)

noinst_HEADERS += \
	src/ctl/cmd_change.h \
	src/ctl/cmd_status.h \
	src/ctl/ctl.h \
	src/ctl/follow.h \
	src/ctl/jlist.h \
	src/ctl/logprint.h \
	src/ctl/logset.h \
	src/ctl/output.h \
	src/ctl/row.h \
	src/ctl/scale.h \
	src/ctl/tail.h \
	src/ctl/text.h

bin_PROGRAMS += src/ctl/clusterctl
src_ctl_clusterctl_SOURCES = src/ctl/main.c
src_ctl_clusterctl_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
src_ctl_clusterctl_LDADD = \
	src/ctl/libctl.a \
	src/config/libconfig.a \
	src/ipc/libipc.a \
	src/base/libbase.a \
	$(JANSSON_LIBS) $(YAML_LIBS)


bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = contrib/completion/clusterctl.bash
