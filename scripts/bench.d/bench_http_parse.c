/* Measures the codec of HTTP/1 on one thread: heads of requests parsed, beside http-parser and, if
 * its peer lies in the same folder, httparse; heads of responses parsed and written, chunks read.
 * The same bytes for all, in turn, round by round. http-parser is given callbacks that note where
 * names and values lie, which is what the others do.
 *
 *   bench_http_parse                         all of it
 *   bench_http_parse --list                  the names of what there is to do
 *   bench_http_parse --once NAME COUNT       COUNT times, for those who count instructions
 *   bench_http_parse --request NAME          the request itself, for the peer */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef BENCH_WITH_HTTP_PARSER
#include <http_parser.h>
#endif

#include "bench.h"
#include "line_peer.h"
#include "wb/h1_body.h"
#include "wb/h1_encode.h"
#include "wb/h1_head.h"
#include "wb/sys_linux.h"

enum { ROUNDS = 41, FIELDS_MAX = 64, LINE_LEN = 128 };

static void must(bool is_so) {
    if (!is_so) {
        (void)fprintf(stderr, "bench_http_parse: it was not understood\n");
        exit(EXIT_FAILURE);
    }
}

/* What is done with a result must be thought to matter. */
static void keep(const void *result) {
    __asm__ volatile("" : : "r"(result) : "memory");
}

/* ---- requests ---- */

static const struct request {
    const char *name;
    const char *text;
    uint64_t count; /* a round */
} requests[] = {
    {"hello", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n", 40000},
    {"minimal", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: a/1\r\nAccept: */*\r\n\r\n",
        40000},
    {"browser",
        "GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\n"
        "Host: www.kittyhell.com\r\n"
        "User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; rv:1.9.2.3) "
        "Gecko/20100401 Firefox/3.6.3 Pathtraq/0.9\r\n"
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
        "Accept-Language: ja,en-us;q=0.7,en;q=0.3\r\n"
        "Accept-Encoding: gzip,deflate\r\n"
        "Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7\r\n"
        "Keep-Alive: 115\r\n"
        "Connection: keep-alive\r\n"
        "Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; "
        "__utma=xxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.x; "
        "__utmz=xxxxxxxxx.xxxxxxxxxx.x.x.utmccn=(referral)|utmcsr=reader.livedoor.com|"
        "utmcct=/reader/|utmcmd=referral\r\n"
        "\r\n",
        8000},
};
enum { REQUESTS = sizeof requests / sizeof requests[0] };

static void parse_ours(struct wb_bytes text, uint64_t count) {
    struct wb_http_field fields[FIELDS_MAX];
    struct wb_h1_parser parser;
    for (uint64_t i = 0; i < count; i++) {
        wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, fields, FIELDS_MAX);
        must(wb_h1_parse(&parser, text) == WB_OK);
        keep(&parser);
    }
}

#ifdef BENCH_WITH_HTTP_PARSER
/* Where names and values lie, in turn, and whether the message ended. */
struct noted {
    struct {
        const char *at;
        size_t len;
    } parts[2 * FIELDS_MAX];
    size_t count;
    bool is_whole;
};

static int note_part(http_parser *parser, const char *at, size_t len) {
    struct noted *noted = parser->data;
    noted->parts[noted->count].at = at;
    noted->parts[noted->count++].len = len;
    return 0;
}

static int note_end(http_parser *parser) {
    ((struct noted *)parser->data)->is_whole = true;
    return 0;
}

static void parse_theirs(struct wb_bytes text, uint64_t count) {
    static const http_parser_settings settings = {.on_url = note_part,
        .on_header_field = note_part,
        .on_header_value = note_part,
        .on_headers_complete = note_end};
    struct noted noted;
    http_parser parser;
    for (uint64_t i = 0; i < count; i++) {
        noted.count = 0;
        noted.is_whole = false;
        http_parser_init(&parser, HTTP_REQUEST);
        parser.data = &noted;
        must(http_parser_execute(&parser, &settings, (const char *)text.ptr, text.len) == text.len);
        must(noted.is_whole);
        keep(&noted);
    }
}
#endif

/* ---- responses ---- */

struct answer {
    struct wb_http_field_list fields;
    struct wb_bytes_mut out;
};

static void add(struct answer *answer, const char *name, const char *value) {
    must(wb_http_field_list_add(
             &answer->fields, wb_bytes_from_string(name), wb_bytes_from_string(value))
         == WB_OK);
}

static void fill(struct answer *answer) {
    wb_http_field_list_clear(&answer->fields);
    add(answer, "server", "wouldblock");
    add(answer, "content-type", "text/plain");
}

static void encode(struct answer *answer) {
    static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";
    const struct wb_h1_response response = {.status = 200,
        .fields = wb_http_field_list_view(&answer->fields),
        .content = {true, 13},
        .date = wb_bytes_from(date, sizeof date - 1)};
    const struct wb_h1_answered to = {WB_HTTP_GET, WB_HTTP_1_1, true};
    struct wb_h1_sent sent;
    wb_bytes_mut_truncate(&answer->out, 0);
    must(wb_h1_encode_response(&response, &to, &answer->out, &sent) == WB_OK);
    keep(answer->out.ptr);
}

static void answer_often(uint64_t count, bool fills, bool encodes) {
    struct answer answer = {.out = wb_bytes_mut_new(wb_sys_linux())};
    wb_http_field_list_init(&answer.fields, wb_sys_linux(), 0, 0);
    fill(&answer);
    for (uint64_t i = 0; i < count; i++) {
        if (fills) {
            fill(&answer);
        }
        if (encodes) {
            encode(&answer);
        }
    }
    wb_http_field_list_clean_up(&answer.fields);
    wb_bytes_mut_release(&answer.out);
}

/* ---- what comes back ---- */

/* As that of a server that many use. */
static const char response_text[] = "HTTP/1.1 200 OK\r\n"
                                    "Server: nginx/1.22.1\r\n"
                                    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                    "Content-Type: application/json; charset=utf-8\r\n"
                                    "Content-Length: 1234\r\n"
                                    "Connection: keep-alive\r\n"
                                    "Vary: Accept-Encoding\r\n"
                                    "\r\n";

static void parse_response(struct wb_bytes text, uint64_t count) {
    const struct wb_h1_asked asked = {.method = WB_HTTP_GET};
    struct wb_http_field fields[FIELDS_MAX];
    struct wb_h1_parser parser;
    (void)text;
    for (uint64_t i = 0; i < count; i++) {
        wb_h1_parser_init(&parser, WB_H1_RESPONSE, NULL, &asked, fields, FIELDS_MAX);
        must(wb_h1_parse(&parser, wb_bytes_from(response_text, sizeof response_text - 1)) == WB_OK);
        keep(&parser);
    }
}

/* Lengths as they come: of a line of text, of a buffer that was full, of what was left. */
static const char chunks_text[] = "5\r\nhello\r\n1f\r\nthirty-one bytes, as of a line.\r\n"
                                  "10\r\n0123456789abcdef\r\n3\r\nend\r\n0\r\n";

static void read_chunks(struct wb_bytes text, uint64_t count) {
    (void)text;
    for (uint64_t i = 0; i < count; i++) {
        struct wb_h1_body_reader reader;
        struct wb_bytes input = wb_bytes_from(chunks_text, sizeof chunks_text - 1);
        struct wb_bytes data;
        enum wb_status status;
        wb_h1_body_reader_init(&reader, WB_H1_BODY_CHUNKED, 0);
        do {
            status = wb_h1_body_read(&reader, &input, &data);
            keep(data.ptr);
        } while (status == WB_OK);
        must(status == WB_EOF);
    }
}

static void encode_ours(struct wb_bytes text, uint64_t count) {
    (void)text;
    answer_often(count, false, true);
}

static void fill_ours(struct wb_bytes text, uint64_t count) {
    (void)text;
    answer_often(count, true, false);
}

/* ---- the peer ---- */

/* httparse/src/main.rs */
static struct line_peer peer;

static double measure_peer(const struct request *request) {
    (void)fprintf(peer.questions, "%llu %zu\n%s", (unsigned long long)request->count,
        strlen(request->text), request->text);
    return line_peer_answer(&peer, request->name) / (double)request->count;
}

/* ---- all of it ---- */

typedef void do_fn(struct wb_bytes text, uint64_t count);

static const struct deed {
    const char *name; /* as --once has it, in front of the request's if there is one */
    const char *text; /* in rows */
    do_fn *run;
    bool is_of_request;
} deeds[] = {
    {"parse", "parse", parse_ours, true},
#ifdef BENCH_WITH_HTTP_PARSER
    {"http-parser", "http-parser", parse_theirs, true},
#endif
    {"response", "parse a response head, 194 bytes", parse_response, false},
    {"chunks", "content of 4 chunks read", read_chunks, false},
    {"encode", "response head, 2 fields, length, date", encode_ours, false},
    {"fill", "list of 2 fields filled anew", fill_ours, false},
};
enum { DEEDS = sizeof deeds / sizeof deeds[0], OTHER_COUNT = 30000 };

static struct bench_samples taken[DEEDS][REQUESTS];
static struct bench_samples taken_by_peer[REQUESTS];

static double measure(const struct deed *deed, const struct request *request) {
    const uint64_t count = deed->is_of_request ? request->count : (uint64_t)OTHER_COUNT;
    const uint64_t start = bench_cpu_ns();
    deed->run(wb_bytes_from_string(request->text), count);
    return (double)(bench_cpu_ns() - start) / (double)count;
}

static size_t forms_of(const struct deed *deed) {
    return deed->is_of_request ? REQUESTS : 1;
}

static void measure_round(void) {
    for (size_t d = 0; d < DEEDS; d++) {
        for (size_t r = 0; r < forms_of(&deeds[d]); r++) {
            bench_add(&taken[d][r], measure(&deeds[d], &requests[r]));
        }
    }
    for (size_t r = 0; r < REQUESTS && peer.answers != NULL; r++) {
        bench_add(&taken_by_peer[r], measure_peer(&requests[r]));
    }
}

/* Ours alone, then how many times as long another takes for the same. */
static void print_row(const char *name, const struct request *request,
    const struct bench_samples *ours, const struct bench_samples *theirs) {
    char text[LINE_LEN];
    (void)snprintf(text, sizeof text, "parse %s, %zu bytes", request->name, strlen(request->text));
    const struct bench_samples ratio = bench_ratio(theirs, ours);
    bench_row_beside(text, bench_median(ours), "ns", bench_doubt(&ratio), bench_median(&ratio),
        name, bench_median(theirs));
}

static void print_all(void) {
    for (size_t d = 0; d < DEEDS; d++) {
        for (size_t r = 0; r < REQUESTS && deeds[d].is_of_request && d != 0; r++) {
            print_row(deeds[d].text, &requests[r], &taken[0][r], &taken[d][r]);
        }
    }
    for (size_t r = 0; r < REQUESTS && peer.answers != NULL; r++) {
        print_row("httparse", &requests[r], &taken[0][r], &taken_by_peer[r]);
    }
    for (size_t d = 0; d < DEEDS; d++) {
        if (!deeds[d].is_of_request) {
            bench_row(
                deeds[d].text, bench_median(&taken[d][0]), "ns", bench_doubt(&taken[d][0]), 0, "");
        }
    }
}

/* Calls for each deed and request under the name that --once has; whether one was `wanted`. */
static bool each(const char *wanted, uint64_t count) {
    bool is_found = false;
    for (size_t d = 0; d < DEEDS; d++) {
        for (size_t r = 0; r < forms_of(&deeds[d]); r++) {
            char name[LINE_LEN];
            (void)snprintf(name, sizeof name, "%s%s%s", deeds[d].name,
                deeds[d].is_of_request ? "-" : "", deeds[d].is_of_request ? requests[r].name : "");
            if (wanted == NULL) {
                printf("%s\n", name);
            } else if (strcmp(name, wanted) == 0) {
                deeds[d].run(wb_bytes_from_string(requests[r].text), count);
                is_found = true;
            }
        }
    }
    return is_found;
}

static int print_request(const char *name) {
    for (size_t r = 0; r < REQUESTS; r++) {
        if (strcmp(requests[r].name, name) == 0) {
            printf("%s", requests[r].text);
            return EXIT_SUCCESS;
        }
    }
    return EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "--once") == 0) {
        must(each(argv[2], strtoull(argv[3], NULL, 10)));
        return EXIT_SUCCESS;
    }
    if (argc == 3 && strcmp(argv[1], "--request") == 0) {
        return print_request(argv[2]);
    }
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        (void)each(NULL, 0);
        return EXIT_SUCCESS;
    }
    line_peer_start(&peer, "bench_httparse");
    for (int round = 0; round < ROUNDS; round++) {
        measure_round();
    }
    print_all();
    return EXIT_SUCCESS;
}
