/* multi_echo --framed on real sockets, in every trigger mode: P2.17 of the conformance list. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "peer.h"
#include "program.h"

typedef void (*case_fn)(uint16_t port);

static void in_every_mode(case_fn run) {
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        run(program_start("multi_echo", with_trigger(triggers[i], "--framed", NULL), NULL));
        program_stop();
    }
}

/* Frames that come in pieces, from two at once, are passed on whole; empty ones are not. */
static void whole_frames(uint16_t port) {
    static const char hello[] = "\0\0\0\0\0\0\0\5hello";
    static const char empty[] = "\0\0\0\0\0\0\0";
    static const char world[] = "\0\0\0\0\0\0\0\6world!";
    int a = peer_connect(port);
    peer_send(a, world, 14);
    peer_expect(a, world, 14);
    int b = peer_connect(port);
    peer_send(b, empty, 8);
    peer_send(b, hello, 13);
    peer_expect(b, hello, 13);
    peer_expect(a, hello, 13);
    peer_send(a, hello, 3);
    peer_send(b, world, 10);
    peer_send(a, hello + 3, 7);
    peer_send(b, world + 10, 4);
    peer_expect(a, world, 14);
    peer_expect(b, world, 14);
    peer_send(a, hello + 10, 3);
    peer_expect(a, hello, 13);
    peer_expect(b, hello, 13);
    peer_close(a);
    peer_close(b);
}

static void multi_echo_framed_passes_whole_frames(void **state) {
    (void)state;
    in_every_mode(whole_frames);
}

/* T3-16: a length beyond the limit costs nothing but the connection; what was complete is heard. */
static void too_long(uint16_t port) {
    static const char frame_and_more[] = "\0\0\0\0\0\0\0\1x\xff\xff\xff\xff\xff\xff\xff\xff";
    int a = peer_connect(port);
    peer_send(a, frame_and_more, 9);
    peer_expect(a, frame_and_more, 9);
    int b = peer_connect(port);
    peer_send(b, frame_and_more, 17);
    peer_expect(b, frame_and_more, 9);
    peer_expect_end(b);
    peer_expect(a, frame_and_more, 9);
    peer_close(a);
}

static void multi_echo_framed_length_beyond_the_limit_ends_it(void **state) {
    (void)state;
    in_every_mode(too_long);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multi_echo_framed_passes_whole_frames),
        cmocka_unit_test(multi_echo_framed_length_beyond_the_limit_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
