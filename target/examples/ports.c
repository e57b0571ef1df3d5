/* See ports.h. */
#include "examples/ports.h"

#include "examples/console.h"

/* 0: it is none. */
static uint16_t port_of(const char *text) {
    uint32_t port = 0;
    while (*text >= '0' && *text <= '9' && port <= UINT16_MAX) {
        port = port * 10 + (uint32_t)(*text++ - '0');
    }
    return *text == '\0' && port <= UINT16_MAX ? (uint16_t)port : 0;
}

bool wb__ports_are_sound(
    const struct wb__texts *ports, const struct wb_sys *sys, const char *option) {
    for (size_t i = 0; i < ports->count; i++) {
        if (port_of(ports->items[i]) == 0) {
            wb__print(sys, WB__CONSOLE_ERR, "%s: expected a number from 1 to 65535, not '%s'\n",
                option, ports->items[i]);
            return false;
        }
    }
    return true;
}

bool wb__ports_allow(const struct wb__texts *ports, uint16_t port) {
    for (size_t i = 0; i < ports->count; i++) {
        if (port_of(ports->items[i]) == port) {
            return true;
        }
    }
    return ports->count == 0;
}
