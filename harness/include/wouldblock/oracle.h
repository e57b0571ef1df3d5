/* What oracles say: findings, and the list of oracles there are. How a run calls them is not here.
 */
#ifndef WOULDBLOCK_ORACLE_H
#define WOULDBLOCK_ORACLE_H

#include <stddef.h>
#include <stdint.h>

#include "wouldblock/scenario.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the oracles may assume of a program. */
enum wbh_conservation {
    WBH_CONSERVE_NOTHING, /* no relation between what it reads and writes is known */
    WBH_CONSERVE_ECHO, /* each connection is sent a prefix of what was read from it; all of it after
                          a clean end */
    WBH_CONSERVE_BROADCAST, /* each connection is sent a run, without gaps, of everything that was
                               read, in reading order */
    WBH_CONSERVE_BROADCAST_FRAMES, /* the same of frames, in the order in which they became whole: 8
                                      bytes of length, big-endian, and so many bytes; empty ones
                                      are left out */
};

/* One thing an oracle found. */
struct wbh_finding {
    uint8_t verdict;    /* enum wbh_verdict */
    const char *oracle; /* name */
    uint64_t time_ns;
    uint32_t step; /* call number */
    uint32_t subject;
    uint32_t process; /* number of the program it is about */
    char text[480];   /* one sentence: what is wrong */
    char why[1600];   /* how it came to it, several lines; "" if the sentence says all */
};

enum { WBH_FINDINGS_MAX = 16 };

struct wbh_oracle_info {
    const char *name;
    const char *summary;      /* one sentence: what it objects to */
    enum wbh_verdict verdict; /* of most of its findings */
};

/* The oracles in the order in which they are asked. NULL for a number past the last. */
const struct wbh_oracle_info *wbh_oracle_nth(size_t n);

#ifdef __cplusplus
}
#endif

#endif
