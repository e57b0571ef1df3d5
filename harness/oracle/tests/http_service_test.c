/* The oracle of HTTP: what a service gets must be what was sent (INV-16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "speakers.h"

/* What a service gets is what was sent, in that order; who says nothing of it is not asked. */
static void http_inv_16_services_get_what_was_sent(void **state) {
    (void)state;
    static const char get[] = ">GET /\nhost:a";
    static const char post[] = ">POST /\nhost:a\ncontent-length:3|<abc";
    static const struct {
        struct exchange exchange;
        const char *notes[2];
    } rows[] = {
        {{GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, NULL}, {get}},
        {{POST GET, POST_LEN + GET_LEN, {{POST_LEN + GET_LEN, OK}, {0, OK}, {0, ""}}, NULL},
            {post, get}},
        {{CHUNKED, CHUNKED_LEN, {{CHUNKED_LEN, OK}, {0, ""}}, NULL},
            {">POST /\nhost:a\ntransfer-encoding:chunked|<abc"}},
        {{GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, "not the one that was sent"}, {">GET /\nhost:b"}},
        {{GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, "not the one that was sent"}, {">GET /"}},
        {{GET POST, GET_LEN + POST_LEN, {{GET_LEN + POST_LEN, OK}, {0, OK}, {0, ""}},
             "not the one that was sent"},
            {get, get}},
        {{GET, GET_LEN, {{GET_LEN, OK}, {0, ""}}, "nobody has sent"},
            {">GET /\nhost:a|>GET /\nhost:a"}},
        {{PART, PART_LEN, {{PART_LEN, REFUSED}, {0, ""}}, "nobody has sent"}, {get}},
        {{BAD, BAD_LEN, {{BAD_LEN, REFUSED}, {0, ""}}, "what was sent is none"}, {">GET /"}},
        {{POST, POST_LEN, {{POST_LEN, OK}, {0, ""}}, "it is not what was sent"},
            {">POST /\nhost:a\ncontent-length:3|<abd"}},
        {{CUT, POST_LEN, {{POST_LEN, OK}, {0, ""}}, "for whole that is not"},
            {">POST /\nhost:a\ncontent-length:9|<abc"}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        script.notes[0] = rows[i].notes[0];
        script.notes[1] = rows[i].notes[1];
        speakers_check("says", "connect", &rows[i].exchange);
    }
    script.notes[0] = NULL;
    script.notes[1] = NULL;
}

/* A request that might change the protocol is answered together with the one behind it. */
static void http_inv_16_request_behind_an_upgrade_is_one(void **state) {
    (void)state;
    static const struct exchange exchange = {
        UPGRADE GET, UPGRADE_LEN + GET_LEN, {{UPGRADE_LEN + GET_LEN, OK OK}, {0, ""}}, NULL};
    script.notes[0] = ">GET /\nhost:a\nconnection:Upgrade\nupgrade:x|>GET /\nhost:a";
    speakers_check("says", "connect", &exchange);
    script.notes[0] = NULL;
}

#define FIFTY "01234567890123456789012345678901234567890123456789"
#define WIDE                                                                                       \
    "POST / HTTP/1.1\\r\\nHost: a\\r\\nConnection: Upgrade\\r\\nUpgrade: x\\r\\n"                  \
    "Content-Length: 500\\r\\n\\r\\n" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY
#define WIDE_LEN 582

/* The content of a request may end behind the answer that makes a tunnel of the connection. */
static void http_inv_16_content_behind_a_change_of_protocol_is_not_read(void **state) {
    (void)state;
    static const struct exchange exchange = {WIDE, WIDE_LEN,
        {{1, "HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"}, {WIDE_LEN, "hello"},
            {0, ""}},
        NULL};
    script.notes[0] = ">POST /\nhost:a\nconnection:Upgrade\nupgrade:x\ncontent-length:500";
    script.notes[1] = "<content";
    speakers_check("says", "connect", &exchange);
    script.notes[0] = NULL;
    script.notes[1] = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_inv_16_services_get_what_was_sent),
        cmocka_unit_test(http_inv_16_request_behind_an_upgrade_is_one),
        cmocka_unit_test(http_inv_16_content_behind_a_change_of_protocol_is_not_read),
    };
    return cmocka_run_group_tests(tests, speakers_begin, speakers_tear_down);
}
