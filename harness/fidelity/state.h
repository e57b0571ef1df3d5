/* The state of a descriptor in one word: coverage counts operations by it. */
#ifndef FIDELITY_STATE_H
#define FIDELITY_STATE_H

#include <stdbool.h>

#include "fidelity/world.h"

#define FID_STATE_TABLE(X)                                                                         \
    X(CLOSED, "closed")                                                                            \
    X(FRESH, "fresh")                                                                              \
    X(BOUND, "bound")                                                                              \
    X(LISTENING, "listening")                                                                      \
    X(PENDING, "pending")                                                                          \
    X(CONNECTING, "connecting")                                                                    \
    X(OPEN, "open")                                                                                \
    X(DATA, "data")                                                                                \
    X(PEER_SHUT, "peer-shut")                                                                      \
    X(SHUT_WR, "shut-wr")                                                                          \
    X(SHUT_RD, "shut-rd")                                                                          \
    X(ENDED, "ended")                                                                              \
    X(PEER_GONE, "peer-gone")                                                                      \
    X(RESET, "reset")                                                                              \
    X(ZERO, "zero")                                                                                \
    X(COUNTED, "counted")                                                                          \
    X(ARMED, "armed")                                                                              \
    X(WATCHING, "watching")                                                                        \
    X(FULL, "full")                                                                                \
    X(READ_ONLY, "read-only")                                                                      \
    X(NEITHER, "neither")                                                                          \
    X(WRITE_ONLY, "write-only")                                                                    \
    X(APPENDING, "appending")                                                                      \
    X(EMPTY, "empty")                                                                              \
    X(AT_END, "at-end")                                                                            \
    X(REMOVED, "removed")

enum fid_state {
#define FID_STATE_ENUM(name, text) FID_STATE_##name,
    FID_STATE_TABLE(FID_STATE_ENUM)
#undef FID_STATE_ENUM
        FID_STATE_COUNT
};
const char *fid_state_name(enum fid_state state);
/* NULL: CLOSED. */
enum fid_state fid_file_state(const struct fid_world *world, const struct fid_file *file);

/* What a descriptor is to an operation: its subject, or the other one of two. */
enum fid_role { FID_ROLE_SUBJECT, FID_ROLE_OTHER, FID_ROLE_COUNT };
/* Whether an operation can find a descriptor of that kind in that state there: a cell of the
 * coverage. */
bool fid_is_cell(enum fid_code code, enum fid_role role, enum fid_kind kind, enum fid_state state);

#endif
