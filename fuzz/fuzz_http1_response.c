/* Property: a response's head and content, for whatever was asked, are understood or refused in one
 * way only: the same whole, cut in two or byte by byte, and with each way of looking at bytes; what
 * is found lies within the bytes, and an error has a place; sent on by our encoder and parsed again
 * it is the same response; and without options it is what an independent reader understands, or
 * refuses. All but the last two holds of trailers, too.
 * Code under test: target/http/h1, target/http/message. The input: a byte of options, one of where
 * to cut, one of what was asked, and the bytes of the message. */
#include "driver/fuzz_target.h"

#include "http1/every_way.h"
#include "http1/reference.h"
#include "http1/sent_on.h"

enum { KIND_TRAILERS = 0x80, ASKED_UPGRADE = 0x40, METHOD_MASK = 0x0f };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3 || size > INPUT_LEN_MAX) {
        return 0;
    }
    const struct setting setting = {
        .kind = (data[2] & KIND_TRAILERS) != 0 ? WB_H1_TRAILERS : WB_H1_RESPONSE,
        .options = options_of(data[0]),
        .cut = data[1],
        .asked = {(enum wb_http_method)((data[2] & METHOD_MASK) % WB_HTTP_METHOD_COUNT),
            (data[2] & ASKED_UPGRADE) != 0}};
    struct wb_bytes input = wb_bytes_from(data + 3, size - 3);
    struct message message;
    parse_every_way(&setting, input, &message);
    if (message.status == WB_OK && setting.kind == WB_H1_RESPONSE) {
        read_every_way(&setting, input, &message);
        check_response_sent_on(&setting, input, &message);
    }
    if (setting.kind == WB_H1_RESPONSE) {
        check_against_reference(&setting, input);
    }
    return 0;
}
