/* Property: whatever the encoder emits is read back as what was said: by our parser in
 * every way, and by the independent reader; requests and responses of every version and status,
 * fields as applications set them, content in pieces, trailers. What it emits sends itself on
 * unchanged. What could not be framed is refused, with nothing written. Code under test:
 * target/http/h1, target/http/message. The input: eight bytes of what the message is, then rows: a
 * byte that says what it is, one of its length, and as many bytes. */
#include "driver/fuzz_target.h"

#include <string.h>

#include "http1/every_way.h"
#include "http1/memory.h"
#include "http1/reference.h"
#include "http1/sent_on.h"
#include "wb/h1_encode.h"

enum { HEAD_LEN = 8, PIECES_MAX = 16, FIELDS_SAID_MAX = 16, TRAILERS_MAX = 8 };

/* ---- what is to be said ---- */

struct speech {
    bool is_response;
    enum wb_http_method method; /* that is asked with, or that was */
    enum wb_http_version version;
    unsigned status;
    bool upgrade;
    bool keep_alive;
    struct wb_h1_content content;
    struct wb_bytes target;
    struct wb_bytes host;
    struct wb_bytes reason;
    struct wb_bytes date;
    struct wb_http_field_list fields;
    struct wb_http_field_list trailers;
    struct wb_bytes pieces[PIECES_MAX];
    size_t piece_count;
    size_t content_len; /* of all pieces */
};

static const char *const names[] = {"Host", "Content-Length", "Transfer-Encoding", "Connection",
    "Upgrade", "Date", "Server", "TE", "Trailer", "Expect", "X-A", "Content-Type", "Vary", "ETag",
    "Keep-Alive", "Set-Cookie"};

static const unsigned statuses[] = {
    200, 204, 205, 206, 304, 301, 404, 500, 999, 100, 101, 102, 103, 199, 299, 0};

/* Its name by the first byte, its value by the others. What may not be said is left out. */
static void add(struct wb_http_field_list *list, size_t most, struct wb_bytes row) {
    if (row.len == 0 || list->count >= most) {
        return;
    }
    const char *name = names[row.ptr[0] % (sizeof(names) / sizeof(names[0]))];
    const struct wb_bytes value = wb_bytes_from(row.ptr + 1, row.len - 1);
    const enum wb_status status = wb_http_field_list_add(list, wb_bytes_from_string(name), value);
    CHECK(status == (wb_http_is_text(wb_http_trim(value)) ? WB_OK : WB_ERR_INVALID));
}

enum { ROW_FIELD, ROW_PIECE, ROW_TRAILER, ROW_TARGET, ROW_HOST, ROW_REASON, ROW_DATE, ROW_KINDS };

static void take_row(struct speech *speech, uint8_t kind, struct wb_bytes row) {
    switch (kind % ROW_KINDS) {
    case ROW_FIELD:
        add(&speech->fields, FIELDS_SAID_MAX, row);
        break;
    case ROW_PIECE:
        if (speech->piece_count < PIECES_MAX) {
            speech->pieces[speech->piece_count++] = row;
            speech->content_len += row.len;
        }
        break;
    case ROW_TRAILER:
        add(&speech->trailers, TRAILERS_MAX, row);
        break;
    case ROW_TARGET:
        speech->target = row;
        break;
    case ROW_HOST:
        speech->host = row;
        break;
    case ROW_REASON:
        speech->reason = row;
        break;
    case ROW_DATE:
        speech->date = row;
        break;
    default:
        break;
    }
}

static void listen(struct speech *speech, const uint8_t *data, size_t size) {
    *speech = (struct speech){
        .is_response = (data[0] & 1) != 0,
        .version = (data[0] & 2) != 0 ? WB_HTTP_1_0 : WB_HTTP_1_1,
        .upgrade = (data[0] & 4) != 0,
        .keep_alive = (data[0] & 8) != 0,
        .content = {.is_known = (data[0] & 16) != 0},
        .method = (enum wb_http_method)(1 + data[1] % (WB_HTTP_METHOD_COUNT - 1)),
        .status = statuses[data[2] % (sizeof(statuses) / sizeof(statuses[0]))] + data[3] / 128,
        .target = wb_bytes_from_string("/"),
    };
    wb_http_field_list_init(&speech->fields, memory_alone(), 0, 0);
    wb_http_field_list_init(&speech->trailers, memory_alone(), 0, 0);
    for (size_t at = HEAD_LEN; at + 2 <= size;) {
        const size_t room = size - at - 2;
        const size_t len = data[at + 1] < room ? data[at + 1] : room;
        take_row(speech, data[at], wb_bytes_from(data + at + 2, len));
        at += 2 + len;
    }
    /* More than there is, or less, is said now and then. */
    speech->content.len = speech->content_len + (data[4] > 250);
}

static void forget(struct speech *speech) {
    wb_http_field_list_clean_up(&speech->fields);
    wb_http_field_list_clean_up(&speech->trailers);
}

/* ---- how it goes out ---- */

static enum wb_status send_head(
    const struct speech *speech, struct wb_bytes_mut *out, struct wb_h1_sent *sent) {
    const struct wb_http_fields fields = wb_http_field_list_view(&speech->fields);
    if (!speech->is_response) {
        const struct wb_h1_request request = {
            .method = wb_bytes_from_string(wb_http_method_name(speech->method)),
            .target = speech->target,
            .host = speech->host,
            .version = speech->version,
            .fields = fields,
            .content = speech->content,
            .keep_alive = speech->keep_alive};
        return wb_h1_encode_request(&request, out, sent);
    }
    const struct wb_h1_response response = {.status = speech->status,
        .reason = speech->reason,
        .fields = fields,
        .content = speech->content,
        .date = speech->date};
    const struct wb_h1_answered to = {speech->method, speech->version, speech->keep_alive};
    return wb_h1_encode_response(&response, &to, out, sent);
}

static void put(struct wb_bytes_mut *out, const void *bytes, size_t len) {
    CHECK(wb_bytes_mut_extend(out, wb_bytes_from(bytes, len)) == WB_OK);
}

/* The pieces, each in its frame; what goes out of them is put into `content`, too. False: less was
 * there than was announced, so that the message stays incomplete. */
static bool send_content(const struct speech *speech, const struct wb_h1_sent *sent,
    struct wb_bytes_mut *out, struct wb_bytes_mut *content) {
    struct wb_h1_body_writer writer;
    struct wb_h1_frame frame;
    struct wb_bytes tail;
    const bool has_trailers = speech->trailers.count != 0;
    wb_h1_body_writer_init(&writer, sent->body, sent->content_length);
    for (size_t i = 0; i < speech->piece_count && !sent->leaves_out_content; i++) {
        const enum wb_status status = wb_h1_body_frame(&writer, speech->pieces[i].len, &frame);
        CHECK(status == WB_OK || (status == WB_ERR_LIMIT && sent->body == WB_H1_BODY_LENGTH));
        put(out, frame.prefix, frame.prefix_len);
        put(out, speech->pieces[i].ptr, frame.data_len);
        put(out, "\r\n", frame.suffix_len);
        put(content, speech->pieces[i].ptr, frame.data_len);
    }
    if (wb_h1_body_finish(&writer, has_trailers, &tail) != WB_OK) {
        CHECK(sent->body == WB_H1_BODY_LENGTH);
        return false;
    }
    put(out, tail.ptr, tail.len);
    if (sent->body == WB_H1_BODY_CHUNKED && has_trailers) {
        CHECK(wb_h1_encode_trailers(wb_http_field_list_view(&speech->trailers),
                  wb_bytes_from_string("x-a, etag, server, host, content-length"), out)
              == WB_OK);
    }
    return true;
}

/* ---- what is read back ---- */

static void check_head(const struct speech *speech, const struct setting *setting,
    const struct wb_h1_sent *sent, const struct message *message, struct wb_bytes bytes) {
    const struct wb_h1_head *head = &message->parser.head;
    CHECK(head->version == speech->version);
    CHECK(head->body == sent->body && head->keep_alive == sent->keep_alive);
    CHECK(sent->body != WB_H1_BODY_LENGTH || head->content_length == sent->content_length);
    if (speech->is_response) {
        CHECK(head->status == speech->status);
        CHECK(speech->reason.len == 0
              || wb_bytes_equal(
                  speech->reason, wb_bytes_from(bytes.ptr + head->reason_at, head->reason_len)));
    } else {
        CHECK(head->method == speech->method);
        CHECK(wb_bytes_equal(
            speech->target, wb_bytes_from(bytes.ptr + head->target_at, head->target_len)));
    }
    const struct wb_http_fields said = wb_http_field_list_view(&speech->fields);
    const struct wb_http_fields came = wb_h1_parser_fields(&message->parser, bytes);
    if (speech->is_response) {
        check_same_fields(said, came);
    } else if (speech->host.len == 0) {
        check_request_fields(said, came, sent->body);
    }
    (void)setting;
}

/* Only what was announced and may come late arrives, in order. */
static void check_trailers(const struct speech *speech, struct wb_bytes bytes) {
    struct wb_h1_parser parser;
    struct wb_http_field items[TRAILERS_MAX];
    wb_h1_parser_init(&parser, WB_H1_TRAILERS, NULL, NULL, items, TRAILERS_MAX);
    CHECK(wb_h1_parse(&parser, bytes) == WB_OK && parser.head.head_len == bytes.len);
    const struct wb_http_fields came = wb_h1_parser_fields(&parser, bytes);
    const struct wb_http_fields said = wb_http_field_list_view(&speech->trailers);
    size_t next = 0;
    for (size_t i = 0; i < said.count; i++) {
        const struct wb_bytes name = wb_http_fields_name(said, i);
        const bool arrives = wb_http_equal_nocase(name, wb_bytes_from_string("x-a"))
                             || wb_http_equal_nocase(name, wb_bytes_from_string("etag"))
                             || wb_http_equal_nocase(name, wb_bytes_from_string("server"));
        if (arrives) {
            CHECK(next < came.count && wb_bytes_equal(name, wb_http_fields_name(came, next)));
            CHECK(wb_bytes_equal(wb_http_fields_value(said, i), wb_http_fields_value(came, next)));
            next++;
        }
    }
    CHECK(next == came.count);
}

static void check_content(const struct speech *speech, const struct message *message,
    struct wb_bytes rest, struct wb_bytes content) {
    const struct wb_h1_head *head = &message->parser.head;
    struct wb_h1_body_reader reader;
    struct wb_bytes data;
    enum wb_status status;
    size_t len = 0;
    wb_h1_body_reader_init(&reader, head->body, head->content_length);
    while ((status = wb_h1_body_read(&reader, &rest, &data)) == WB_OK) {
        CHECK(len + data.len <= content.len && memcmp(content.ptr + len, data.ptr, data.len) == 0);
        len += data.len;
    }
    CHECK(wb_h1_body_end(&reader) == WB_EOF);
    CHECK(len == content.len || head->body == WB_H1_BODY_TUNNEL);
    if (head->body == WB_H1_BODY_CHUNKED) {
        check_trailers(speech, rest);
    }
}

static bool says_another_coding(const struct speech *speech) {
    const struct wb_http_fields fields = wb_http_field_list_view(&speech->fields);
    for (size_t i = 0; i < fields.count; i++) {
        struct wb_bytes value = wb_http_fields_value(fields, i);
        struct wb_bytes element;
        while (fields.items[i].id == WB_HTTP_FIELD_TRANSFER_ENCODING
               && wb_http_next_token(&value, &element)) {
            if (!wb_http_equal_nocase(element, wb_bytes_from_string("chunked"))) {
                return true;
            }
        }
    }
    return false;
}

static void check_read_back(const struct speech *speech, const struct wb_h1_sent *sent,
    struct wb_bytes bytes, struct wb_bytes content, bool is_whole) {
    const struct setting setting = {.kind = speech->is_response ? WB_H1_RESPONSE : WB_H1_REQUEST,
        .cut = bytes.len / 2,
        .asked = {speech->method, speech->status == 101}};
    struct message message;
    parse_every_way(&setting, bytes, &message);
    if (!speech->is_response && message.parser.error == WB_H1_ERROR_TRANSFER_CODING) {
        CHECK(says_another_coding(
            speech)); /* which a client may send, and our server does not know */
        check_against_reference(&setting, bytes);
        return;
    }
    CHECK(message.status == WB_OK);
    check_head(speech, &setting, sent, &message, bytes);
    read_every_way(&setting, bytes, &message);
    if (is_whole) {
        check_content(speech, &message,
            wb_bytes_slice(bytes, message.parser.head.head_len, bytes.len), content);
    }
    check_against_reference(&setting, bytes);
    if (speech->is_response) {
        check_response_sent_on(&setting, bytes, &message);
    } else {
        check_request_sent_on(&setting, bytes, &message);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct speech speech;
    struct wb_h1_sent sent;
    if (size < HEAD_LEN || size > INPUT_LEN_MAX / 2) {
        return 0;
    }
    listen(&speech, data, size);
    struct wb_bytes_mut out = wb_bytes_mut_new(memory_alone());
    struct wb_bytes_mut content = wb_bytes_mut_new(memory_alone());
    const enum wb_status status = send_head(&speech, &out, &sent);
    CHECK(status == WB_OK || (status == WB_ERR_INVALID && out.len == 0));
    if (status == WB_OK) {
        const bool is_whole = send_content(&speech, &sent, &out, &content);
        check_read_back(
            &speech, &sent, wb_bytes_mut_view(&out), wb_bytes_mut_view(&content), is_whole);
    }
    wb_bytes_mut_release(&out);
    wb_bytes_mut_release(&content);
    forget(&speech);
    return 0;
}
