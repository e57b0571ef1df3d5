/* See address.h. */
#include "examples/address.h"

#include <string.h>

size_t wb__address_format(const struct wb__address *address, char *out_text, size_t capacity) {
    static const char prefix[] = WB__ADDRESS_UNIX_PREFIX;
    const size_t prefix_len = sizeof prefix - 1;
    if (!address->is_unix) {
        return wb_addr_format(&address->tcp, out_text, capacity);
    }
    if (capacity <= prefix_len) {
        out_text[0] = '\0';
        return 0;
    }
    memcpy(out_text, prefix, prefix_len);
    return prefix_len
           + wb_unix_addr_format(&address->unix_addr, out_text + prefix_len, capacity - prefix_len);
}
