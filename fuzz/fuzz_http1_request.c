/* Property: a request's head and content are understood, or refused, in one way only: the same
 * whole, cut in two or byte by byte, and with each way of looking at bytes; what is found lies
 * within the bytes, names are tokens, values have no control characters; an error has a place and a
 * response; sent on by our encoder and parsed again it is the same request; and without options it
 * is what an independent reader understands, or refuses. Code under test: target/http/h1,
 * target/http/message. The input: a byte of options, one of where to cut, and the bytes of the
 * message. */
#include "driver/fuzz_target.h"

#include "http1/every_way.h"
#include "http1/reference.h"
#include "http1/sent_on.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2 || size > INPUT_LEN_MAX) {
        return 0;
    }
    const struct setting setting = {
        .kind = WB_H1_REQUEST, .options = options_of(data[0]), .cut = data[1]};
    struct wb_bytes input = wb_bytes_from(data + 2, size - 2);
    struct message message;
    parse_every_way(&setting, input, &message);
    if (message.status == WB_OK) {
        read_every_way(&setting, input, &message);
        check_request_sent_on(&setting, input, &message);
    }
    check_against_reference(&setting, input);
    return 0;
}
