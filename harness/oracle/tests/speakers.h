/* Programs that say in HTTP what they are told to, rightly and wrongly, and what the oracle makes
 * of it: for tests. */
#ifndef ORACLE_TESTS_SPEAKERS_H
#define ORACLE_TESTS_SPEAKERS_H

#include <stddef.h>
#include <stdint.h>

#include "judged.h"

enum { TURNS_MAX = 4 };

/* Hears so many bytes in all, or to the end, then says something; {0, ""} ends the row. */
struct turn {
    size_t heard_len;
    const char *said;
};

/* What the programs do. */
struct script {
    const struct turn *turns;
    /* What is noted in a turn, before something is said; NULL: nothing. ">" and what is digested of
     * a head, or "<" and a content; "|" between them. */
    const char *notes[TURNS_MAX];
    int64_t patience_ns; /* how long a program waits for room before it says no more */
};
extern struct script script;

struct exchange {
    const char *heard; /* what the peer says at once, as in a scenario */
    size_t heard_len;
    struct turn turns[TURNS_MAX];
    const char *finding; /* a part of it; NULL: nothing is found */
};

/* The peer begins with the line `opening`, says what is to be heard, and finishes. */
void speakers_check(const char *program, const char *opening, const struct exchange *exchange);
/* With "says", a server. */
void speakers_check_all(const struct exchange *exchanges, size_t count);
#define CHECK(exchanges) speakers_check_all(exchanges, sizeof(exchanges) / sizeof((exchanges)[0]))

/* Of a group of tests: has the programs known; forgets the last run. */
int speakers_begin(void **state);
int speakers_tear_down(void **state);

/* Requests as scenarios have them, and how long they are. */
#define GET "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
#define GET_LEN 27
#define HEAD "HEAD / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
#define HEAD_LEN 28
#define OLD "GET / HTTP/1.0\\r\\n\\r\\n"
#define OLD_LEN 18
#define LAST "GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n"
#define LAST_LEN 46
#define BAD "GET / HTTP/1.1\\r\\n\\r\\n"
#define BAD_LEN 18
#define PART "GET / HTTP/1.1\\r\\n"
#define PART_LEN 16
#define POST "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\n\\r\\nabc"
#define POST_LEN 50
#define CUT "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 9\\r\\n\\r\\nabc"
#define CHUNKED                                                                                    \
    "POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"                     \
    "1\\r\\na\\r\\n2;x\\r\\nbc\\r\\n0\\r\\nT: u\\r\\n\\r\\n"
#define CHUNKED_LEN 82
#define WAITS                                                                                      \
    "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\nExpect: 100-continue\\r\\n\\r\\nabc"
#define WAITS_LEN 72
#define CONNECT "CONNECT a:1 HTTP/1.1\\r\\nHost: a:1\\r\\n\\r\\n"
#define CONNECT_LEN 35
#define UPGRADE "GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: Upgrade\\r\\nUpgrade: x\\r\\n\\r\\n"
#define UPGRADE_LEN 60

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
#define EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define REFUSED "HTTP/1.1 400 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

#endif
