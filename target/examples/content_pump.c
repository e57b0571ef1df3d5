/* See content_pump.h. */
#include "examples/content_pump.h"

#include "examples/forward_fields.h"

enum wb_status wb__content_pump_init(struct wb__content_pump *pump, const struct wb_sys *sys,
    struct wb_http_body *from, struct wb_http_fields head) {
    *pump = (struct wb__content_pump){.from = from, .head = head};
    wb_http_field_list_init(&pump->trailers, sys, 0, 0);
    return wb_http_channel_new(sys, WB__PUMP_CAPACITY, &pump->sender, &pump->to);
}

static bool is_over(const struct wb__content_pump *pump) {
    return pump->sender.channel == NULL;
}

/* Nobody reads any more, or nothing more can be read. */
static void give_up(struct wb__content_pump *pump, enum wb_status failure) {
    pump->failure = failure;
    wb_http_sender_abort(&pump->sender);
}

static void end_with_trailers(struct wb__content_pump *pump, struct wb_http_fields trailers) {
    const enum wb_status status = wb__forward_trailers(&pump->trailers, trailers, pump->head);
    if (status != WB_OK) {
        give_up(pump, status);
        return;
    }
    wb_http_sender_end_with(&pump->sender, &pump->trailers);
}

static void take(
    struct wb__content_pump *pump, enum wb_status status, const struct wb_http_frame *frame) {
    if (status == WB_EOF) {
        wb_http_sender_end(&pump->sender);
    } else if (status != WB_OK) {
        give_up(pump, status);
    } else if (frame->is_trailers) {
        end_with_trailers(pump, frame->trailers);
    } else {
        wb_http_send_init(&pump->send, &pump->sender, frame->data);
        pump->is_sending = true;
    }
}

static enum wb_progress await_question(struct wb__content_pump *pump, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (wb_http_sender_poll_wanted(&pump->sender, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    pump->was_asked = true;
    if (status != WB_OK) {
        give_up(pump, WB_OK);
    }
    return WB_READY;
}

static enum wb_progress send_piece(struct wb__content_pump *pump, struct wb_context *context) {
    if (wb_future_poll(&pump->send.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    pump->is_sending = false;
    if (pump->send.future.status != WB_OK) {
        give_up(pump, WB_OK);
    }
    return WB_READY;
}

static enum wb_progress read_piece(struct wb__content_pump *pump, struct wb_context *context) {
    struct wb_http_frame frame;
    enum wb_status status = WB_OK;
    if (wb_http_body_poll_frame(pump->from, context, &status, &frame) == WB_PENDING) {
        return WB_PENDING;
    }
    take(pump, status, &frame);
    return WB_READY;
}

void wb__content_pump_poll(struct wb__content_pump *pump, struct wb_context *context) {
    enum wb_progress progress = WB_READY;
    while (progress == WB_READY && !is_over(pump)) {
        if (!pump->was_asked) {
            progress = await_question(pump, context);
        } else if (pump->is_sending) {
            progress = send_piece(pump, context);
        } else {
            progress = read_piece(pump, context);
        }
    }
}

void wb__content_pump_clean_up(struct wb__content_pump *pump) {
    wb_future_drop(&pump->send.future);
    wb_http_sender_abort(&pump->sender);
    if (pump->trailers.text.sys != NULL) {
        wb_http_field_list_clean_up(&pump->trailers);
    }
}
