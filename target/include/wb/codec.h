/* Messages within a stream of bytes: what a codec offers, and two of them, lengths in front and
 * lines. They look at bytes and say what is there; where the bytes come from and go to is
 * wb/framed.h's business, or the caller's. Sans-I/O.
 *
 * Thread: a decoder or encoder, one at a time. Allocates: nothing. */
#ifndef WB_CODEC_H
#define WB_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/buf.h"
#include "wb/bytes.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a codec offers ---- */

struct wb_decoder;
struct wb_encoder;

struct wb_decoder_ops {
    /* REQUIRED. Looks for a message at the beginning of `bytes`: all that came and was not used,
     * which begins where the last call left off. With `is_end` nothing more will come.
     *
     * WB_OK: *out_frame is a message, within `bytes`, and the first *out_used bytes, at least 1,
     * are used. WB_WOULD_BLOCK: there is none yet; *out_used bytes are of no more use, the others
     * must come again with more behind them. With `is_end` this says that what is left is no
     * message, and the next call begins anew. WB_ERR_LIMIT for a message that is too long, or other
     * failures: *out_used bytes are of no more use; if it is 0 the decoder is at its end and says
     * the same again, otherwise it goes on behind them. */
    enum wb_status (*decode)(struct wb_decoder *self, struct wb_bytes bytes, bool is_end,
        size_t *out_used, struct wb_bytes *out_frame);
};

struct wb_encoder_ops {
    /* REQUIRED. Writes a message to `space`, which has room for *out_len bytes: WB_OK, and *out_len
     * is how many they were. WB_ERR_FULL: there is too little room, and *out_len is how much it
     * takes; nothing was written. WB_ERR_LIMIT and others: that message cannot be written. */
    enum wb_status (*encode)(
        struct wb_encoder *self, struct wb_bytes frame, void *space, size_t *out_len);
};

/* Members of whatever decodes or encodes. */
struct wb_decoder {
    const struct wb_decoder_ops *ops;
};

struct wb_encoder {
    const struct wb_encoder_ops *ops;
};

/* As the operations. A decoder that uses more than there is, or nothing for a message, aborts. */
WB_API WB_MUST_USE enum wb_status wb_decoder_decode(struct wb_decoder *decoder,
    struct wb_bytes bytes, bool is_end, size_t *out_used, struct wb_bytes *out_frame);
WB_API WB_MUST_USE enum wb_status wb_encoder_encode(
    struct wb_encoder *encoder, struct wb_bytes frame, void *space, size_t *out_len);

/* ---- a length in front ---- */

#define WB_LENGTH_FRAME_LEN_MAX_DEFAULT (8u << 20)

/* A message is a head and so many bytes. The head holds a number: how many bytes come behind the
 * head, but for `adjustment`. All zero: four bytes, big-endian, and nothing else. */
struct wb_length_format {
    uint32_t field_offset; /* bytes of the head in front of the number */
    uint32_t field_len;    /* of the number, 1 to 8; 0: 4 */
    uint32_t tail_len;     /* bytes of the head behind the number */
    enum wb_byte_order order;
    int64_t adjustment;   /* what is added to the number; -4 if it counts a head of 4 bytes */
    uint32_t kept;        /* so many bytes at the end of the head belong to the message */
    size_t frame_len_max; /* of a message; 0: WB_LENGTH_FRAME_LEN_MAX_DEFAULT */
};

/* Errors in decoding, both for good, since where the next message begins is not known: WB_ERR_LIMIT
 * for one that is too long, WB_ERR_PARSE for a number that is negative once it is adjusted. */
struct wb_length_decoder {
    struct wb_decoder decoder;
    struct wb_length_format format;
    size_t frame_len; /* of the message whose head has come */
    bool has_head;
};

/* Aborts if the format makes no sense: a number of more than 8 bytes, more kept than there is. */
WB_API void wb_length_decoder_init(
    struct wb_length_decoder *decoder, const struct wb_length_format *format);

/* From the next head on. */
WB_API void wb_length_decoder_set_max(struct wb_length_decoder *decoder, size_t frame_len_max);

/* Bytes of a buffer that holds every message that the decoder accepts, with its head. */
WB_API size_t wb_length_format_buffer_len(const struct wb_length_format *format);

/* Errors in encoding: WB_ERR_LIMIT for a message that is longer than frame_len_max, or whose number
 * does not fit in the field. */
struct wb_length_encoder {
    struct wb_encoder encoder;
    struct wb_length_format format;
};

/* What is in the head beside the number is written as 0. Aborts as above, and if anything is kept:
 * a message then has a head already. */
WB_API void wb_length_encoder_init(
    struct wb_length_encoder *encoder, const struct wb_length_format *format);

/* ---- lines ---- */

/* A message is what stands before "\n" or "\r\n"; bytes of any value, not only text. At the end
 * what is left is a line, too, unless it is nothing or a lone "\r".
 *
 * Errors in decoding: WB_ERR_LIMIT for a line of more than `line_len_max` bytes without its "\n".
 * It is told once, the line is passed over to its end, and the next one is decoded as if nothing
 * had been. */
struct wb_line_decoder {
    struct wb_decoder decoder;
    size_t line_len_max;
    size_t scanned; /* no newline in that many bytes */
    bool is_passing_over;
};

WB_API void wb_line_decoder_init(struct wb_line_decoder *decoder, size_t line_len_max);

/* Puts a "\n" behind. Errors in encoding: WB_ERR_INVALID for a line that has one in it. */
WB_API struct wb_encoder wb_line_encoder(void);

#ifdef __cplusplus
}
#endif

#endif
