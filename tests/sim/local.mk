# SPDX-License-Identifier: Apache-2.0
#
# The pure core of the master, simulated. CLUSTERD_SIM_RUNS=N for more runs.
check_PROGRAMS += tests/sim/run
tests_sim_run_SOURCES = \
	tests/sim/ask.c \
	tests/sim/check.c \
	tests/sim/main.c \
	tests/sim/sim.h \
	tests/sim/step.c \
	tests/sim/world.c
tests_sim_run_LDADD = src/master/libcore.a

.PHONY: check-sim
check-sim: tests/sim/run
	@./tests/sim/run

check-local: check-sim
