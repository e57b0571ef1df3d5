/* Addresses of Unix sockets. */
#include "wb/unix_addr.h"

#include <assert.h>
#include <string.h>

/* Where the variable part of the kernel's form begins, and how much there is of it. */
enum {
    PATH_OFFSET = offsetof(struct wb_sockaddr_un, path),
    PATH_CAPACITY = sizeof(((struct wb_sockaddr_un *)0)->path),
};

_Static_assert(
    sizeof(((struct wb_unix_addr *)0)->name) == PATH_CAPACITY + 1, "name holds any path");

static struct wb_unix_addr named(enum wb_unix_addr_kind kind, const void *name, size_t len) {
    struct wb_unix_addr addr = {.kind = kind, .len = (uint32_t)len};
    if (len > 0) {
        memcpy(addr.name, name, len);
    }
    return addr;
}

/* ---- making ---- */

enum wb_status wb_unix_addr_path(const char *path, struct wb_unix_addr *out_addr) {
    size_t len = strlen(path);
    if (len == 0 || len > WB_UNIX_PATH_LEN_MAX) {
        return WB_ERR_INVALID;
    }
    *out_addr = named(WB_UNIX_ADDR_PATH, path, len);
    return WB_OK;
}

enum wb_status wb_unix_addr_abstract(const void *name, size_t len, struct wb_unix_addr *out_addr) {
    if (len > WB_UNIX_ABSTRACT_LEN_MAX) {
        return WB_ERR_INVALID;
    }
    *out_addr = named(WB_UNIX_ADDR_ABSTRACT, name, len);
    return WB_OK;
}

enum wb_status wb_unix_addr_parse(const char *text, struct wb_unix_addr *out_addr) {
    return text[0] == '@' ? wb_unix_addr_abstract(text + 1, strlen(text + 1), out_addr)
                          : wb_unix_addr_path(text, out_addr);
}

/* ---- the kernel's form ---- */

/* A path takes its NUL along, as unix(7) recommends; an abstract name begins with one and is
 * counted. */
uint32_t wb_unix_addr_to_sockaddr(
    const struct wb_unix_addr *addr, struct wb_sockaddr *out_sockaddr) {
    memset(out_sockaddr, 0, sizeof(*out_sockaddr));
    out_sockaddr->un.family = WB_AF_UNIX;
    char *path = out_sockaddr->un.path;
    switch (addr->kind) {
    case WB_UNIX_ADDR_UNNAMED:
        return PATH_OFFSET;
    case WB_UNIX_ADDR_ABSTRACT:
        memcpy(path + 1, addr->name, addr->len);
        return PATH_OFFSET + 1 + addr->len;
    case WB_UNIX_ADDR_PATH:
        break;
    }
    memcpy(path, addr->name, addr->len);
    return PATH_OFFSET + (addr->len < PATH_CAPACITY ? addr->len + 1 : PATH_CAPACITY);
}

/* How many bytes of the path the kernel's length covers. */
static size_t path_len(uint32_t len) {
    size_t covered = len > PATH_OFFSET ? len - PATH_OFFSET : 0;
    return covered < PATH_CAPACITY ? covered : PATH_CAPACITY;
}

enum wb_status wb_unix_addr_from_sockaddr(
    const struct wb_sockaddr *sockaddr, uint32_t len, struct wb_unix_addr *out_addr) {
    if (len >= sizeof(sockaddr->family) && sockaddr->family != WB_AF_UNIX) {
        return WB_ERR_NOT_SUPPORTED;
    }
    const char *path = sockaddr->un.path;
    size_t covered = path_len(len);
    if (covered == 0) {
        *out_addr = (struct wb_unix_addr){0};
    } else if (path[0] == '\0') {
        *out_addr = named(WB_UNIX_ADDR_ABSTRACT, path + 1, covered - 1);
    } else {
        const char *end = memchr(path, '\0', covered);
        *out_addr = named(WB_UNIX_ADDR_PATH, path, end != NULL ? (size_t)(end - path) : covered);
    }
    return WB_OK;
}

/* ---- text ---- */

/* Returns false if the character would not fit. */
static bool put_escaped(char *out_text, size_t capacity, size_t *len, char c) {
    static const char hex[] = "0123456789abcdef";
    const bool is_plain = c >= ' ' && c <= '~' && c != '\\';
    if (*len + (is_plain ? 1 : 4) >= capacity) {
        return false;
    }
    if (is_plain) {
        out_text[(*len)++] = c;
        return true;
    }
    const char escaped[] = {'\\', 'x', hex[(unsigned char)c >> 4], hex[(unsigned char)c & 0xf]};
    memcpy(out_text + *len, escaped, sizeof(escaped));
    *len += sizeof(escaped);
    return true;
}

/* What stands in front of the name, so that the text means an address of this kind. */
static const char *prefix_of(const struct wb_unix_addr *addr) {
    if (addr->kind == WB_UNIX_ADDR_ABSTRACT) {
        return "@";
    }
    return addr->kind == WB_UNIX_ADDR_PATH && addr->name[0] == '@' ? "./" : "";
}

size_t wb_unix_addr_format(const struct wb_unix_addr *addr, char *out_text, size_t capacity) {
    assert(capacity >= 1);
    size_t len = 0;
    bool fits = true;
    for (const char *c = prefix_of(addr); fits && *c != '\0'; c++) {
        fits = put_escaped(out_text, capacity, &len, *c);
    }
    for (uint32_t i = 0; fits && i < addr->len; i++) {
        fits = put_escaped(out_text, capacity, &len, addr->name[i]);
    }
    out_text[len] = '\0';
    return len;
}

/* ---- asking ---- */

bool wb_unix_addr_equal(const struct wb_unix_addr *a, const struct wb_unix_addr *b) {
    return a->kind == b->kind && a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

/* ---- the file ---- */

enum wb_status wb_unix_addr_unlink(const struct wb_unix_addr *addr, const struct wb_sys *sys) {
    if (addr->kind != WB_UNIX_ADDR_PATH) {
        return WB_OK;
    }
    return wb_status_from_result(WB_SYS(sys, unlink, addr->name));
}
