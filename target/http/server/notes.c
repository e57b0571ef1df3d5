/* Telling whoever watches which requests a service gets, and what content: digests, so that they
 * can be held against what was sent (WB_NOTE_REQUEST). On Linux nobody watches. */
#include "http/server/conn.h"

static uint64_t digest_byte(uint64_t digest, uint8_t byte) {
    return (digest ^ byte) * WB_NOTE_DIGEST_PRIME;
}

static uint64_t digest_bytes(uint64_t digest, struct wb_bytes bytes) {
    for (size_t i = 0; i < bytes.len; i++) {
        digest = digest_byte(digest, bytes.ptr[i]);
    }
    return digest;
}

static uint64_t digest_name(uint64_t digest, struct wb_bytes name) {
    for (size_t i = 0; i < name.len; i++) {
        const uint8_t byte = name.ptr[i];
        digest = digest_byte(digest, byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
    }
    return digest;
}

void wb__h1_note_under(struct wb_h1_server_conn *conn, int fd) {
    struct wb__h1_server *self = conn->impl;
    self->fd = self->sys->ops->note != NULL ? fd : -1;
}

/* Of what the service looks at, not of what the parser has read. */
void wb__h1_note_request(const struct wb__h1_server *self) {
    const struct wb_http_request *request = &self->request;
    uint64_t digest = digest_bytes(WB_NOTE_DIGEST_BASIS, request->method_name);
    digest = digest_bytes(digest_byte(digest, ' '), request->target);
    for (size_t i = 0; i < request->fields.count; i++) {
        digest = digest_byte(digest, '\n');
        digest = digest_name(digest, wb_http_fields_name(request->fields, i));
        digest = digest_byte(digest, ':');
        digest = digest_bytes(digest, wb_http_fields_value(request->fields, i));
    }
    wb_sys_note(self->sys, WB_NOTE_REQUEST, (uint64_t)self->fd, digest);
}

void wb__h1_note_content(struct wb__h1_server *self, struct wb_bytes piece) {
    struct wb__h1_incoming *incoming = &self->incoming;
    incoming->digest = digest_bytes(incoming->digest, piece);
    if (incoming->is_done) {
        wb_sys_note(self->sys, WB_NOTE_REQUEST_CONTENT, (uint64_t)self->fd, incoming->digest);
    }
}
