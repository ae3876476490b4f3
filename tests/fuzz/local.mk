# SPDX-License-Identifier: Apache-2.0
#
# fuzz_NAME.c is a libFuzzer target. `make check` runs each over its corpus and
# mutations of it from a fixed seed, for two seconds (replay.c); configured with
# CC=clang --enable-fuzzers, `make tests/fuzz/libfuzzer_NAME` is the real thing:
#
#	tests/fuzz/libfuzzer_node -max_total_time=3600 work tests/fuzz/corpus/node
FUZZ_TARGETS = channel config native node notify order rpc

FUZZ_LIBS = src/config/libconfig.a src/ipc/libipc.a src/base/libbase.a \
	$(JANSSON_LIBS) $(YAML_LIBS) $(EV_LIBS)
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)

noinst_HEADERS += tests/fuzz/fuzz.h
EXTRA_DIST += tests/fuzz/corpus

FUZZ_REPLAYS = \
	tests/fuzz/replay_channel \
	tests/fuzz/replay_config \
	tests/fuzz/replay_native \
	tests/fuzz/replay_node \
	tests/fuzz/replay_notify \
	tests/fuzz/replay_order \
	tests/fuzz/replay_rpc
check_PROGRAMS += $(FUZZ_REPLAYS)

tests_fuzz_replay_channel_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_channel.c
tests_fuzz_replay_channel_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_channel_LDADD = $(FUZZ_LIBS)
tests_fuzz_replay_config_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_config.c
tests_fuzz_replay_config_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_config_LDADD = $(FUZZ_LIBS)
tests_fuzz_replay_native_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_native.c
tests_fuzz_replay_native_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_native_LDADD = $(FUZZ_LIBS)
tests_fuzz_replay_node_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_node.c
tests_fuzz_replay_node_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_node_LDADD = $(FUZZ_LIBS)
tests_fuzz_replay_notify_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_notify.c
tests_fuzz_replay_notify_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_notify_LDADD = $(FUZZ_LIBS)
tests_fuzz_replay_order_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_order.c
tests_fuzz_replay_order_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_order_LDADD = $(FUZZ_LIBS)
tests_fuzz_replay_rpc_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz_rpc.c
tests_fuzz_replay_rpc_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_replay_rpc_LDADD = $(FUZZ_LIBS)

.PHONY: check-fuzz
check-fuzz: $(FUZZ_REPLAYS)
	@for t in $(FUZZ_TARGETS); do \
		./tests/fuzz/replay_$$t $$t $(srcdir)/tests/fuzz/corpus/$$t \
			|| exit 1; done

check-local: check-fuzz

if FUZZERS
# All that is fuzzed once more, with libFuzzer's counters in it.
FUZZ_COMPILE = $(AM_CFLAGS) -g -O1 -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
FUZZ_LINK = -fsanitize=fuzzer,address,undefined
FUZZ_OWN_LIBS = tests/fuzz/libfuzzed.a $(JANSSON_LIBS) $(YAML_LIBS) $(EV_LIBS)

noinst_LIBRARIES += tests/fuzz/libfuzzed.a
tests_fuzz_libfuzzed_a_SOURCES = $(src_config_libconfig_a_SOURCES) \
	$(src_ipc_libipc_a_SOURCES) $(src_base_libbase_a_SOURCES)
tests_fuzz_libfuzzed_a_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzed_a_CFLAGS = $(FUZZ_COMPILE)

noinst_PROGRAMS += \
	tests/fuzz/libfuzzer_channel \
	tests/fuzz/libfuzzer_config \
	tests/fuzz/libfuzzer_native \
	tests/fuzz/libfuzzer_node \
	tests/fuzz/libfuzzer_notify \
	tests/fuzz/libfuzzer_order \
	tests/fuzz/libfuzzer_rpc

tests_fuzz_libfuzzer_channel_SOURCES = tests/fuzz/fuzz_channel.c
tests_fuzz_libfuzzer_channel_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzer_channel_CFLAGS = $(FUZZ_COMPILE)
tests_fuzz_libfuzzer_channel_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_libfuzzer_channel_LDADD = $(FUZZ_OWN_LIBS)
tests_fuzz_libfuzzer_config_SOURCES = tests/fuzz/fuzz_config.c
tests_fuzz_libfuzzer_config_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzer_config_CFLAGS = $(FUZZ_COMPILE)
tests_fuzz_libfuzzer_config_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_libfuzzer_config_LDADD = $(FUZZ_OWN_LIBS)
tests_fuzz_libfuzzer_native_SOURCES = tests/fuzz/fuzz_native.c
tests_fuzz_libfuzzer_native_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzer_native_CFLAGS = $(FUZZ_COMPILE)
tests_fuzz_libfuzzer_native_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_libfuzzer_native_LDADD = $(FUZZ_OWN_LIBS)
tests_fuzz_libfuzzer_node_SOURCES = tests/fuzz/fuzz_node.c
tests_fuzz_libfuzzer_node_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzer_node_CFLAGS = $(FUZZ_COMPILE)
tests_fuzz_libfuzzer_node_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_libfuzzer_node_LDADD = $(FUZZ_OWN_LIBS)
tests_fuzz_libfuzzer_notify_SOURCES = tests/fuzz/fuzz_notify.c
tests_fuzz_libfuzzer_notify_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzer_notify_CFLAGS = $(FUZZ_COMPILE)
tests_fuzz_libfuzzer_notify_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_libfuzzer_notify_LDADD = $(FUZZ_OWN_LIBS)
tests_fuzz_libfuzzer_order_SOURCES = tests/fuzz/fuzz_order.c
tests_fuzz_libfuzzer_order_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzer_order_CFLAGS = $(FUZZ_COMPILE)
tests_fuzz_libfuzzer_order_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_libfuzzer_order_LDADD = $(FUZZ_OWN_LIBS)
tests_fuzz_libfuzzer_rpc_SOURCES = tests/fuzz/fuzz_rpc.c
tests_fuzz_libfuzzer_rpc_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_libfuzzer_rpc_CFLAGS = $(FUZZ_COMPILE)
tests_fuzz_libfuzzer_rpc_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_libfuzzer_rpc_LDADD = $(FUZZ_OWN_LIBS)
endif
