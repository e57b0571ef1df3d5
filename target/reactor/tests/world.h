/* What the reactor's tests stand on: the real system with counted memory, an allocation that can be
 * refused and notes that are kept; a poll that remembers what it was told; and connections over
 * loopback. Waits are bounded by poll timeouts, nothing sleeps.
 *
 * Each program runs once for every back-end: WB_TEST_BACKEND=poll in the environment chooses the
 * second one. */
#ifndef REACTOR_TESTS_WORLD_H
#define REACTOR_TESTS_WORLD_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include "wb/addr.h"
#include "wb/poll.h"
#include "wb/sys.h"
#include "wb/tcp.h"

#define MS INT64_C(1000000)

/* How long a test waits for what must happen. */
#define PATIENCE_NS (5000 * MS)

/* How long a test looks for what must not happen. */
#define QUIET_NS (30 * MS)

enum { TOKENS = 16, NOTES_MAX = 64 };

struct note {
    enum wb_note kind;
    uint64_t a;
    uint64_t b;
};

struct world {
    struct wb_sys_ops ops;
    struct wb_sys sys;       /* Linux, but for memory and notes */
    enum wb_backend backend; /* of every poll and loop of the test */
    atomic_size_t blocks;
    atomic_size_t bytes;
    atomic_size_t requests;
    atomic_size_t refuse_at; /* the request of this number is refused, from 1; 0: none */
    atomic_int reads;
    atomic_int writes;
    struct note notes[NOTES_MAX];
    size_t note_count;
    size_t descriptors; /* open when the test began */

    struct wb_poll poll;
    struct wb_events events;
    uint32_t flags[TOKENS]; /* all that was reported since world_forget(), by token */
    uint32_t reports[TOKENS];
    uint32_t report_count;
};

/* cmocka fixtures. The teardown fails if memory or a descriptor is left. */
int world_setup(void **state);
int world_teardown(void **state);

/* The same for tests that do not want the poll. */
int world_setup_bare(void **state);
int world_teardown_bare(void **state);

size_t world_descriptors(void);

/* A poll on the world's back-end. */
void world_poll_init(struct world *world, struct wb_poll *out_poll);

/* Every wait from now on fails with this errno, until world_wait_works(). */
void world_fail_waits(struct world *world, int error);
void world_wait_works(struct world *world);

/* The n-th memory request from now on fails; 0: none. */
void world_refuse(struct world *world, size_t n);

/* Counts reads and writes of plain descriptors in `reads` and `writes`, from 0. */
void world_count_calls(struct world *world);

/* A thread of the system. */
uint64_t world_start(struct world *world, wb_thread_fn fn, void *arg);
void world_join(struct world *world, uint64_t thread);

/* ---- watching ---- */

const struct wb_registry *world_registry(struct world *world);

void world_watch(struct world *world, struct wb_source *source, uint64_t token, uint32_t interest,
    enum wb_trigger trigger);

/* One wait; adds what it reports to flags and reports. Returns how many events it gave. */
uint32_t world_wait(struct world *world, int64_t timeout_ns);

void world_forget(struct world *world);

/* Waits until all of `flags` were reported for the token; fails when patience ends. */
void world_await(struct world *world, uint64_t token, uint32_t flags);

/* Fails if anything is reported. */
void world_assert_quiet(struct world *world);

/* ---- connections ---- */

#define assert_status(actual, expected)                                                            \
    assert_string_equal(wb_status_name(actual), wb_status_name(expected))
#define assert_ok(actual) assert_status(actual, WB_OK)

/* A listener on 127.0.0.1 and a port of the system's choice. */
void world_listen(
    struct world *world, struct wb_tcp_listener *out_listener, struct wb_addr *out_addr);

/* Connects and accepts, without registering anything. */
void world_accept(
    struct world *world, struct wb_tcp_listener *listener, struct wb_tcp_stream *out_stream);
void world_pair(
    struct world *world, struct wb_tcp_stream *out_client, struct wb_tcp_stream *out_server);

/* Waits with poll(2), so that no registration is touched. */
void world_await_readable(struct world *world, int fd);

/* Sends all; fails if it cannot be sent at once. */
void world_send(struct wb_tcp_stream *stream, const char *text);

/* Reads exactly this, waiting for it with poll(2). */
void world_expect(struct world *world, struct wb_tcp_stream *stream, const char *text);

/* Waits with poll(2), then the stream must be at its end. */
void world_expect_eof(struct world *world, struct wb_tcp_stream *stream);

#endif
