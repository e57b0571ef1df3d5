/* Somebody to measure beside: a program in the folder of this one, that is asked line by line and
 * answers each with a figure. */
#ifndef BENCH_LINE_PEER_H
#define BENCH_LINE_PEER_H

#include <stdio.h>

/* Both NULL: there is none. */
struct line_peer {
    FILE *questions; /* what is written here is asked by line_peer_answer() */
    FILE *answers;
};

/* Says so, and leaves `peer` empty, if there is no such program. It ends when its questions do. */
void line_peer_start(struct line_peer *peer, const char *name);

/* The figure that it answers what was written; ends this program, and says what it was about, if
 * there is none. */
double line_peer_answer(const struct line_peer *peer, const char *about);

#endif
