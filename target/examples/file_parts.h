/* Parts of a file as the content of a response: all of it, one range, or several with a head each
 * (multipart/byteranges, RFC 9110 section 14.6). Reads as it is asked to, through the blocking
 * pool. */
#ifndef WB_EXAMPLES_FILE_PARTS_H
#define WB_EXAMPLES_FILE_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "wb/file.h"
#include "wb/http_body.h"
#include "wb/http_range.h"
#include "wb/unblock.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    WB__BOUNDARY_LEN = 32,
    WB__PART_HEAD_LEN_MAX = 512,
    WB__PART_BUFFER_LEN = WB_FILE_BUFFER, /* what the file reads ahead comes in one piece */
};

/* In its owner's memory, and stays there. Private but for `body`, which tells its length. */
struct wb__file_parts {
    struct wb_http_body body;
    struct wb_file *file;
    uint64_t file_len;
    const char *type; /* of each part */
    struct wb_http_ranges ranges;
    char boundary[WB__BOUNDARY_LEN + 1]; /* "": one part, without a head */
    size_t at;                           /* parts that were shown */
    int step;
    uint64_t left; /* bytes of the body */
    struct wb_seek seek;
    struct wb_http_reader_body reader;
    char head[WB__PART_HEAD_LEN_MAX];
    unsigned char buf[WB__PART_BUFFER_LEN];
};

/* The file, of which all is borrowed, begins at its beginning. `ranges` has one at least;
 * `boundary` of several is WB__BOUNDARY_LEN bytes that do not occur in the file, `type` is at most
 * 128 bytes and static. A file that became shorter has the body fail with WB_ERR_UNEXPECTED_EOF. */
void wb__file_parts_init(struct wb__file_parts *parts, struct wb_file *file, uint64_t file_len,
    const struct wb_http_ranges *ranges, const char *type, const char *boundary);

#ifdef __cplusplus
}
#endif

#endif
