/* A whole body in memory, up to a limit. */
#include "wb/http_body.h"

static enum wb_status keep_data(struct wb_http_collect *collect, struct wb_bytes data) {
    const uint64_t room = collect->len_max - collect->bytes.len;
    const bool fits = data.len <= room;
    const enum wb_status status = wb_bytes_mut_extend(
        &collect->bytes, wb_bytes_slice(data, 0, fits ? data.len : (size_t)room));
    return status == WB_OK && !fits ? WB_ERR_LIMIT : status;
}

static enum wb_status keep_trailers(
    struct wb_http_collect *collect, struct wb_http_fields trailers) {
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < trailers.count && status == WB_OK; i++) {
        status = wb_http_field_list_add(&collect->trailers, wb_http_fields_name(trailers, i),
            wb_http_fields_value(trailers, i));
    }
    return status;
}

/* A body that says itself that it is too long is not read at all. */
static bool is_too_long(const struct wb_http_collect *collect) {
    return collect->bytes.len == 0
           && wb_http_body_size_hint(collect->from).lower > collect->len_max;
}

static enum wb_progress collect_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_http_collect *collect = WB_FUTURE_OF(future, struct wb_http_collect, future);
    struct wb_http_frame frame;
    enum wb_status status = is_too_long(collect) ? WB_ERR_LIMIT : WB_OK;
    while (status == WB_OK && collect->from != NULL) {
        if (wb_http_body_poll_frame(collect->from, context, &status, &frame) == WB_PENDING) {
            return WB_PENDING;
        }
        if (status == WB_OK) {
            status = frame.is_trailers ? keep_trailers(collect, frame.trailers)
                                       : keep_data(collect, frame.data);
        }
    }
    return wb_future_end(future, status == WB_EOF ? WB_OK : status);
}

static void collect_drop_output(struct wb_future *future) {
    struct wb_http_collect *collect = WB_FUTURE_OF(future, struct wb_http_collect, future);
    wb_bytes_mut_release(&collect->bytes);
    wb_http_field_list_clean_up(&collect->trailers);
}

static void collect_drop(struct wb_future *future) {
    if (!wb_future_is_over(future)) {
        collect_drop_output(future);
    }
}

static const struct wb_future_ops collect_ops = {
    .size = sizeof(struct wb_http_collect),
    .offset = offsetof(struct wb_http_collect, future),
    .poll = collect_poll,
    .drop = collect_drop,
    .drop_output = collect_drop_output,
};

void wb_http_collect_init(struct wb_http_collect *collect, const struct wb_sys *sys,
    struct wb_http_body *from, uint64_t len_max) {
    *collect =
        (struct wb_http_collect){.from = from, .len_max = len_max, .bytes = wb_bytes_mut_new(sys)};
    wb_http_field_list_init(&collect->trailers, sys, 0, 0);
    wb_future_init(&collect->future, &collect_ops);
}
