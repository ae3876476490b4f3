/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz.h - the one function of a fuzz target, as libFuzzer and replay.c call
 * it.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0. Aborts, or trips a sanitizer, when something is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
