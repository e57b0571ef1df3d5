/* The stack itself with bugs: http_hello, http_echo, http_get and http_proxy, of which functions in
 * their way are wrapped (ld --wrap) so that one of the bugs is in force. Without one each of them
 * does what it did. */
#include "programs.h"

#include <stdlib.h>
#include <string.h>

#include "bugs.h"
#include "examples/programs.h"
#include "http/h1/levels.h"
#include "http/server/conn.h"
#include "wb/async_io.h"
#include "wb/examples.h"
#include "wb/http_body.h"
#include "wb/http_client_message.h"

static enum planted_bug bug;

/* ASKED_FOR_ANOTHER: what was asked for first; "" in the beginning. */
static char first_target[256];

/* Calls `name` of the library; the prototypes of both are what it takes to wrap it. */
#define WRAPPED(result, name, ...)                                                                 \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

/* ---- the programs ---- */

enum { ARGUMENTS_MAX = 64 };

/* Takes "--bug NAME" off the arguments. */
static int run(wb_example_fn start, const struct wb_sys *sys, int argc, char *const argv[]) {
    char *rest[ARGUMENTS_MAX + 1] = {NULL};
    int count = 0;
    bug = PLANTED_NONE;
    first_target[0] = '\0';
    for (int i = 0; i < argc && count < ARGUMENTS_MAX; i++) {
        if (strcmp(argv[i], "--bug") == 0 && i + 1 < argc) {
            bug = planted_bug_from_name(argv[++i]);
        } else {
            rest[count++] = argv[i];
        }
    }
    if (bug == PLANTED_BUG_COUNT) {
        return 2;
    }
    const int status = start(sys, count, rest);
    bug = PLANTED_NONE;
    return status;
}

int planted_hello_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return run(wb__http_hello_main, sys, argc, argv);
}

int planted_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return run(wb__http_echo_main, sys, argc, argv);
}

int planted_get_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return run(wb__http_get_main, sys, argc, argv);
}

int planted_proxy_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    return run(wb__http_proxy_main, sys, argc, argv);
}

/* ---- heads: what is put up with ---- */

WRAPPED(void, wb_h1_parser_init, struct wb_h1_parser *parser, enum wb_h1_kind kind,
    const struct wb_h1_head_options *options, const struct wb_h1_asked *asked,
    struct wb_http_field *fields, uint32_t fields_max) {
    __real_wb_h1_parser_init(parser, kind, options, asked, fields, fields_max);
    parser->options.allow_bare_lf |= bug == PLANTED_LINE_FEED_ALONE;
    parser->options.allow_missing_host |= bug == PLANTED_HOST_NOT_MISSED;
    parser->options.ignore_bad_fields |= bug == PLANTED_BAD_FIELD_SKIPPED;
    parser->options.allow_spaces_in_start_line |= bug == PLANTED_BLANKS_IN_START_LINE;
}

/* ---- heads: what they mean ---- */

WRAPPED(enum wb_h1_error, wb__h1_parse_length, struct wb_bytes value, uint64_t *out_length) {
    const enum wb_h1_error error = __real_wb__h1_parse_length(value, out_length);
    uint64_t length = 0;
    const unsigned base =
        bug == PLANTED_LENGTH_IS_OCTAL && value.len != 0 && value.ptr[0] == '0' ? 8 : 10;
    for (size_t i = 0; i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9'; i++) {
        length = length * base + (uint64_t)(value.ptr[i] - '0');
    }
    if (bug != PLANTED_LENGTH_PREFIX_READ && bug != PLANTED_LENGTH_WRAPS
        && bug != PLANTED_LENGTH_IS_OCTAL) {
        return error;
    }
    *out_length = length;
    return WB_H1_ERROR_NONE;
}

static uint64_t last_length(const struct wb_h1_parser *parser, const uint8_t *base) {
    uint64_t length = 0;
    for (uint32_t i = 0; i < parser->head.field_count; i++) {
        const struct wb_http_field *field = &parser->fields[i];
        if (field->id == WB_HTTP_FIELD_CONTENT_LENGTH) {
            (void)wb__h1_parse_length(
                wb_bytes_from(base + field->value_at, field->value_len), &length);
        }
    }
    return length;
}

/* Takes what was refused. */
static bool take_as(struct wb_h1_parser *parser, enum wb_h1_body body, uint64_t length) {
    parser->error = WB_H1_ERROR_NONE;
    parser->error_at = 0;
    parser->head.body = body;
    parser->head.content_length = length;
    parser->head.has_content_length = body == WB_H1_BODY_LENGTH;
    parser->head.keep_alive = parser->head.version == WB_HTTP_1_1;
    return true;
}

/* Which refusals a bug passes over, and what it makes of the request. */
static const struct {
    enum planted_bug bug;
    enum wb_h1_error refusal;
    enum wb_h1_body body;
} taken[] = {
    {PLANTED_LAST_LENGTH_WINS, WB_H1_ERROR_CONTENT_LENGTH, WB_H1_BODY_LENGTH},
    {PLANTED_LENGTH_BEATS_CHUNKS, WB_H1_ERROR_BOTH_LENGTHS, WB_H1_BODY_LENGTH},
    {PLANTED_CHUNKS_BESIDE_LENGTH, WB_H1_ERROR_BOTH_LENGTHS, WB_H1_BODY_CHUNKED},
    {PLANTED_CODING_BY_SUBSTRING, WB_H1_ERROR_TRANSFER_ENCODING, WB_H1_BODY_CHUNKED},
    {PLANTED_CODING_IGNORED, WB_H1_ERROR_TRANSFER_CODING, WB_H1_BODY_NONE},
    {PLANTED_CHUNKS_FROM_OLD, WB_H1_ERROR_CHUNKED_1_0, WB_H1_BODY_CHUNKED},
    {PLANTED_SECOND_HOST_TAKEN, WB_H1_ERROR_HOST_TWICE, WB_H1_BODY_NONE},
    {PLANTED_HOST_UNCHECKED, WB_H1_ERROR_HOST, WB_H1_BODY_NONE},
};

static bool take_anyway(struct wb_h1_parser *parser, const uint8_t *base) {
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (bug == taken[i].bug && parser->error == taken[i].refusal) {
            return take_as(parser, taken[i].body, last_length(parser, base));
        }
    }
    return false;
}

WRAPPED(bool, wb__h1_understand, struct wb_h1_parser *parser, const uint8_t *base) {
    struct wb_h1_head *head = &parser->head;
    if (!__real_wb__h1_understand(parser, base)) {
        return take_anyway(parser, base);
    }
    if (bug == PLANTED_CONTENT_OF_GET_IGNORED && head->method == WB_HTTP_GET) {
        head->body = WB_H1_BODY_NONE;
    }
    head->keep_alive |= bug == PLANTED_CLOSE_FORGOTTEN;
    head->wants_upgrade |= bug == PLANTED_UPGRADE_UNNAMED;
    return true;
}

/* ---- contents ---- */

WRAPPED(enum wb_progress, wb_http_body_poll_frame, struct wb_http_body *body,
    struct wb_context *context, enum wb_status *out_status, struct wb_http_frame *out_frame) {
    const enum wb_progress progress =
        __real_wb_http_body_poll_frame(body, context, out_status, out_frame);
    if ((bug == PLANTED_INCOMPLETE_IS_WHOLE || bug == PLANTED_CUT_IS_WHOLE) && progress == WB_READY
        && *out_status == WB_ERR_UNEXPECTED_EOF) {
        *out_status = WB_EOF;
    }
    if (bug == PLANTED_HANDED_ON_SHORT && progress == WB_READY && *out_status == WB_OK
        && out_frame->data.len > 1) {
        out_frame->data.len--;
    }
    if (bug == PLANTED_HANDED_ON_CUT && progress == WB_READY && *out_status == WB_EOF) {
        *out_status = WB_ERR_UNEXPECTED_EOF;
    }
    return progress;
}

WRAPPED(enum wb_status, wb__h1_put_piece, struct wb__h1_server *self,
    const struct wb_h1_frame *frame, struct wb_bytes data) {
    const enum wb_status status = __real_wb__h1_put_piece(self, frame, data);
    return bug == PLANTED_HANDED_ON_TWICE && status == WB_OK && frame->data_len != 0
               ? __real_wb__h1_put_piece(self, frame, data)
               : status;
}

WRAPPED(void, wb_http_send_init, struct wb_http_send *send, struct wb_http_sender *sender,
    struct wb_bytes bytes) {
    bytes.len -= bug == PLANTED_ASKED_SHORT && bytes.len > 1;
    __real_wb_http_send_init(send, sender, bytes);
}

/* Of one that went before. */
WRAPPED(enum wb_status, wb_http_client_request_set, struct wb_http_client_request *request,
    struct wb_bytes method, struct wb_bytes target) {
    if (bug == PLANTED_ASKED_FOR_ANOTHER) {
        if (first_target[0] == '\0' && target.len < sizeof first_target) {
            memcpy(first_target, target.ptr, target.len);
            first_target[target.len] = '\0';
        }
        target = wb_bytes_from_string(first_target);
    }
    return __real_wb_http_client_request_set(request, method, target);
}

WRAPPED(enum wb_status, wb_h1_body_read, struct wb_h1_body_reader *reader,
    struct wb_bytes *in_out_input, struct wb_bytes *out_data) {
    const enum wb_status status = __real_wb_h1_body_read(reader, in_out_input, out_data);
    if (bug == PLANTED_BYTE_LOST_AT_BORDER && status == WB_OK && in_out_input->len == 0
        && reader->left != 0 && out_data->len > 1) {
        out_data->len--;
    }
    if (bug == PLANTED_LAST_BYTE_UNSHOWN && status == WB_OK && reader->left == 0) {
        out_data->len--;
    }
    return status;
}

WRAPPED(void, wb_http_collect_init, struct wb_http_collect *collect, const struct wb_sys *sys,
    struct wb_http_body *from, uint64_t len_max) {
    __real_wb_http_collect_init(collect, sys, from,
        bug == PLANTED_COLLECTED_WITHOUT_LIMIT || bug == PLANTED_RESPONSE_WITHOUT_LIMIT ? UINT64_MAX
                                                                                        : len_max);
}

/* ---- what the service gets ---- */

WRAPPED(void, wb__h1_show_request, struct wb__h1_server *self, struct wb_bytes head) {
    __real_wb__h1_show_request(self, head);
    if (bug == PLANTED_LAST_FIELD_UNSHOWN) {
        self->request.fields.count--;
    }
}

/* ---- the connection ---- */

WRAPPED(void, wb__h1_pin, struct wb__h1_server *self, uint32_t len) {
    __real_wb__h1_pin(self, len);
    if (bug == PLANTED_BEHIND_HEAD_FORGOTTEN) {
        self->in.end = self->in.begin;
    }
}

/* Called when the answer went, and before what is left of the content is thrown away. */
WRAPPED(void, wb__h1_end_call, struct wb__h1_server *self) {
    __real_wb__h1_end_call(self);
    self->incoming.is_done |= bug == PLANTED_CONTENT_IS_REQUEST;
}

WRAPPED(enum wb__h1_step, wb__h1_switch, struct wb__h1_server *self, struct wb_context *context) {
    if (bug == PLANTED_AHEAD_FORGOTTEN) {
        self->in.end = self->in.begin;
    }
    return __real_wb__h1_switch(self, context);
}

WRAPPED(enum wb_progress, wb_async_poll_write, struct wb_async_write *stream,
    struct wb_context *context, const void *buf, size_t len, enum wb_status *out_status,
    size_t *out_len) {
    const enum wb_progress progress =
        __real_wb_async_poll_write(stream, context, buf, len, out_status, out_len);
    if (progress == WB_READY && *out_status == WB_OK && *out_len > 1 && *out_len < len) {
        *out_len -= bug == PLANTED_WRITTEN_AGAIN;
        *out_len = bug == PLANTED_WRITTEN_BY_HALF ? len : *out_len;
    }
    return progress;
}

WRAPPED(enum wb_progress, wb__h1_push, struct wb__h1_server *self, struct wb_context *context,
    enum wb_status *out_status) {
    const enum wb_progress progress = __real_wb__h1_push(self, context, out_status);
    if (bug != PLANTED_REST_DROPPED_WHEN_FULL || progress == WB_READY) {
        return progress;
    }
    wb_bytes_mut_truncate(&self->out.bytes, 0);
    self->out.done = 0;
    self->out.needs_flush = false;
    self->out.is_pending = false;
    *out_status = WB_OK;
    return WB_READY;
}

WRAPPED(enum wb__h1_step, wb__h1_watch, struct wb__h1_server *self, struct wb_context *context) {
    if (bug == PLANTED_TIME_IS_NEVER_UP) {
        return WB__H1_WAIT;
    }
    if (bug == PLANTED_TIME_BEGINS_ANEW) {
        self->idle_since_ns = 0;
    }
    if (bug == PLANTED_AWAKE_FOR_NOTHING) {
        wb_context_wake(context);
    }
    return __real_wb__h1_watch(self, context);
}

WRAPPED(void, wb__h1_in_clean_up, struct wb__h1_server *self) {
    if (bug == PLANTED_BUFFER_LEAKED) {
        self->in.ptr = NULL;
        self->in.capacity = 0;
    }
    __real_wb__h1_in_clean_up(self);
}
