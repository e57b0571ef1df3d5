/* Which of several planted bugs is in force: that of the environment variable WB_PLANTED, the first
 * without it. */
#ifndef FUZZ_PLANTED_CHOICE_H
#define FUZZ_PLANTED_CHOICE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int planted_choice(const char *const names[], int count) {
    const char *wanted = getenv("WB_PLANTED");
    for (int i = 0; i < count; i++) {
        if (wanted == NULL || strcmp(wanted, names[i]) == 0) {
            return i;
        }
    }
    fprintf(stderr, "WB_PLANTED=%s: there is no such bug. There are:", wanted);
    for (int i = 0; i < count; i++) {
        fprintf(stderr, " %s", names[i]);
    }
    fprintf(stderr, "\n");
    exit(2);
}

#endif
