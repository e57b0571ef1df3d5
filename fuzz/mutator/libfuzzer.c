/* The mutations of records.h as libFuzzer wants them. */
#include "mutator/records.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size); /* the engine's */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
    size_t size2, uint8_t *out, size_t max_out_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return records_mutate(data, size, max_size, seed, LLVMFuzzerMutate);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
    size_t size2, uint8_t *out, size_t max_out_size, unsigned seed) {
    return records_cross(data1, size1, data2, size2, out, max_out_size, seed);
}
