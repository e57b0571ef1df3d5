/* Operations that move bytes from one descriptor to another. */
#include "fidelity/step.h"

#include <stdbool.h>

static void put_offset(const struct fid_call *call, const char *label, bool given, int64_t offset) {
    if (given) {
        fid_fact_add(call->out, label, FID_FORM_RESULT, offset);
    }
}

static void send_file(const struct fid_call *call) {
    int64_t offset = fid_call_value(call, 3);
    bool given = offset != FID_PLACE_NONE;
    fid_call_result(call, WB_SYS(call->sys, sendfile, fid_call_fd(call, 0), fid_call_fd(call, 1),
                              given ? &offset : NULL, (size_t)fid_call_value(call, 2)));
    put_offset(call, "offset", given, offset);
}

static void splice(const struct fid_call *call) {
    int64_t how = fid_call_value(call, 3);
    int64_t place = (how & FID_SPLICE_NEGATIVE) != 0 ? -1 : how >> FID_SPLICE_PLACE_SHIFT;
    int64_t in_offset = place;
    int64_t out_offset = place;
    bool in_given = (how & FID_SPLICE_IN) != 0;
    bool out_given = (how & FID_SPLICE_OUT) != 0;
    fid_call_result(
        call, WB_SYS(call->sys, splice, fid_call_fd(call, 0), in_given ? &in_offset : NULL,
                  fid_call_fd(call, 1), out_given ? &out_offset : NULL,
                  (size_t)fid_call_value(call, 2), (uint32_t)(how & FID_SPLICE_FLAGS)));
    put_offset(call, "offset", in_given, in_offset);
    put_offset(call, "other offset", out_given, out_offset);
}

void fid_step_move(const struct fid_call *call) {
    switch (call->op->code) {
    case FID_OP_SENDFILE:
        send_file(call);
        break;
    case FID_OP_SPLICE:
        splice(call);
        break;
    case FID_OP_TEE:
        fid_call_result(call, WB_SYS(call->sys, tee, fid_call_fd(call, 0), fid_call_fd(call, 1),
                                  (size_t)fid_call_value(call, 2),
                                  (uint32_t)(fid_call_value(call, 3) & FID_SPLICE_FLAGS)));
        break;
    default:
        break;
    }
}
