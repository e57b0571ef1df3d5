/* Inputs as fuzz_http1_request has them. */
#include "mutator/messages.h"

const struct messages_format messages_format = {.options = 2};
