/* The address of a Unix socket: none, a path in the file system, or an abstract name, which is
 * bytes of any value and known to the kernel alone. The three are told apart by kind, never by what
 * the bytes look like.
 *
 * Thread: pure functions, but for wb_unix_addr_unlink(). Allocates: nothing. Spec: unix(7). */
#ifndef WB_UNIX_ADDR_H
#define WB_UNIX_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the longest path, without its NUL, and of the longest abstract name. The kernel also
 * knows paths of 108 bytes, that have no NUL: they are received, but not made here. */
#define WB_UNIX_PATH_LEN_MAX 107
#define WB_UNIX_ABSTRACT_LEN_MAX 107

/* Bytes that hold the text of every address whose bytes print, with the NUL. */
#define WB_UNIX_ADDR_TEXT_LEN_MAX 112

enum wb_unix_addr_kind {
    WB_UNIX_ADDR_UNNAMED, /* a socket that was never bound; all zero is one */
    WB_UNIX_ADDR_PATH,
    WB_UNIX_ADDR_ABSTRACT,
};

struct wb_unix_addr {
    enum wb_unix_addr_kind kind;
    uint32_t len;   /* bytes of the name */
    char name[109]; /* path or abstract name, without the NUL in front; a NUL behind, not counted */
};

/* ---- making ---- */

/* `path` is NUL-terminated. Errors: WB_ERR_INVALID if it is empty or longer than
 * WB_UNIX_PATH_LEN_MAX. */
WB_API WB_MUST_USE enum wb_status wb_unix_addr_path(
    const char *path, struct wb_unix_addr *out_addr);

/* `len` bytes of any value, 0 included: the name that is empty is a name. Errors: WB_ERR_INVALID
 * for more than WB_UNIX_ABSTRACT_LEN_MAX. */
WB_API WB_MUST_USE enum wb_status wb_unix_addr_abstract(
    const void *name, size_t len, struct wb_unix_addr *out_addr);

/* "@name" is an abstract name, everything else a path ("./@name" for a file of that name). Errors:
 * as those two. */
WB_API WB_MUST_USE enum wb_status wb_unix_addr_parse(
    const char *text, struct wb_unix_addr *out_addr);

/* Writes what wb_unix_addr_parse() reads ("./@name" for the path "@name"), "" for an unnamed
 * address, and a NUL. Bytes that do not print, and backslashes, become \xNN, which is for people:
 * it is not read back. A text that would not fit is cut. `capacity` is at least 1, comfortably
 * WB_UNIX_ADDR_TEXT_LEN_MAX. Returns the length without the NUL. */
WB_API size_t wb_unix_addr_format(const struct wb_unix_addr *addr, char *out_text, size_t capacity);

/* ---- the kernel's form ---- */

/* Fills the structure and returns the length to hand to the kernel. Binding to an unnamed address
 * lets the system choose an abstract name. */
WB_API uint32_t wb_unix_addr_to_sockaddr(
    const struct wb_unix_addr *addr, struct wb_sockaddr *out_sockaddr);

/* `len` is what the kernel said, which may be 0 and may exceed the structure: no byte behind either
 * is looked at. Errors: WB_ERR_NOT_SUPPORTED for another family. */
WB_API WB_MUST_USE enum wb_status wb_unix_addr_from_sockaddr(
    const struct wb_sockaddr *sockaddr, uint32_t len, struct wb_unix_addr *out_addr);

/* ---- asking ---- */

WB_API bool wb_unix_addr_equal(const struct wb_unix_addr *a, const struct wb_unix_addr *b);

static inline bool wb_unix_addr_is_unnamed(const struct wb_unix_addr *addr) {
    return addr->kind == WB_UNIX_ADDR_UNNAMED;
}

/* ---- the file that a path leaves behind ---- */

/* Removes the path, which closing the socket does not; addresses of the other kinds leave nothing,
 * and WB_OK is returned. Errors: WB_ERR_NO_ENTRY, WB_ERR_ACCESS, WB_ERR_NOT_PERMITTED, others of
 * the system. */
WB_API WB_MUST_USE enum wb_status wb_unix_addr_unlink(
    const struct wb_unix_addr *addr, const struct wb_sys *sys);

#ifdef __cplusplus
}
#endif

#endif
