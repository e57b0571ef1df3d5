/* Small programs on the stack's own threads, each about one hand-over between them: small enough
 * for every order of threads within a bound to be tried. */
#ifndef SEARCH_TESTS_SCENES_H
#define SEARCH_TESTS_SCENES_H

#include "wouldblock/run.h"

/* What is tried of a scene: quickly, as a test, and at leisure. Bounds on pre-emptions. */
struct scene {
    const char *title;
    const char *cast; /* program and options, as in a scenario */
    uint32_t quick;
    uint32_t deep;
};

extern const struct scene scenes[];
extern const size_t scene_count;

/* For wbh_program_register(). */
const struct wbh_program *scene_programs(size_t *out_count);

#endif
