/* The example programs as functions: each is a main() that is handed the system it runs on, so that
 * the same code runs on Linux and under simulation. They print to descriptors 1 and 2 through the
 * seam and return the exit status.
 *
 * Thread: the calling thread runs the program. Errors: exit status 0 on success, 1 on failure, 2 on
 * bad arguments. */
#ifndef WB_EXAMPLES_H
#define WB_EXAMPLES_H

#include <stddef.h>

#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int (*wb_example_fn)(const struct wb_sys *sys, int argc, char *const argv[]);

struct wb_example {
    const char *name;    /* also the binary's name and `program` in a scenario */
    const char *summary; /* one line */
    wb_example_fn main;
};

/* All of them, by name. */
WB_API const struct wb_example *wb_examples(size_t *out_count);

/* NULL if there is none of that name. */
WB_API const struct wb_example *wb_example_find(const char *name);

#ifdef __cplusplus
}
#endif

#endif
