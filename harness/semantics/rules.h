/* The rules of readiness: what a program may rely on, one sentence each. What a rule looks like on
 * a kernel is shown by the cases of the contract suite that bear its number; a rule without a case
 * is listed all the same. */
#ifndef WBH_SEMANTICS_RULES_H
#define WBH_SEMANTICS_RULES_H

#include <stddef.h>
#include <stdint.h>

enum wbh_rule_section {
    WBH_SECTION_DELIVERY,
    WBH_SECTION_INSTANCE,
    WBH_SECTION_INITIAL,
    WBH_SECTION_LISTENER,
    WBH_SECTION_CONNECT,
    WBH_SECTION_READING,
    WBH_SECTION_WRITING,
    WBH_SECTION_CLOSING,
    WBH_SECTION_UDP,
    WBH_SECTION_UNIX,
    WBH_SECTION_OUT_OF_BAND,
    WBH_SECTION_SPECIAL,
    WBH_SECTION_TIME,
    WBH_SECTION_MOVING,
    WBH_SECTION_COUNT,
};
const char *wbh_rule_section_title(enum wbh_rule_section section);

/* Kinds of descriptors, a bit each. */
enum wbh_kind {
    WBH_KIND_TCP = 1,
    WBH_KIND_UDP = 2,
    WBH_KIND_UNIX_STREAM = 4,
    WBH_KIND_UNIX_DATAGRAM = 8,
    WBH_KIND_UNIX_SEQPACKET = 16,
    WBH_KIND_PIPE = 32,
    WBH_KIND_EVENTFD = 64,
    WBH_KIND_TIMERFD = 128,
    WBH_KIND_FILE = 256,
};
enum { WBH_KIND_COUNT = 9 };
/* "Unix stream" for the kind of bit n. */
const char *wbh_kind_name(unsigned n);

struct wbh_rule {
    unsigned number;
    char suffix; /* '\0': none */
    enum wbh_rule_section section;
    const char *sentence;
    const char *limits; /* why a case cannot show it, or not all of it; NULL: it can */
};

/* In the order of their numbers. */
size_t wbh_rule_count(void);
const struct wbh_rule *wbh_rule_nth(size_t n);

/* Of a rule about several kinds of descriptors, these: it is shown whole when a case has shown
 * each. 0: any will do. */
uint32_t wbh_rule_kinds(const struct wbh_rule *rule);

/* "R112b". The buffer holds at least 8 bytes. Returns it. */
const char *wbh_rule_name(const struct wbh_rule *rule, char *buf, size_t buf_len);

/* An event that nothing stands behind: what to expect and the rules that bring it about. */
struct wbh_spurious {
    unsigned number;
    const char *sentence;
    const char *rules; /* names, separated by blanks */
};
size_t wbh_spurious_count(void);
const struct wbh_spurious *wbh_spurious_nth(size_t n);

#endif
