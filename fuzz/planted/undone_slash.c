/* A planted bug for fuzz_uri: the escape of a slash is undone like any other. wb_uri_normalize_path
 * is called by way of this (ld --wrap). */
#include <string.h>

#include "wb/uri.h"

enum wb_status __real_wb_uri_normalize_path(struct wb_bytes path, char *out, size_t *out_len);
enum wb_status __wrap_wb_uri_normalize_path(struct wb_bytes path, char *out, size_t *out_len);

enum wb_status __wrap_wb_uri_normalize_path(struct wb_bytes path, char *out, size_t *out_len) {
    enum wb_status status = __real_wb_uri_normalize_path(path, out, out_len);
    for (size_t i = 0; status == WB_OK && i + 2 < *out_len; i++) {
        if (memcmp(out + i, "%2F", 3) == 0) {
            out[i] = '/';
            memmove(out + i + 1, out + i + 3, *out_len - i - 3);
            *out_len -= 2;
        }
    }
    return status;
}
