/* What the codec understood, held against the independent reader of harness/oracle/reference. */
#ifndef FUZZ_HTTP1_REFERENCE_H
#define FUZZ_HTTP1_REFERENCE_H

#include "http1/every_way.h"

/* Of a request or a response, parsed without the setting's options. */
void check_against_reference(const struct setting *setting, struct wb_bytes input);

#endif
