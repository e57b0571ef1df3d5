/* The command line that all twins share. */
#ifndef PLANTED_OPTIONS_H
#define PLANTED_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bugs.h"

struct planted_options {
    enum planted_bug bug;     /* --bug NAME; none */
    uint32_t mode;            /* --trigger MODE: WB_EPOLLET and WB_EPOLLONESHOT; level */
    uint32_t connections_max; /* --max-connections N; 32 */
    uint64_t timeout_ns;      /* --timeout MS: of a client; 5 s */
    bool capitals;            /* --unit capitals: lines, each answered with a capital letter */
    bool pauses;              /* --pause yes: between would-block and saying so */
    uint32_t events_max;      /* --events N: reports of one wait, of a runtime; its default */
    bool several_workers;     /* --flavour multi: of a runtime; one thread */
    const char *server;       /* --server NAME: of a client; localhost */
    bool with_thread;         /* --unit thread: of the executor */
    bool frames;              /* --unit frames: 8 bytes of length, big-endian, then so many bytes */
};

/* Every option has a value. False if the words make no sense. */
bool planted_options_parse(struct planted_options *options, int argc, char *const argv[]);

#endif
