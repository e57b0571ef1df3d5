/* What a fuzz target defines: the interface that libFuzzer and AFL++ share, declared once, and the
 * replay driver's. Not part of any library. */
#ifndef FUZZ_DRIVER_FUZZ_TARGET_H
#define FUZZ_DRIVER_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/* REQUIRED. Runs one input and returns 0. Deterministic: the same bytes do the same, whatever ran
 * before in this process. A finding ends the process by abort(), an assertion or a sanitizer;
 * _exit() would hide it from every engine. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Optional. Runs once, before the first input (with AFL++: before the fork server). */
int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif
