/* The servers of HTTP/1.1 that are measured: where they are, what they are told, how they start.
 * All answer GET /hello with the words of load_http.h, keep connections for an hour and any number
 * of requests, and log nothing. */
#ifndef BENCH_HTTP_PEERS_H
#define BENCH_HTTP_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { HTTP_PEER_ARGS_MAX = 8 };

struct http_peer {
    const char *name;
    const char *args[HTTP_PEER_ARGS_MAX]; /* of the program, which comes first; @PORT@ and @FOLDER@
                                             stand for what they say */
    const char *config;                   /* of a file @FOLDER@/NAME.conf; NULL: it needs none */
    bool is_ours;
    bool answers_together; /* responses to requests that came together */
    bool is_for_pipelines; /* measured with pipelined requests only */
};

extern const struct http_peer http_peers[];
extern const size_t http_peer_count;

/* Finds the program beside this one or where the system keeps programs. False: it is not there. */
bool http_peer_find(const struct http_peer *peer, char *out_path, size_t capacity);

/* A folder of its own under the system's temporary one, with the file that is served; out_folder
 * has room for 64 bytes. Removed with all that is in it. Both end the program on failure. */
void http_peer_make_folder(char *out_folder);
void http_peer_remove_folder(const char *folder);

/* A port that nobody has now, and the file of configuration. */
uint16_t http_peer_prepare(const struct http_peer *peer, const char *folder);

/* An argument as it is given: allocated, the caller frees it. */
char *http_peer_argument(const char *arg, const char *folder, uint16_t port);

/* Starts it, pinned to processor 0; it dies with this process unless it changes its user. It may
 * not listen yet. What it says goes to a file of the folder. */
#define HTTP_PEER_LOG "log"
pid_t http_peer_start(const struct http_peer *peer, const char *folder, uint16_t port);

#endif
