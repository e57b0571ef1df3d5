/* Two awaits on one line: must not compile. Not part of any program. */
#include "wb/async.h"

enum wb_progress two_awaits_poll(struct wb_future *future, struct wb_context *context);

enum wb_progress two_awaits_poll(struct wb_future *future, struct wb_context *context) {
    WB_ASYNC_BEGIN(future, context);
    // clang-format off
    WB_AWAIT(future); WB_AWAIT(future);
    // clang-format on
    WB_ASYNC_END(WB_OK);
}
