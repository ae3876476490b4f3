# SPDX-License-Identifier: Apache-2.0
#
# What a worker may use: the library, the demo worker, the preload for Node.

# ---- libclusterd ----------------------------------------------------------
lib_LTLIBRARIES += libclusterd.la
libclusterd_la_SOURCES = \
	src/worker/sdk.c \
	src/ipc/native.c \
	src/ipc/text.c \
	src/base/buf.c
libclusterd_la_CPPFLAGS = $(AM_CPPFLAGS)
libclusterd_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 \
	-export-symbols-regex '^cw_'
pkginclude_HEADERS += include/clusterd/worker.h

pkgconfig_DATA += src/worker/libclusterd.pc
EXTRA_DIST += src/worker/libclusterd.pc.in
CLEANFILES += src/worker/libclusterd.pc

src/worker/libclusterd.pc: $(top_srcdir)/src/worker/libclusterd.pc.in Makefile
	$(AM_V_GEN)mkdir -p $(@D) && sed \
		-e 's|@prefix[@]|$(prefix)|' \
		-e 's|@exec_prefix[@]|$(exec_prefix)|' \
		-e 's|@libdir[@]|$(libdir)|' \
		-e 's|@includedir[@]|$(includedir)|' \
		-e 's|@VERSION[@]|$(VERSION)|' \
		$(top_srcdir)/src/worker/libclusterd.pc.in >$@.tmp && \
		mv $@.tmp $@

# ---- demo worker ----------------------------------------------------------
# The SDK's source, not the library: it runs from the build tree as it is.
bin_PROGRAMS += clusterd-demo
clusterd_demo_SOURCES = \
	src/worker/demo.c \
	src/worker/demo_conn.c \
	src/worker/demo_http.c \
	src/worker/demo_listen.c \
	src/worker/sdk.c
clusterd_demo_CPPFLAGS = $(AM_CPPFLAGS)
clusterd_demo_LDADD = src/ipc/libipc.a src/base/libbase.a
noinst_HEADERS += src/worker/demo.h

# ---- Node -----------------------------------------------------------------
dist_pkgdata_DATA += contrib/node/drain.cjs
EXTRA_DIST += docs/workers.md
