/* Accepting when it fails: out of descriptors, aborted connections, registrations refused. Both
 * servers share the acceptor; it is tested through them on real sockets, with calls that fail. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "peer.h"
#include "program.h"

static const char *const servers[] = {"ping_pong", "multi_echo"};

static void check_serves(uint16_t port) {
    int peer = peer_connect(port);
    peer_say(peer, "ping\n");
    peer_hear(peer, "ping\n");
    peer_half_close(peer);
    peer_expect_end(peer);
}

static void with_faults(const struct program_faults *faults, int accepts_max, int waits_max) {
    for (size_t s = 0; s < sizeof servers / sizeof servers[0]; s++) {
        for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
            uint16_t port =
                program_start(servers[s], with_trigger(triggers[i], NULL, NULL), faults);
            check_serves(port);
            /* It neither span while it could not accept, nor lost the connection that waited. */
            assert_in_range(program_accepts(), faults->accept_errors + 1, accepts_max);
            assert_in_range(program_waits(), 1, waits_max);
            check_serves(port);
            program_stop();
        }
    }
}

/* P2.14, T1-07, T3-11: also with an edge trigger, which does not tell of the connection again. */
static void acceptor_out_of_resources_rests_and_goes_on(void **state) {
    (void)state;
    static const int errors[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const struct program_faults faults = {.accept_error = errors[i], .accept_errors = 3};
        with_faults(&faults, 8, 40);
    }
}

/* T1-07 */
static void acceptor_aborted_connection_is_passed_over(void **state) {
    (void)state;
    static const int errors[] = {ECONNABORTED, EINTR, ENETUNREACH};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const struct program_faults faults = {.accept_error = errors[i], .accept_errors = 2};
        with_faults(&faults, 8, 40);
    }
}

/* The connection whose registration fails is closed; the server goes on. The first registrations
 * are the signals' and the listener's. */
static void acceptor_connection_that_cannot_be_watched_is_closed(void **state) {
    (void)state;
    const struct program_faults faults = {
        .register_error = ENOSPC, .register_skip = 2, .register_errors = 1};
    for (size_t s = 0; s < sizeof servers / sizeof servers[0]; s++) {
        for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
            uint16_t port =
                program_start(servers[s], with_trigger(triggers[i], NULL, NULL), &faults);
            peer_expect_end(peer_connect(port));
            check_serves(port);
            program_stop();
        }
    }
}

/* The listener's own registration after that: it comes back with the timer, however often it is
 * refused. */
static void acceptor_listener_that_cannot_be_watched_comes_back(void **state) {
    (void)state;
    const struct program_faults faults = {.accept_error = EMFILE,
        .accept_errors = 1,
        .register_error = ENOMEM,
        .register_skip = 2,
        .register_errors = 3};
    with_faults(&faults, 8, 60);
}

/* P2.15: without a listener there is no server. */
static void acceptor_first_registration_fails_server_ends(void **state) {
    (void)state;
    static const char *const listen[] = {"--listen", "127.0.0.1:0", NULL};
    for (size_t s = 0; s < sizeof servers / sizeof servers[0]; s++) {
        const struct program_faults faults = {
            .register_error = ENOMEM, .register_skip = 1, .register_errors = 1};
        assert_int_equal(program_run(servers[s], listen, &faults), 1);
    }
}

/* Every allocation of the start fails once: a message and exit status 1, nothing left behind. */
static void acceptor_no_memory_at_start_server_ends(void **state) {
    (void)state;
    static const char *const listen[] = {"--listen", "127.0.0.1:0", NULL};
    for (size_t s = 0; s < sizeof servers / sizeof servers[0]; s++) {
        int allocations = program_allocations(servers[s], NULL);
        assert_in_range(allocations, 2, 100);
        for (int i = 0; i < allocations; i++) {
            const struct program_faults faults = {.alloc_skip = i, .alloc_errors = 1};
            assert_int_equal(program_run(servers[s], listen, &faults), 1);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acceptor_out_of_resources_rests_and_goes_on),
        cmocka_unit_test(acceptor_aborted_connection_is_passed_over),
        cmocka_unit_test(acceptor_connection_that_cannot_be_watched_is_closed),
        cmocka_unit_test(acceptor_listener_that_cannot_be_watched_comes_back),
        cmocka_unit_test(acceptor_first_registration_fails_server_ends),
        cmocka_unit_test(acceptor_no_memory_at_start_server_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
