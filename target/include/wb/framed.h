/* Messages over any stream, and datagrams of messages, for futures; wb/codec.h says what a message
 * is. Everything works in memory of the caller's and borrows the streams, the codecs and the
 * sockets it is given: a message that does not fit into that memory is refused, so that nobody
 * makes it grow.
 *
 * Messages that come are borrowed: they lie in the buffer until the next poll for one. An object
 * here may be moved at any time but while a future of it is pending. Each poll spends from the
 * task's budget, also when messages are in the buffer already.
 *
 * Thread: as wb/async_io.h says of streams. Allocates: nothing. */
#ifndef WB_FRAMED_H
#define WB_FRAMED_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/addr.h"
#include "wb/async_io.h"
#include "wb/bytes.h"
#include "wb/codec.h"
#include "wb/future.h"
#include "wb/io.h"
#include "wb/net.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- messages from a stream ---- */

struct wb_framed_reader {
    struct wb_async_read *inner;
    struct wb_decoder *decoder;
    unsigned char *buf;
    size_t capacity;
    size_t begin; /* what came and was not used: begin .. end - 1 */
    size_t end;
    bool is_at_end; /* the stream said so, and what came before is being decoded */
};

/* `capacity` bytes at `buf`, at least 1: the longest message with what the codec puts around it
 * must fit: wb_length_format_buffer_len() of the one codec, line_len_max + 1 of the other. */
WB_API void wb_framed_reader_init(struct wb_framed_reader *reader, struct wb_async_read *inner,
    struct wb_decoder *decoder, void *buf, size_t capacity);

/* WB_READY with WB_OK and a message; WB_EOF when the stream ended between messages;
 * WB_ERR_UNEXPECTED_EOF when it ended within one; WB_ERR_LIMIT when the buffer is full and holds no
 * message; or a failure of the codec or of the stream. After the end and after a failure it may be
 * asked again: it goes on with what is in the buffer, and with whatever the stream has then. */
WB_API WB_MUST_USE enum wb_progress wb_framed_reader_poll_next(struct wb_framed_reader *reader,
    struct wb_context *context, enum wb_status *out_status, struct wb_bytes *out_frame);

/* The same as a future. `frame` is the message, if the status is WB_OK. Given up while pending it
 * has lost nothing. */
struct wb_next_frame {
    struct wb_future future;
    struct wb_framed_reader *reader;
    struct wb_bytes frame;
};

WB_API void wb_next_frame_init(struct wb_next_frame *next, struct wb_framed_reader *reader);

/* ---- messages into a stream ---- */

/* What is put is held back until it is flushed, or until `boundary` bytes are: then whoever wants
 * to put more waits until the stream has taken some, so that a peer that does not read is noticed.
 */
struct wb_framed_writer {
    struct wb_buf_writer out; /* flush, and shut down, out.write */
    struct wb_encoder *encoder;
    size_t boundary;
};

/* `capacity` bytes at `buf`, at least 1, and `boundary` from 1 to that. A message is taken if it
 * fits beside what is held, which is less than the boundary. */
WB_API void wb_framed_writer_init(struct wb_framed_writer *writer, struct wb_async_write *inner,
    struct wb_encoder *encoder, void *buf, size_t capacity, size_t boundary);

/* WB_READY with WB_OK: less than the boundary is held, and a message may be put. Or with a failure
 * of the stream. */
WB_API WB_MUST_USE enum wb_progress wb_framed_writer_poll_ready(
    struct wb_framed_writer *writer, struct wb_context *context, enum wb_status *out_status);

/* Adds a message to what is held, at once. Errors: WB_ERR_FULL if there is no room now, those of
 * the codec; nothing was added. */
WB_API WB_MUST_USE enum wb_status wb_framed_writer_put(
    struct wb_framed_writer *writer, struct wb_bytes frame);

/* Adds a message when there is room, borrowed until then; flush to have it sent now. Status:
 * WB_ERR_LIMIT for one that does not fit into the whole buffer; those of the codec and the stream.
 * Given up while pending it has added nothing. */
struct wb_put_frame {
    struct wb_future future;
    struct wb_framed_writer *writer;
    struct wb_bytes frame;
};

WB_API void wb_put_frame_init(
    struct wb_put_frame *put, struct wb_framed_writer *writer, struct wb_bytes frame);

/* ---- messages in datagrams ---- */

/* Each datagram is decoded by itself, and may hold several messages; what is left of it at its end
 * is an error, as at the end of a stream. */
struct wb_framed_datagrams {
    struct wb_datagram_socket *socket;
    struct wb_decoder *decoder;
    unsigned char *buf;
    size_t capacity;
    size_t begin; /* what is left of a datagram: begin .. end - 1 */
    size_t end;
    struct wb_addr sender; /* of the message that came last; of UDP only */
    bool has_datagram;     /* that is not decoded to its end */
};

/* `capacity` bytes at `buf` for the longest datagram. */
WB_API void wb_framed_datagrams_init(struct wb_framed_datagrams *datagrams,
    struct wb_datagram_socket *socket, struct wb_decoder *decoder, void *buf, size_t capacity);

/* The next message, and `sender` of `datagrams` is who sent it. A datagram without any message, an
 * empty one for instance, is passed over. Status: WB_ERR_UNEXPECTED_EOF if a datagram ended within
 * a message; WB_ERR_LIMIT if it was longer than the buffer: it is gone; those of the codec, after
 * which what is left of the datagram is gone, unless the codec goes on; those of the socket. In
 * every case it may be asked again. */
struct wb_next_datagram_frame {
    struct wb_future future;
    struct wb_framed_datagrams *datagrams;
    struct wb_bytes frame;
    struct wb_recv recv;
};

WB_API void wb_next_datagram_frame_init(
    struct wb_next_datagram_frame *next, struct wb_framed_datagrams *datagrams);

/* Sends a message as one datagram, to the peer, or to an address: encoded into `capacity` bytes at
 * `buf`, which are borrowed until it is over. Status: WB_ERR_LIMIT if it does not fit, those of the
 * codec and of wb_send. */
struct wb_send_frame {
    struct wb_future future;
    struct wb_send send;
    enum wb_status encoded;
};

WB_API void wb_send_frame_init(struct wb_send_frame *send, struct wb_datagram_socket *socket,
    struct wb_encoder *encoder, struct wb_bytes frame, void *buf, size_t capacity);
WB_API void wb_send_frame_to_init(struct wb_send_frame *send, struct wb_datagram_socket *socket,
    struct wb_encoder *encoder, struct wb_bytes frame, void *buf, size_t capacity,
    const struct wb_addr *to);

#ifdef __cplusplus
}
#endif

#endif
