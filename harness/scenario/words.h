/* The words of the language that are not choice points: steps, verdicts, events, host properties,
 * subjects; and the nearest word to a mistyped one. Parser, printer and codec share them. */
#ifndef WOULDBLOCK_SCENARIO_WORDS_H
#define WOULDBLOCK_SCENARIO_WORDS_H

#include "wouldblock/scenario.h"

#include <stdbool.h>

/* The reserved words that stand for no particular connection and for the program's first listener
 * where a connection's name may stand. */
#define WBH__NO_CONNECTION "none"
#define WBH__LISTENER "listener"

/* Incarnations and local connections count up to this. */
enum { WBH__INCARNATION_MAX = 32767, WBH__LOCAL_MAX = 32767 };

bool wbh__step_has_literal(enum wbh_step_kind kind);
/* Of a Unix socket. */
bool wbh__step_has_name(enum wbh_step_kind kind);
bool wbh__step_has_duration(enum wbh_step_kind kind);
/* Whether it is about an HTTP message; a request; one that the peer sends. */
bool wbh__step_has_parts(enum wbh_step_kind kind);
bool wbh__step_has_request(enum wbh_step_kind kind);
bool wbh__step_sends_parts(enum wbh_step_kind kind);

/* What `count` of a step may be; false if the kind has none. 0 stands for one not written. */
bool wbh__step_count_range(enum wbh_step_kind kind, uint32_t *out_min, uint32_t *out_max);

/* Events as words: WB_EPOLL* bits. NULL / 0 past the end or when unknown. */
const char *wbh__event_word(unsigned n);
uint32_t wbh__event_bit(unsigned n);
uint32_t wbh__events_all(void);

/* Flavours of a host (SIM_FLAVOUR_*), likewise. */
const char *wbh__flavour_word(unsigned n);
uint32_t wbh__flavour_bit(unsigned n);
uint32_t wbh__flavours_all(void);

/* A host's numbers. */
enum wbh__host_field {
#define WBH__HOST_ENUM(field, word, least, most, is_time, what) WBH__HOST_##field,
    WBH_HOST_TABLE(WBH__HOST_ENUM)
#undef WBH__HOST_ENUM
        WBH__HOST_FIELD_COUNT
};

struct wbh__host_range {
    const char *word;
    uint64_t min;
    uint64_t max;
    bool is_time;
};

const struct wbh__host_range *wbh__host_range(enum wbh__host_field field);
uint64_t wbh__host_get(const struct wbh_host *host, enum wbh__host_field field);
void wbh__host_set(struct wbh_host *host, enum wbh__host_field field, uint64_t value);

/* Whether a host with a name can have the n-th property; `flavour` is the last. */
bool wbh__host_field_is_named(unsigned n);
/* Whether a host of that name would be taken for a property. */
bool wbh__is_host_property(const char *name);

/* A link's properties, in the order in which they are written. */
enum wbh__link_field {
#define WBH__LINK_ENUM(word, what) WBH__LINK_##word,
    WBH_LINK_TABLE(WBH__LINK_ENUM)
#undef WBH__LINK_ENUM
        WBH__LINK_FIELD_COUNT
};
const char *wbh__link_word(unsigned n); /* NULL past the end */
enum { WBH__BANDWIDTH_MIN = 100, WBH__BANDWIDTH_MAX = 1000000000, WBH__LOSS_MAX = 90 };

/* Addresses of hosts: 10.0.0.1, 2001:db8::1. 0, or -1 if it is none, or one that no host may have:
 * "any", a loopback, an IPv4 address in IPv6's clothes. */
enum { WBH__ADDRESS_LEN_MAX = 39 };
int wbh__address_from_text(const char *text, struct wbh_address *out);
void wbh__address_to_text(const struct wbh_address *address, char out[WBH__ADDRESS_LEN_MAX + 1]);
bool wbh__address_is_usable(const struct wbh_address *address);
/* Those of the host without a name: 192.0.2.1 and 2001:db8::1. */
bool wbh__address_is_outside(const struct wbh_address *address);
bool wbh__host_has(const struct wbh_named_host *host, const struct wbh_address *address);

/* Units of time: "ns", "us", "ms", "s", by their number. */
enum { WBH__UNIT_COUNT = 4 };
const char *wbh__unit_word(unsigned unit);
uint64_t wbh__unit_ns(unsigned unit);
/* The largest unit of which the time is a whole number. */
unsigned wbh__unit_of(uint64_t time_ns);

/* What names are made of. */
bool wbh__is_peer_name(const char *name, size_t len); /* shape only */
bool wbh__is_reserved_name(const char *name, size_t len);
bool wbh__is_program_name(const char *name, size_t len);
bool wbh__is_option_name(const char *name, size_t len);
bool wbh__is_option_value(const char *value, size_t len);
/* 1 to WBH_UNIX_NAME_MAX bytes, the first a printable character but a blank, none of them 0. */
bool wbh__is_unix_name(const char *name, size_t len);
bool wbh__is_title(const char *title, size_t len);
/* What scenarios can say of HTTP: tokens and targets of at most WBH_TEXT_MAX bytes that do not
 * begin as a comment; lines "Name: value" without control characters. Methods are tokens; neither
 * they nor targets are what may stand behind them: the word of a part, or version=... */
bool wbh__is_http_token(const char *token, size_t len);
bool wbh__is_message_word(const char *word, size_t len);
bool wbh__is_http_method(const char *method, size_t len);
bool wbh__is_http_target(const char *target, size_t len);
bool wbh__is_http_line(const char *line, size_t len);

/* The candidate that a mistyped word is nearest to, if it is near at all, else NULL. candidate(n)
 * gives NULL at the end. */
const char *wbh__nearest(const char *word, size_t len, const char *(*candidate)(unsigned n));
/* The same among names that are a scenario's: candidate(user_data, n). */
const char *wbh__nearest_name(const char *word, size_t len,
    const char *(*candidate)(void *user_data, unsigned n), void *user_data);

#endif
