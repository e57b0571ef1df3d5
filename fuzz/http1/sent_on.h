/* A message that was understood, sent on by our encoder and understood again: it is the same. */
#ifndef FUZZ_HTTP1_SENT_ON_H
#define FUZZ_HTTP1_SENT_ON_H

#include "http1/every_way.h"

/* A request. */
void check_request_sent_on(
    const struct setting *setting, struct wb_bytes input, const struct message *message);

/* A response to what the setting says was asked. */
void check_response_sent_on(
    const struct setting *setting, struct wb_bytes input, const struct message *message);

#endif
