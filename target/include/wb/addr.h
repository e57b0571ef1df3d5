/* An IP address with a port: the comfortable form of struct wb_sockaddr, in host byte order, and
 * its text. Not name resolution: text is numeric. Not Unix sockets: their addresses are in
 * wb/unix_addr.h.
 *
 * Thread: pure functions. Allocates: nothing. Spec: RFC 4291 section 2.2 and RFC 5952 (IPv6 text),
 * RFC 3986 section 3.2.2 (brackets), RFC 4007 section 11 (zone, numeric only). */
#ifndef WB_ADDR_H
#define WB_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that hold every formatted address with its port, with the terminating NUL. */
#define WB_ADDR_TEXT_LEN_MAX 112

struct wb_addr {
    uint16_t family;   /* WB_AF_INET or WB_AF_INET6 */
    uint16_t port;     /* host byte order */
    uint8_t ip[16];    /* network order, as written; IPv4 uses the first 4, the rest are 0 */
    uint32_t scope_id; /* IPv6 zone; 0: none */
    uint32_t flowinfo; /* IPv6, as the kernel gave it; not part of the text */
};

/* ---- making ---- */

WB_API struct wb_addr wb_addr_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);
WB_API struct wb_addr wb_addr_v4_any(uint16_t port);
WB_API struct wb_addr wb_addr_v4_loopback(uint16_t port);
/* Reads 16 bytes. */
WB_API struct wb_addr wb_addr_v6(const uint8_t *ip, uint16_t port, uint32_t scope_id);
WB_API struct wb_addr wb_addr_v6_any(uint16_t port);
WB_API struct wb_addr wb_addr_v6_loopback(uint16_t port);

/* ---- text ---- */

/* "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80". Decimal without leading zeroes, port 0 to 65535,
 * all of the text. Errors: WB_ERR_PARSE. */
WB_API WB_MUST_USE enum wb_status wb_addr_parse(const char *text, struct wb_addr *out_addr);
WB_API WB_MUST_USE enum wb_status wb_addr_parse_n(
    const char *text, size_t len, struct wb_addr *out_addr);

/* "127.0.0.1", "::1", "fe80::1%2": without brackets and port. Errors: WB_ERR_PARSE. */
WB_API WB_MUST_USE enum wb_status wb_addr_parse_ip(
    const char *text, size_t len, uint16_t port, struct wb_addr *out_addr);

/* Writes what wb_addr_parse() reads, or without the port what wb_addr_parse_ip() reads, and a NUL.
 * Returns the length without the NUL. `capacity` must be at least WB_ADDR_TEXT_LEN_MAX. */
WB_API size_t wb_addr_format(const struct wb_addr *addr, char *out_text, size_t capacity);
WB_API size_t wb_addr_format_ip(const struct wb_addr *addr, char *out_text, size_t capacity);

/* ---- the kernel's form ---- */

/* Fills the structure and returns the length to hand to the kernel. */
WB_API uint32_t wb_addr_to_sockaddr(const struct wb_addr *addr, struct wb_sockaddr *out_sockaddr);

/* Errors: WB_ERR_NOT_SUPPORTED for a family that is not IP; WB_ERR_INVALID if `len` is too short
 * for the family. */
WB_API WB_MUST_USE enum wb_status wb_addr_from_sockaddr(
    const struct wb_sockaddr *sockaddr, uint32_t len, struct wb_addr *out_addr);

/* Any address as text: IP as wb_addr_format(), Unix as "unix:" and what wb_unix_addr_format()
 * writes; another family as "family:N". A text that would not fit is cut. `capacity` must be at
 * least WB_ADDR_TEXT_LEN_MAX. Returns the length. */
WB_API size_t wb_addr_format_sockaddr(
    const struct wb_sockaddr *sockaddr, uint32_t len, char *out_text, size_t capacity);

/* ---- asking ---- */

/* Same family, port, address and zone. */
WB_API bool wb_addr_equal(const struct wb_addr *a, const struct wb_addr *b);
/* 127.0.0.0/8 or ::1. */
WB_API bool wb_addr_is_loopback(const struct wb_addr *addr);
/* 0.0.0.0 or ::. */
WB_API bool wb_addr_is_unspecified(const struct wb_addr *addr);

#ifdef __cplusplus
}
#endif

#endif
