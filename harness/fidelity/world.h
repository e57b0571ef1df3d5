/* What stands behind the numbers of a sequence, as far as its operations have shown: kinds,
 * neighbours, what was shut. Kept from the outcomes alone, so that it is the same whoever is asked.
 * It guides the generator, tells whose acknowledgement to hurry, what to leave out (objection.h)
 * and which states were tried (state.h). It predicts nothing. */
#ifndef FIDELITY_WORLD_H
#define FIDELITY_WORLD_H

#include <stdbool.h>

#include "fidelity/fact.h"
#include "fidelity/op.h"

enum {
    FID_FILE_MAX = 512,
    FID_PENDING_MAX = 24,
    FID_FILE_NONE = -1,
    FID_GRANTED_BY_ALL = 212992, /* size of a buffer: net.core.wmem_max and rmem_max as they come */
};

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
    unsigned full : 1;    /* what was written to it last was refused; a pipe's or a Unix stream's */
    unsigned vague : 1; /* a pipe's end to read from: what came from a socket lies in as many slots
                           as the real kernel's memory happened to have pieces */
    unsigned resized : 1; /* a pipe's end: it may have few slots */
    /* Of regular files. */
    unsigned readable : 1;
    unsigned writable : 1;
    unsigned appends : 1;
    unsigned removed : 1; /* a directory that has no name any more */
    int16_t inode;        /* index of the first file that was opened with the same contents */
    int64_t size;         /* of these, at that one */
    int64_t lent;         /* and how many bytes from the begin on others may still refer to */
    int64_t place;
    uint8_t backlog;
    uint8_t signal;
    uint32_t unread;       /* bytes sent to it and not read */
    uint32_t queued;       /* and messages */
    uint32_t urgent;       /* so many of the unread, at most, end in the urgent byte; 0: none do */
    uint8_t pending_count; /* clients that were not accepted yet; FID_FILE_NONE: closed since */
    int16_t pending[FID_PENDING_MAX];
};

struct fid_world {
    int16_t file_of[FID_NUMBER_COUNT]; /* index, or FID_FILE_NONE */
    uint16_t file_count;
    struct fid_file file[FID_FILE_MAX];
};

void fid_world_init(struct fid_world *world);
/* NULL: the number is not open. */
const struct fid_file *fid_world_file(const struct fid_world *world, uint8_t number);
/* The lowest number of the file at that index; FID_NUMBER_BAD: none. */
uint8_t fid_world_number_of(const struct fid_world *world, int file);
unsigned fid_world_open_count(const struct fid_world *world);

/* FID_KIND_BIT of it; 0 if it is NULL. */
static inline uint32_t fid_file_bit(const struct fid_file *file) {
    return file == NULL ? 0 : FID_KIND_BIT(file->kind);
}

/* Whether anything that was sent is still to be read. Until then, what came from a file is on a
 * real system the file's own page, and changes with it. */
bool fid_world_is_unread(const struct fid_world *world);

/* How many bytes of a regular file lie behind a place; FID_PLACE_NONE: behind its own. */
int64_t fid_world_rest(const struct fid_world *world, const struct fid_file *file, int64_t place);

/* Whether a send takes the address it is given; a connected stream does not look at it. */
static inline bool fid_file_takes_address(const struct fid_file *file) {
    return (fid_file_bit(file) & (FID_KINDS_UDP | FID_KIND_BIT(FID_KIND_UNIX_DGRAM))) != 0;
}

/* Takes in what an operation came to. */
void fid_world_note(
    struct fid_world *world, const struct fid_op *op, const struct fid_outcome *outcome);

#endif
