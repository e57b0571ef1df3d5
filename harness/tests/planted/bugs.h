/* The names of the planted bugs, and which one is switched on. What each is, where it shows and
 * what the harness must say of it is the table in cases.c; the bugs themselves are in the twins. */
#ifndef PLANTED_BUGS_H
#define PLANTED_BUGS_H

/* X(enumerator, name as the value of --bug) */
#define PLANTED_BUG_TABLE(X)                                                                       \
    /* the loop and the listener: server.c */                                                      \
    X(LISTENER_ERROR_ENDS, "listener-error-ends")                                                  \
    X(LISTENER_ASSERTED, "listener-asserted")                                                      \
    X(ONE_ACCEPT_PER_EDGE, "one-accept-per-edge")                                                  \
    X(SHORTAGE_REARMED, "shortage-rearmed")                                                        \
    X(REST_WITHOUT_TIMER, "rest-without-timer")                                                    \
    X(INTERRUPT_FATAL, "interrupt-fatal")                                                          \
    X(SIGNAL_IGNORED, "signal-ignored")                                                            \
    X(DOUBLE_REGISTRATION, "double-registration")                                                  \
    X(LEAKED_TIMER, "leaked-timer")                                                                \
    X(LEAKED_DESCRIPTOR, "leaked-descriptor")                                                      \
    /* slots and tokens: slots.c */                                                                \
    X(TOKEN_REUSED, "token-reused")                                                                \
    X(DOUBLE_REMOVE, "double-remove")                                                              \
    /* the echo server: planted_ping_pong.c */                                                     \
    X(READABLE_ASSERTED, "readable-asserted")                                                      \
    X(READ_ERROR_ABORTS, "read-error-aborts")                                                      \
    X(INSERT_UNWRAPPED, "insert-unwrapped")                                                        \
    X(TOKEN_INDEXED, "token-indexed")                                                              \
    X(CLOSED_UNIMPLEMENTED, "closed-unimplemented")                                                \
    X(NOT_REARMED, "not-rearmed")                                                                  \
    X(ONE_LINE_PER_EDGE, "one-line-per-edge")                                                      \
    X(REST_FORGOTTEN, "rest-forgotten")                                                            \
    X(PARTIAL_REPEATED, "partial-repeated")                                                        \
    X(BYTEWISE_DRAIN, "bytewise-drain")                                                            \
    X(ENDLESS_LINE, "endless-line")                                                                \
    X(SLICE_BEYOND_END, "slice-beyond-end")                                                        \
    X(ZERO_SPACE_IS_END, "zero-space-is-end")                                                      \
    X(WOULD_BLOCK_RETRIED, "would-block-retried")                                                  \
    X(ONE_READ_PER_EDGE, "one-read-per-edge")                                                      \
    X(MODE_LOST, "mode-lost")                                                                      \
    X(FIRST_REPORT_DROPPED, "first-report-dropped")                                                \
    X(SHORT_READ_CLEARS, "short-read-clears")                                                      \
    X(SHORT_READ_DRAINS, "short-read-drains")                                                      \
    X(WRITABLE_NOT_CLEARED, "writable-not-cleared")                                                \
    X(RECEIVER_TOO_LATE, "receiver-too-late")                                                      \
    X(SHORT_READ_IS_END, "short-read-is-end")                                                      \
    X(OUT_NOT_ARMED, "out-not-armed")                                                              \
    X(NOT_FLUSHED, "not-flushed")                                                                  \
    X(OUT_ALWAYS_ARMED, "out-always-armed")                                                        \
    X(HANG_UP_SKIPPED, "hang-up-skipped")                                                          \
    X(PAUSED_BUT_ARMED, "paused-but-armed")                                                        \
    X(HANG_UP_FIRST, "hang-up-first")                                                              \
    X(HALF_CLOSE_IS_CLOSE, "half-close-is-close")                                                  \
    X(END_LOST_WHILE_WRITING, "end-lost-while-writing")                                            \
    X(END_IS_RETRY, "end-is-retry")                                                                \
    X(WOULD_BLOCK_FATAL, "would-block-fatal")                                                      \
    X(DUPLICATE_KEPT, "duplicate-kept")                                                            \
    X(ENDLESS_PASS, "endless-pass")                                                                \
    X(CLOSED_UNFLUSHED, "closed-unflushed")                                                        \
    X(INPUT_LOST_WHILE_PAUSED, "input-lost-while-paused")                                          \
    X(DEL_AFTER_CLOSE, "del-after-close")                                                          \
    X(DOUBLE_CLOSE, "double-close")                                                                \
    X(LEAKED_MEMORY, "leaked-memory")                                                              \
    X(LEAKED_SLOT, "leaked-slot")                                                                  \
    X(CAPITAL_PER_READ, "capital-per-read")                                                        \
    X(CAPITAL_PER_ARMING, "capital-per-arming")                                                    \
    X(LENGTH_TRUSTED, "length-trusted")                                                            \
    X(SHORT_HEADER_FATAL, "short-header-fatal")                                                    \
    X(SHORT_BODY_FATAL, "short-body-fatal")                                                        \
    X(PREFIX_SENT_AGAIN, "prefix-sent-again")                                                      \
    X(INCOMPLETE_UNIT_RETRIED, "incomplete-unit-retried")                                          \
    /* the broadcast server: planted_multi_echo.c */                                               \
    X(FULL_IS_EMPTY, "full-is-empty")                                                              \
    X(LAST_IN_FIRST_OUT, "last-in-first-out")                                                      \
    X(PARTIAL_IS_ALL, "partial-is-all")                                                            \
    X(ZERO_SPACE_IS_SHORT, "zero-space-is-short")                                                  \
    X(LAST_WORDS_DROPPED, "last-words-dropped")                                                    \
    X(END_UNNOTICED, "end-unnoticed")                                                              \
    X(EMPTY_QUEUE_IS_ERROR, "empty-queue-is-error")                                                \
    X(USED_AFTER_REMOVAL, "used-after-removal")                                                    \
    X(SENDER_REMOVED, "sender-removed")                                                            \
    X(QUEUE_WITHOUT_BOUND, "queue-without-bound")                                                  \
    X(QUEUED_NOT_ARMED, "queued-not-armed")                                                        \
    X(FREED_WHILE_ITERATING, "freed-while-iterating")                                              \
    X(SKIPPED_WHILE_ITERATING, "skipped-while-iterating")                                          \
    X(EVENT_AFTER_CLOSE, "event-after-close")                                                      \
    /* the client: planted_client.c */                                                             \
    X(CONNECT_ERROR_IGNORED, "connect-error-ignored")                                              \
    X(CONNECT_OVERWRITTEN, "connect-overwritten")                                                  \
    X(IN_PROGRESS_FATAL, "in-progress-fatal")                                                      \
    X(IMMEDIATE_FATAL, "immediate-fatal")                                                          \
    X(TIMEOUT_ROUNDED_DOWN, "timeout-rounded-down")                                                \
    X(BUSY_WAITING, "busy-waiting")                                                                \
    X(RETRY_NOT_TIMED, "retry-not-timed")                                                          \
    X(LINE_PER_WRITE, "line-per-write")                                                            \
    X(LINE_PER_ARMING, "line-per-arming")                                                          \
    /* the Unix server: planted_seqpacket.c */                                                     \
    X(STALE_PATH_FATAL, "stale-path-fatal")                                                        \
    X(LOCAL_RESET_ASSERTED, "local-reset-asserted")                                                \
    X(MESSAGE_CUT, "message-cut")                                                                  \
    X(MESSAGES_GLUED, "messages-glued")                                                            \
    X(SHORT_MESSAGE_DRAINS, "short-message-drains")                                                \
    /* the server of HTTP: planted_http.c */                                                       \
    X(ANSWERED_TWICE, "answered-twice")                                                            \
    X(SENT_AFTER_LAST, "sent-after-last")                                                          \
    X(BODY_TO_HEAD, "body-to-head")                                                                \
    X(CHUNKS_TO_OLD, "chunks-to-old")                                                              \
    X(FRAMED_TWICE, "framed-twice")                                                                \
    X(LENGTH_TOO_SHORT, "length-too-short")                                                        \
    X(LENGTH_TOO_LONG, "length-too-long")                                                          \
    X(LAST_CHUNK_LEFT_OUT, "last-chunk-left-out")                                                  \
    X(BROKEN_OFF, "broken-off")                                                                    \
    X(CONTINUE_UNASKED, "continue-unasked")                                                        \
    X(LENGTH_BESIDE_CHUNKS, "length-beside-chunks")                                                \
    X(HEAD_IN_ONE_READ, "head-in-one-read")                                                        \
    X(LATE_THOUGH_WHOLE, "late-though-whole")                                                      \
    X(NEXT_FORGOTTEN, "next-forgotten")                                                            \
    /* the stack itself, its server and client: planted_stack.c */                                 \
    X(LINE_FEED_ALONE, "line-feed-alone")                                                          \
    X(HOST_NOT_MISSED, "host-not-missed")                                                          \
    X(BAD_FIELD_SKIPPED, "bad-field-skipped")                                                      \
    X(BLANKS_IN_START_LINE, "blanks-in-start-line")                                                \
    X(LAST_LENGTH_WINS, "last-length-wins")                                                        \
    X(LENGTH_PREFIX_READ, "length-prefix-read")                                                    \
    X(LENGTH_WRAPS, "length-wraps")                                                                \
    X(LENGTH_IS_OCTAL, "length-is-octal")                                                          \
    X(LENGTH_BEATS_CHUNKS, "length-beats-chunks")                                                  \
    X(CHUNKS_BESIDE_LENGTH, "chunks-beside-length")                                                \
    X(CODING_BY_SUBSTRING, "coding-by-substring")                                                  \
    X(CODING_IGNORED, "coding-ignored")                                                            \
    X(CHUNKS_FROM_OLD, "chunks-from-old")                                                          \
    X(CONTENT_OF_GET_IGNORED, "content-of-get-ignored")                                            \
    X(CLOSE_FORGOTTEN, "close-forgotten")                                                          \
    X(SECOND_HOST_TAKEN, "second-host-taken")                                                      \
    X(HOST_UNCHECKED, "host-unchecked")                                                            \
    X(UPGRADE_UNNAMED, "upgrade-unnamed")                                                          \
    X(INCOMPLETE_IS_WHOLE, "incomplete-is-whole")                                                  \
    X(BYTE_LOST_AT_BORDER, "byte-lost-at-border")                                                  \
    X(BEHIND_HEAD_FORGOTTEN, "behind-head-forgotten")                                              \
    X(CONTENT_IS_REQUEST, "content-is-request")                                                    \
    X(WRITTEN_AGAIN, "written-again")                                                              \
    X(WRITTEN_BY_HALF, "written-by-half")                                                          \
    X(REST_DROPPED_WHEN_FULL, "rest-dropped-when-full")                                            \
    X(TIME_BEGINS_ANEW, "time-begins-anew")                                                        \
    X(TIME_IS_NEVER_UP, "time-is-never-up")                                                        \
    X(COLLECTED_WITHOUT_LIMIT, "collected-without-limit")                                          \
    X(RESPONSE_WITHOUT_LIMIT, "response-without-limit")                                            \
    X(HANDED_ON_SHORT, "handed-on-short")                                                          \
    X(HANDED_ON_TWICE, "handed-on-twice")                                                          \
    X(HANDED_ON_CUT, "handed-on-cut")                                                              \
    X(CUT_IS_WHOLE, "cut-is-whole")                                                                \
    X(ASKED_FOR_ANOTHER, "asked-for-another")                                                      \
    X(ASKED_SHORT, "asked-short")                                                                  \
    X(BUFFER_LEAKED, "buffer-leaked")                                                              \
    X(AWAKE_FOR_NOTHING, "awake-for-nothing")                                                      \
    X(AHEAD_FORGOTTEN, "ahead-forgotten")                                                          \
    X(LAST_FIELD_UNSHOWN, "last-field-unshown")                                                    \
    X(LAST_BYTE_UNSHOWN, "last-byte-unshown")                                                      \
    /* the copy of a file: planted_copy.c */                                                       \
    X(FILE_WRITE_UNCHECKED, "file-write-unchecked")                                                \
    X(FILE_INTERRUPT_ENDS, "file-interrupt-ends")                                                  \
    /* the server on the runtime: planted_async.c */                                               \
    X(HANDLE_DROPPED, "handle-dropped")                                                            \
    X(ACCEPT_UNWRAPPED, "accept-unwrapped")                                                        \
    X(ACCEPT_ERROR_ENDS, "accept-error-ends")                                                      \
    X(SLEEPS_IN_POLL, "sleeps-in-poll")                                                            \
    X(ONE_ACCEPT_PER_REPORT, "one-accept-per-report")                                              \
    X(PENDING_UNARMED, "pending-unarmed")                                                          \
    X(SERVED_WHILE_ACCEPTING, "served-while-accepting")                                            \
    X(ADDRESS_NOT_REUSED, "address-not-reused")                                                    \
    /* its connections: async_peer.c */                                                            \
    X(WOULD_BLOCK_IS_END, "would-block-is-end")                                                    \
    X(WRITE_RETRIED, "write-retried")                                                              \
    X(ERROR_IS_PENDING, "error-is-pending")                                                        \
    X(ASYNC_WRITE_UNCHECKED, "async-write-unchecked")                                              \
    X(SHUTDOWN_FATAL, "shutdown-fatal")                                                            \
    X(CLEARED_WHILE_READABLE, "cleared-while-readable")                                            \
    X(NEVER_CLEARED, "never-cleared")                                                              \
    X(UNARMED_AFTER_WOULD_BLOCK, "unarmed-after-would-block")                                      \
    X(NEWER_ERASED, "newer-erased")                                                                \
    X(REGISTRATION_KEPT, "registration-kept")                                                      \
    X(ECHOED_BEFORE_READ, "echoed-before-read")                                                    \
    X(READ_OVERSTATED, "read-overstated")                                                          \
    X(UNBUDGETED, "unbudgeted")                                                                    \
    /* the server of two tasks a connection: planted_relay.c */                                    \
    X(FIRST_WAKER_KEPT, "first-waker-kept")                                                        \
    X(WAITER_OVERWRITTEN, "waiter-overwritten")                                                    \
    X(WAITED_BEFORE_LOOK, "waited-before-look")                                                    \
    X(BUFFER_BORROWED, "buffer-borrowed")                                                          \
    /* the server that answers late: planted_courier.c */                                          \
    X(PLACE_ANSWERED, "place-answered")                                                            \
    /* the client on the runtime: planted_async_client.c */                                        \
    X(WAITED_ONCE, "waited-once")                                                                  \
    X(FIRST_ADDRESS_ONLY, "first-address-only")                                                    \
    X(REST_NOT_TIMED, "rest-not-timed")                                                            \
    X(SLEEP_ROUNDED_DOWN, "sleep-rounded-down")                                                    \
    /* those that speak UDP: planted_async_udp.c */                                                \
    X(SENDER_FORGOTTEN, "sender-forgotten")                                                        \
    X(EMPTY_DATAGRAM_ENDS, "empty-datagram-ends")                                                  \
    X(CLEARED_AFTER_ERROR, "cleared-after-error")                                                  \
    /* the executor: planted_executor.c */                                                         \
    X(ALL_POLLED, "all-polled")                                                                    \
    X(QUEUED_PER_WAKE, "queued-per-wake")                                                          \
    X(DROPPED_AGAIN, "dropped-again")                                                              \
    X(TASK_LEFT, "task-left")                                                                      \
    X(TIMER_HASTENED, "timer-hastened")                                                            \
    X(CLEARED_TIMER_FIRES, "cleared-timer-fires")                                                  \
    X(YOUNGEST_FIRST, "youngest-first")                                                            \
    X(TIMERS_STARVED, "timers-starved")                                                            \
    X(LOOKED_BEFORE_SLEEP, "looked-before-sleep")

/* Those of harness/tests/loops: expectations that are ignored. */
#define PLANTED_LOOPS_BUG_TABLE(X)                                                                 \
    /* the loop as libuv's: uv_loop.c */                                                           \
    X(STOPPED_CALLED, "stopped-called")                                                            \
    X(CLOSED_NOT_INVALIDATED, "closed-not-invalidated")                                            \
    X(HANG_UP_NOT_MERGED, "hang-up-not-merged")                                                    \
    X(ERROR_NOT_MERGED, "error-not-merged")                                                        \
    X(RESTART_NOT_MODIFIED, "restart-not-modified")                                                \
    X(LIMIT_ON_EDGES, "limit-on-edges")                                                            \
    /* the program on it: uv_style.c */                                                            \
    X(UV_AGAIN_FATAL, "uv-again-fatal")                                                            \
    X(CLOSED_WHILE_ACTIVE, "closed-while-active")                                                  \
    X(SHORTAGE_LEFT, "shortage-left")                                                              \
    X(WRITES_NOT_STARTED, "writes-not-started")                                                    \
    X(WRITES_NOT_STOPPED, "writes-not-stopped")                                                    \
    X(DISCONNECT_RELIED_ON, "disconnect-relied-on")                                                \
    /* the loop as libevent's: ev_base.c */                                                        \
    X(HANG_UP_NOT_BOTH, "hang-up-not-both")                                                        \
    X(ERROR_NOT_BOTH, "error-not-both")                                                            \
    X(ERROR_HIDES_CLOSED, "error-hides-closed")                                                    \
    X(DELETED_CALLED, "deleted-called")                                                            \
    X(CHANGE_ELIDED, "change-elided")                                                              \
    X(EXISTING_NOT_MODIFIED, "existing-not-modified")                                              \
    X(MISSING_NOT_ADDED, "missing-not-added")                                                      \
    X(MISSING_ON_DEL_FATAL, "missing-on-del-fatal")                                                \
    /* the program on it: event_style.c */                                                         \
    X(EVENT_AGAIN_FATAL, "event-again-fatal")                                                      \
    X(EDGE_NOT_DRAINED, "edge-not-drained")                                                        \
    X(TURN_NOT_REARMED, "turn-not-rearmed")                                                        \
    X(DUPLICATE_TOLD_LATE, "duplicate-told-late")                                                  \
    X(CLOSED_NOT_WATCHED, "closed-not-watched")

enum planted_bug {
    PLANTED_NONE,
#define PLANTED_ENUM(name, text) PLANTED_##name,
    PLANTED_BUG_TABLE(PLANTED_ENUM) PLANTED_LOOPS_BUG_TABLE(PLANTED_ENUM)
#undef PLANTED_ENUM
        PLANTED_BUG_COUNT,
    PLANTED_LOOPS_FIRST = PLANTED_STOPPED_CALLED
};

/* PLANTED_NONE is "none". */
const char *planted_bug_name(enum planted_bug bug);
/* PLANTED_BUG_COUNT if there is no such bug. */
enum planted_bug planted_bug_from_name(const char *name);

#endif
