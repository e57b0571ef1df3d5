/* Ports that somebody may go to, as they were given on the command line. */
#ifndef WB_EXAMPLES_PORTS_H
#define WB_EXAMPLES_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "examples/options.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether each is a number from 1 to 65535; what is wrong is printed behind `option`. */
bool wb__ports_are_sound(
    const struct wb__texts *ports, const struct wb_sys *sys, const char *option);

/* Whether it is among them, or there are none. */
bool wb__ports_allow(const struct wb__texts *ports, uint16_t port);

#ifdef __cplusplus
}
#endif

#endif
