/* One operation, carried out on one side. What it did is a list of facts; what it must not do is
 * block, so all descriptors are non-blocking and all waits short. */
#ifndef FIDELITY_STEP_H
#define FIDELITY_STEP_H

#include "fidelity/side.h"

/* `step` counts from 1: registrations carry it as their data, and bytes sent are numbered by it.
 * The world is as it was before the step. */
void fid_step(struct fid_side *side, const struct fid_world *world, unsigned step,
    const struct fid_op *op, struct fid_outcome *out);

/* What the parts share. */
struct fid_call {
    struct fid_side *side;
    const struct wb_sys *sys;
    const struct fid_world *world;
    const struct fid_op *op;
    unsigned step;
    struct fid_outcome *out;
};
/* The descriptor that argument i names, and the value of any other argument. */
int fid_call_fd(const struct fid_call *call, unsigned i);
int64_t fid_call_value(const struct fid_call *call, unsigned i);
static inline void fid_call_result(const struct fid_call *call, int64_t result) {
    fid_fact_add(call->out, "", FID_FORM_RESULT, result);
}

void fid_step_make(const struct fid_call *call);     /* step_make.c: what opens descriptors */
void fid_step_socket(const struct fid_call *call);   /* step_socket.c: addresses and options */
void fid_step_transfer(const struct fid_call *call); /* step_transfer.c: bytes */
void fid_step_ready(const struct fid_call *call);    /* step_ready.c: epoll and its observers */
void fid_step_strange(const struct fid_call *call);  /* step_strange.c: bad arguments */
void fid_step_file(const struct fid_call *call);     /* step_file.c: regular files, names */
void fid_step_move(const struct fid_call *call);     /* step_move.c: between descriptors */

/* The length of each regular file that the operation names, and its place: "size" and "at" of
 * argument 0, "other size" and "other at" of argument 1. */
void fid_step_put_places(const struct fid_call *call);
/* step_transfer.c: bytes to send, which tell where they come from; what has come, up to `room`. */
void fid_call_fill(const struct fid_call *call, uint8_t *bytes, size_t len);
void fid_call_bytes(const struct fid_call *call, const uint8_t *bytes, int64_t len, size_t room);

#endif
