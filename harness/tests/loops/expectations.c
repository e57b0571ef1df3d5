/* See expectations.h. One row an expectation, in the order of the files that hold them. */
#include "expectations.h"

#include "wouldblock/kernel.h"

const struct loops_expectation loops_expectations[] = {
    /* libuv: the loop */
    {
        .as = {"stopped-called", "libuv",
            "what a callback of the same batch has stopped is no longer called", "crash", "process",
            "who has stopped", 0, 0},
        .documented = "`uv_poll_stop`, \"the callback will no longer be called\"; `uv__io_poll`",
        .ignored = "hands every event of the batch on",
    },
    {
        .as = {"closed-not-invalidated", "libuv",
            "closing takes back what the batch still has for that number", "misuse", "stale", "bob",
            0, 0},
        .documented = "`uv_poll_t`, on closing after `uv_poll_stop`; `uv__platform_invalidate_fd`",
        .ignored = "leaves the batch as it is, and the number is another's by then",
    },
    {
        .as = {"hang-up-not-merged", "libuv", "HUP may come alone, and the reader must hear of it",
            "spin", "interest", "HUP", 0, 0},
        .documented = "`uv__io_poll`, on a quirk of epoll",
        .ignored = "goes by IN and OUT",
    },
    {
        .as = {"error-not-merged", "libuv", "ERR may come alone, and the writer must hear of it",
            "spin", "interest", "ERR", 0, 0},
        .documented = "`uv__io_poll`, on a quirk of epoll",
        .ignored = "goes by IN and OUT",
    },
    {
        .as = {"restart-not-modified", "libuv",
            "a stopped watcher is still registered: ADD says EEXIST, and MOD changes it", "spin",
            "interest", "alice", 0, 0},
        .documented = "`uv__io_stop`, `uv__io_poll`",
        .ignored = "takes EEXIST for good, and the old mask stays",
    },
    {
        .as = {"limit-on-edges", "libuv", "what 32 reads left over is reported again", "hang",
            "hang", "read until EAGAIN", 0, 0},
        .documented = "`uv__read`, on starvation: it would have to rearm if edge-triggered",
        .ignored = "has that limit, and is edge-triggered",
    },
    /* libuv: the program */
    {
        .as = {"uv-again-fatal", "libuv", "a descriptor may be reported ready when it is not",
            "protocol", "expectation", "EAGAIN", 0, 0},
        .documented = "`uv_poll_t`, on EAGAIN; `uv_read_cb`, on `nread` of 0",
        .ignored = "takes EAGAIN for an error",
    },
    {
        .as = {"closed-while-active", "libuv",
            "what is watched is stopped before its descriptor is closed", "misuse", "stale", "bob",
            0, 0},
        .documented = "`uv_poll_t`, on closing what is polled",
        .ignored = "closes it, and the loop learns nothing of it",
    },
    {
        .as = {"shortage-left", "libuv",
            "a connection for which there is no descriptor is reported until it is accepted",
            "spin", "spin", "EMFILE", 0, 0},
        .documented = "`uv__emfile_trick`",
        .ignored = "leaves it in the queue",
    },
    {
        .as = {"writes-not-started", "libuv", "what could not be written is, once OUT is reported",
            "hang", "hang", "alice", 0, 0},
        .documented = "`uv_write`, queued in order; `uv__write`",
        .ignored = "does not wait for OUT",
    },
    {
        .as = {"writes-not-stopped", "libuv", "OUT is reported for as long as it is asked for",
            "spin", "interest", "OUT", 0, 0},
        .documented = "`uv__drain`",
        .ignored = "goes on waiting for OUT with nothing to write",
    },
    {
        .as = {"disconnect-relied-on", "libuv", "a disconnect need not be reported", "spin", "spin",
            "recv", 0, 0},
        .documented = "`uv_poll_start`, on `UV_DISCONNECT`",
        .ignored = "takes a read of 0 for nothing yet",
    },
    /* libevent: the loop */
    {
        .as = {"hang-up-not-both", "libevent", "HUP without RDHUP is for readers and writers",
            "spin", "interest", "HUP", 0, 0},
        .documented = "`epoll_dispatch`",
        .ignored = "goes by IN and OUT",
    },
    {
        .as = {"error-not-both", "libevent", "ERR is for readers and writers", "spin", "interest",
            "ERR", 0, 0},
        .documented = "`epoll_dispatch`",
        .ignored = "goes by IN and OUT",
    },
    {
        .as = {"error-hides-closed", "libevent",
            "the peer's end is told to who asked, also together with an error", "spin", "interest",
            "alice", 0, 0},
        .documented = "`EV_CLOSED`; not kept by `epoll_dispatch`",
        .ignored = "tells readers and writers only of an error, as `epoll_dispatch` does",
    },
    {
        .as = {"deleted-called", "libevent",
            "an active event that is deleted is not called any more", "misuse", "stale", "bob", 0,
            0},
        .documented = "book, Ref4, `event_del`",
        .ignored = "calls it all the same",
    },
    {
        .as = {"change-elided", "libevent",
            "to delete and add an event arms its edge anew, though the mask stays the same", "hang",
            "hang", "alice", 0, 0},
        .documented = "`epoll.c`, second note on the table of operations",
        .ignored = "saves a call that changes nothing",
    },
    {
        .as = {"existing-not-modified", "libevent",
            "ADD may say EEXIST, of a duplicate with an old number: MOD changes it", "hang", "hang",
            "alice", 0, 0},
        .documented = "`epoll.c`, third note; `epoll_apply_one_change`",
        .ignored = "takes EEXIST for good",
        .edges_only = 1,
    },
    {
        .as = {"missing-not-added", "libevent",
            "MOD may say ENOENT, of a number that was closed and opened again: ADD adds it", "hang",
            "hang", "carol", 0, 0},
        .documented = "`epoll.c`, first note; `epoll_apply_one_change`",
        .ignored = "takes ENOENT for good",
    },
    {
        .as = {"missing-on-del-fatal", "libevent", "DEL may say ENOENT or EBADF: it was not needed",
            "protocol", "expectation", "EBADF", 0, 0},
        .documented = "`epoll_apply_one_change`",
        .ignored = "takes it for a failure of the loop",
    },
    /* libevent: the program */
    {
        .as = {"event-again-fatal", "libevent", "a read event may find nothing to read", "protocol",
            "expectation", "EAGAIN", 0, 0},
        .documented = "book, 01 intro: its servers try again on EAGAIN",
        .ignored = "takes EAGAIN for an error",
    },
    {
        .as = {"edge-not-drained", "libevent",
            "an edge that persists is told once: it is read until it would block", "hang", "hang",
            "read until EAGAIN", 0, 0},
        .documented = "book, Ref4, `EV_ET`: a descriptor that becomes ready",
        .ignored = "reads once",
    },
    {
        .as = {"turn-not-rearmed", "libevent",
            "who stops earlier deletes and adds the event, and is told at once", "hang", "hang",
            "alice", 0, 0},
        .documented = "book, Ref4, `event_add`; `epoll.c`, second note",
        .ignored = "stops, and waits",
    },
    {
        .as = {"duplicate-told-late", "libevent",
            "of a descriptor with duplicates epoll is told before it is closed", "spin", "interest",
            "duplicate", 0, 0},
        .documented = "`EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST`, on `dup`",
        .ignored = "leaves it to the list of changes",
    },
    {
        .as = {"closed-not-watched", "libevent", "the peer's end is told without reading", "hang",
            "hang", "alice", 0, 0},
        .documented = "`EV_CLOSED`",
        .ignored = "does not ask for it",
        .unfit = SIM_FLAVOUR_NO_RDHUP,
    },
};

const size_t loops_expectation_count = sizeof loops_expectations / sizeof loops_expectations[0];
