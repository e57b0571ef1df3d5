/* The words of hosts and links, and addresses as text; see words.h. */
#include "scenario/words.h"

#include "wb/addr.h"

#include <string.h>

bool wbh__host_field_is_named(unsigned n) {
    return n == WBH__HOST_fd_limit || n == WBH__HOST_send_buffer_size
           || n == WBH__HOST_recv_buffer_size || n == WBH__HOST_memory_max;
}

bool wbh__is_host_property(const char *name) {
    for (unsigned n = 0; n < WBH__HOST_FIELD_COUNT; n++) {
        if (strcmp(wbh__host_range((enum wbh__host_field)n)->word, name) == 0) {
            return true;
        }
    }
    return strcmp(name, "flavour") == 0 || strcmp(name, "address") == 0;
}

const char *wbh__link_word(unsigned n) {
    static const char *const words[WBH__LINK_FIELD_COUNT] = {
#define LINK_WORD(word, what) #word,
        WBH_LINK_TABLE(LINK_WORD)
#undef LINK_WORD
    };
    return n < WBH__LINK_FIELD_COUNT ? words[n] : NULL;
}

static struct wb_addr to_addr(const struct wbh_address *address) {
    struct wb_addr addr = {.family = address->family};
    memcpy(addr.ip, address->ip, sizeof addr.ip);
    return addr;
}

static bool is_mapped(const struct wbh_address *address) {
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return address->family == WB_AF_INET6 && memcmp(address->ip, prefix, sizeof prefix) == 0;
}

bool wbh__address_is_usable(const struct wbh_address *address) {
    static const uint8_t any[16] = {0};
    static const uint8_t loopback6[16] = {[15] = 1};
    if (memcmp(address->ip, any, sizeof any) == 0) {
        return false;
    }
    if (address->family == WB_AF_INET) { /* from 224 on: groups, and what is set aside */
        return address->ip[0] != 127 && address->ip[0] < 224;
    }
    return address->family == WB_AF_INET6 && !is_mapped(address) && address->ip[0] != 0xff
           && memcmp(address->ip, loopback6, sizeof loopback6) != 0;
}

int wbh__address_from_text(const char *text, struct wbh_address *out) {
    struct wb_addr addr;
    if (wb_addr_parse_ip(text, strlen(text), 0, &addr) != WB_OK || addr.scope_id != 0) {
        return -1;
    }
    struct wbh_address address = {.family = addr.family};
    memcpy(address.ip, addr.ip, sizeof address.ip);
    if (!wbh__address_is_usable(&address)) {
        return -1;
    }
    *out = address;
    return 0;
}

void wbh__address_to_text(const struct wbh_address *address, char out[WBH__ADDRESS_LEN_MAX + 1]) {
    char text[WB_ADDR_TEXT_LEN_MAX];
    struct wb_addr addr = to_addr(address);
    size_t len = wb_addr_format_ip(&addr, text, sizeof text);
    len = len < WBH__ADDRESS_LEN_MAX ? len : WBH__ADDRESS_LEN_MAX;
    memcpy(out, text, len);
    out[len] = '\0';
}

static bool is_same(const struct wbh_address *a, const struct wbh_address *b) {
    return a->family == b->family && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool wbh__address_is_outside(const struct wbh_address *address) {
    static const struct wbh_address outside[] = {
        {WB_AF_INET, {192, 0, 2, 1}},
        {WB_AF_INET6, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
    };
    return is_same(address, &outside[0]) || is_same(address, &outside[1]);
}

bool wbh__host_has(const struct wbh_named_host *host, const struct wbh_address *address) {
    for (uint32_t i = 0; i < host->address_count; i++) {
        if (is_same(&host->addresses[i], address)) {
            return true;
        }
    }
    return false;
}
