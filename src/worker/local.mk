# SPDX-License-Identifier: Apache-2.0
#
# launch: what runs between fork and exec, and the image it reads.
noinst_LIBRARIES += src/worker/liblaunch.a
src_worker_liblaunch_a_SOURCES = \
	src/worker/image.c \
	src/worker/launch.c

include src/worker/sdk.mk
