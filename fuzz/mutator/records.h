/* Mutations of a fuzz input that know that it is a row of records; what they make is one again. In
 * records.c a record is a tag and a payload that goes on to the next tag
 * (harness/scenario/codec.c), in operations.c an operation (harness/fidelity/op.h): a target has
 * one of the two. The decoders make sense of whatever it is. No state, no allocation. */
#ifndef FUZZ_MUTATOR_RECORDS_H
#define FUZZ_MUTATOR_RECORDS_H

#include <stddef.h>
#include <stdint.h>

/* Changes bytes[0..len) in place to something else of at most `capacity` bytes; returns its length.
 * The same seed does the same. `mutate_bytes` changes plain bytes the same way and is the engine's;
 * it must not return more than its capacity. */
typedef size_t (*records_mutate_bytes_fn)(uint8_t *bytes, size_t len, size_t capacity);
size_t records_mutate(uint8_t *bytes, size_t len, size_t capacity, unsigned seed,
    records_mutate_bytes_fn mutate_bytes);

/* One input of two: records of both, in an order of their own. Returns the length written to `out`.
 */
size_t records_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
    size_t capacity, unsigned seed);

#endif
