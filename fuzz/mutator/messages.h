/* Mutations of an input that is some bytes of options and a message of HTTP/1 (messages.c). */
#ifndef FUZZ_MUTATOR_MESSAGES_H
#define FUZZ_MUTATOR_MESSAGES_H

#include <stddef.h>

/* How an input is laid out: one of the targets' messages_of_*.c defines it. */
extern const struct messages_format {
    size_t options; /* bytes before the message */
} messages_format;

#endif
