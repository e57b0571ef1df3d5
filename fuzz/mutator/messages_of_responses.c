/* Inputs as fuzz_http1_response has them. */
#include "mutator/messages.h"

const struct messages_format messages_format = {.options = 3};
