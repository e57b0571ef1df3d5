/* What is in a directory, as a page for a browser. */
#ifndef WB_EXAMPLES_DIRECTORY_PAGE_H
#define WB_EXAMPLES_DIRECTORY_PAGE_H

#include "wb/bytes.h"
#include "wb/file.h"
#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Appends a path with everything escaped that means something in a URI, but for its slashes.
 * Errors: WB_ERR_NO_MEMORY. */
WB_MUST_USE enum wb_status wb__append_escaped_path(struct wb_bytes_mut *page, struct wb_bytes path);

/* Appends a page of HTML with the entries by name, which are put into that order; `path` is that of
 * the directory, with a slash at its end. Errors: WB_ERR_NO_MEMORY. */
WB_MUST_USE enum wb_status wb__directory_page_write(
    struct wb_bytes_mut *page, struct wb_bytes path, struct wb_dir_entries *entries);

#ifdef __cplusplus
}
#endif

#endif
