/* What stands behind the numbers of a sequence, as far as its operations have shown: kinds,
 * neighbours, what was shut. Kept from the outcomes alone, so that it is the same whoever is asked.
 * It guides the generator, tells whose acknowledgement to hurry, leaves out what would depend on
 * time, and names the state that coverage counts by. It predicts nothing. */
#ifndef FIDELITY_WORLD_H
#define FIDELITY_WORLD_H

#include "fidelity/fact.h"
#include "fidelity/op.h"

enum { FID_FILE_MAX = 512, FID_PENDING_MAX = 24, FID_FILE_NONE = -1 };

/* An open file description. */
struct fid_file {
    uint8_t kind; /* enum fid_kind */
    uint8_t refs;
    int16_t peer;        /* index, or FID_FILE_NONE */
    unsigned writes : 1; /* a pipe's end to write to */
    unsigned paired : 1; /* made by `pair` */
    unsigned bound : 1;
    unsigned listening : 1;
    unsigned connecting : 1; /* EINPROGRESS was said, and nobody has asked since */
    unsigned connected : 1;
    unsigned shut_rd : 1;
    unsigned shut_wr : 1;
    unsigned peer_shut : 1;
    unsigned peer_gone : 1;
    unsigned reset : 1;
    unsigned counted : 1; /* eventfd: not 0; timerfd: expired */
    unsigned armed : 1;
    /* A size of its buffer was asked for, one that any system grants. */
    unsigned sized_send : 1;
    unsigned sized_recv : 1;
    unsigned watched : 1; /* registered somewhere; epoll: has registrations */
    uint8_t backlog;
    uint8_t signal;
    uint32_t unread;       /* bytes sent to it and not read */
    uint32_t queued;       /* and messages */
    uint8_t pending_count; /* clients that were not accepted yet; FID_FILE_NONE: closed since */
    int16_t pending[FID_PENDING_MAX];
};

struct fid_world {
    int16_t file_of[FID_NUMBER_COUNT]; /* index, or FID_FILE_NONE */
    uint16_t file_count;
    struct fid_file file[FID_FILE_MAX];
};

/* What the systems compared can do, and what was asked for. */
struct fid_limits {
    uint32_t kinds; /* FID_KIND_BIT */
    uint64_t codes; /* 1 << enum fid_code */
};

void fid_world_init(struct fid_world *world);
/* NULL: the number is not open. */
const struct fid_file *fid_world_file(const struct fid_world *world, uint8_t number);
/* The lowest number of the file at that index; FID_NUMBER_BAD: none. */
uint8_t fid_world_number_of(const struct fid_world *world, int file);
unsigned fid_world_open_count(const struct fid_world *world);

/* Why an operation is left out, on both sides: NULL if it is not. */
const char *fid_world_objection(
    const struct fid_world *world, const struct fid_limits *limits, const struct fid_op *op);

/* Takes in what an operation came to. */
void fid_world_note(
    struct fid_world *world, const struct fid_op *op, const struct fid_outcome *outcome);

/* States of a descriptor, for coverage. */
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
    X(WATCHING, "watching")

enum fid_state {
#define FID_STATE_ENUM(name, text) FID_STATE_##name,
    FID_STATE_TABLE(FID_STATE_ENUM)
#undef FID_STATE_ENUM
        FID_STATE_COUNT
};
const char *fid_state_name(enum fid_state state);
enum fid_state fid_file_state(const struct fid_file *file); /* NULL: CLOSED */
/* The states that a kind can be in, 1 << enum fid_state. */
uint32_t fid_kind_states(enum fid_kind kind);

#endif
