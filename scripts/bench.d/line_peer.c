/* See line_peer.h. */
#define _GNU_SOURCE
#include "line_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

enum { LINE_LEN_MAX = 128 };

static _Noreturn void become(const char *path, const int in[2], const int out[2]) {
    (void)dup2(in[0], STDIN_FILENO);
    (void)dup2(out[1], STDOUT_FILENO);
    (void)close(in[1]);
    (void)close(out[0]);
    (void)execl(path, path, (char *)NULL);
    _exit(EXIT_FAILURE);
}

void line_peer_start(struct line_peer *peer, const char *name) {
    char path[4096];
    int in[2];
    int out[2];
    *peer = (struct line_peer){NULL, NULL};
    if (!bench_path_beside(name, path, sizeof path) || access(path, X_OK) != 0) {
        (void)fprintf(stderr, "%s: no %s to compare with\n", program_invocation_short_name, name);
        return;
    }
    if (pipe(in) != 0 || pipe(out) != 0) {
        perror("pipe");
        exit(EXIT_FAILURE);
    }
    if (fork() == 0) {
        become(path, in, out);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    peer->questions = fdopen(in[1], "w");
    peer->answers = fdopen(out[0], "r");
}

double line_peer_answer(const struct line_peer *peer, const char *about) {
    char line[LINE_LEN_MAX];
    (void)fflush(peer->questions);
    if (fgets(line, sizeof line, peer->answers) == NULL) {
        (void)fprintf(stderr, "%s: the peer failed in %s\n", program_invocation_short_name, about);
        exit(EXIT_FAILURE);
    }
    return strtod(line, NULL);
}
