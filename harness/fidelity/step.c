/* Which part carries out which operation, and the small ones. */
#include "fidelity/step.h"

#include <stdbool.h>

int fid_call_fd(const struct fid_call *call, unsigned i) {
    return fid_side_fd(call->side, call->op->arg[i]);
}

int64_t fid_call_value(const struct fid_call *call, unsigned i) {
    const struct fid_op_info *info = fid_op_info((enum fid_code)call->op->code);
    return fid_arg_value((enum fid_arg)info->arg[i], call->op->arg[i]);
}

static void step_clock(const struct fid_call *call) {
    uint64_t before = WB_SYS(call->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    uint64_t after = WB_SYS(call->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    fid_fact_add(call->out, "goes on", FID_FORM_VALUE, after >= before);
}

/* Whether it may make a file longer or shorter, or move its place. */
static bool moves_places(enum fid_code code) {
    return code == FID_OP_READ || code == FID_OP_WRITE || code == FID_OP_READV
           || code == FID_OP_WRITEV || code == FID_OP_PREAD || code == FID_OP_PWRITE
           || code == FID_OP_GETDENTS || code == FID_OP_LSEEK || code == FID_OP_FTRUNCATE
           || fid_op_other_kinds(code) != 0;
}

void fid_step(struct fid_side *side, const struct fid_world *world, unsigned step,
    const struct fid_op *op, struct fid_outcome *out) {
    struct fid_call call = {side, side->sys, world, op, step, out};
    out->count = 0;
    out->skipped = 0;
    switch (op->code) {
    case FID_OP_SOCKET:
    case FID_OP_PAIR:
    case FID_OP_LISTENER:
    case FID_OP_EVENTFD:
    case FID_OP_TIMERFD:
    case FID_OP_SIGNALFD:
    case FID_OP_EPOLL:
    case FID_OP_DUP:
    case FID_OP_CLOSE:
    case FID_OP_ACCEPT:
        fid_step_make(&call);
        break;
    case FID_OP_CONNECT:
    case FID_OP_CONNECT_REFUSED:
    case FID_OP_DISCONNECT:
    case FID_OP_BIND:
    case FID_OP_LISTEN:
    case FID_OP_SHUTDOWN:
    case FID_OP_SETSOCKOPT:
    case FID_OP_GETSOCKOPT:
    case FID_OP_GETSOCKNAME:
    case FID_OP_GETPEERNAME:
    case FID_OP_FCNTL:
        fid_step_socket(&call);
        break;
    case FID_OP_SEND:
    case FID_OP_RECV:
    case FID_OP_WRITE:
    case FID_OP_READ:
    case FID_OP_WRITEV:
    case FID_OP_READV:
    case FID_OP_SENDMSG:
    case FID_OP_RECVMSG:
    case FID_OP_SENDTO:
    case FID_OP_SENDMMSG:
    case FID_OP_RECVMMSG:
    case FID_OP_FLOOD:
        fid_step_transfer(&call);
        break;
    case FID_OP_EPOLL_ADD:
    case FID_OP_EPOLL_MOD:
    case FID_OP_EPOLL_DEL:
    case FID_OP_EPOLL_WAIT:
    case FID_OP_POLL:
    case FID_OP_POLL_ALL:
    case FID_OP_SELECT:
    case FID_OP_SETTIME:
    case FID_OP_GETTIME:
        fid_step_ready(&call);
        break;
    case FID_OP_CLOCK:
        step_clock(&call);
        break;
    case FID_OP_RAISE:
        fid_side_raise(side, (int)fid_call_value(&call, 0));
        fid_call_result(&call, 0);
        break;
    case FID_OP_STRANGE:
        fid_step_strange(&call);
        break;
    case FID_OP_OPEN:
    case FID_OP_OPENAT:
    case FID_OP_PREAD:
    case FID_OP_PWRITE:
    case FID_OP_LSEEK:
    case FID_OP_FTRUNCATE:
    case FID_OP_FSYNC:
    case FID_OP_FSTAT:
    case FID_OP_STAT:
    case FID_OP_RENAME:
    case FID_OP_UNLINK:
    case FID_OP_MKDIR:
    case FID_OP_RMDIR:
    case FID_OP_GETDENTS:
        fid_step_file(&call);
        break;
    case FID_OP_SENDFILE:
    case FID_OP_SPLICE:
    case FID_OP_TEE:
        fid_step_move(&call);
        break;
    case FID_OP_COUNT:
        break;
    }
    if (moves_places((enum fid_code)op->code)) {
        fid_step_put_places(&call);
    }
}
