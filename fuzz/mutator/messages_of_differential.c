/* Inputs as fuzz_http1_differential has them. */
#include "mutator/messages.h"

const struct messages_format messages_format = {.options = 1};
