/* Frames out of a byte stream: 8 bytes of length, big-endian, then so many bytes. Partial headers
 * and bodies are kept from one piece of input to the next; a length is believed up to a limit only.
 * Sans-I/O.
 *
 * Thread: none of this is synchronised. Allocates: a body that arrives in pieces. */
#ifndef WB_EXAMPLES_FRAME_H
#define WB_EXAMPLES_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "wb/bytes.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    WB__FRAME_HEADER_LEN = 8,
    WB__FRAME_BODY_LEN_MAX = 64 * 1024,
};

/* All zero is the state between two frames. The fields are the reader's own. */
struct wb__frame_reader {
    uint8_t header[WB__FRAME_HEADER_LEN];
    uint8_t *block;     /* header and body; NULL while the header is incomplete */
    uint32_t block_len; /* what the whole frame takes */
    uint32_t have;      /* bytes of the frame that have arrived */
};

/* Takes bytes from the front of *input up to the end of a frame. *out_frame is that frame, header
 * included, valid until the next call. Frames with an empty body are passed over.
 * Returns WB_OK with a frame, WB_WOULD_BLOCK when the input is used up and no frame is complete.
 * Errors: WB_ERR_LIMIT for a body longer than WB__FRAME_BODY_LEN_MAX, WB_ERR_NO_MEMORY; the stream
 * cannot go on. */
WB_MUST_USE enum wb_status wb__frame_reader_next(struct wb__frame_reader *reader,
    const struct wb_sys *sys, struct wb_bytes *input, struct wb_bytes *out_frame);

/* Bytes of a frame that is not complete. */
size_t wb__frame_reader_pending_len(const struct wb__frame_reader *reader);

void wb__frame_reader_clean_up(struct wb__frame_reader *reader, const struct wb_sys *sys);

#ifdef __cplusplus
}
#endif

#endif
