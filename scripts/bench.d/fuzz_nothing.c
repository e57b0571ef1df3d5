/* A fuzz target that does nothing: what is left is the engine. */
#include "driver/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)data;
    (void)size;
    return 0;
}
