/* Prints how many orders of threads each scene has within its bound, and how much processor time it
 * takes to try them all. A search that was stopped or failed says so in its row. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hunter.h"
#include "scenes.h"

/* Of the processor: how busy the machine is does not matter. */
static double seconds_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int print_row(const struct scene *scene, uint32_t preemptions) {
    const struct wbh_enumeration turns = hunt_turns(preemptions);
    char text[128];
    char bound[16] = "any";
    (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram %s\n", scene->cast);
    if (preemptions != WBH_UNBOUNDED) {
        (void)snprintf(bound, sizeof(bound), "%" PRIu32, preemptions);
    }
    const double begin = seconds_now();
    struct hunt hunt = hunt_whole(text, &turns);
    const double took = seconds_now() - begin;
    (void)printf("| %-46s | `%s` | %s | %" PRIu64 " | %.2f | %.0f |\n", scene->title, scene->cast,
        bound, hunt.runs, took, (double)hunt.runs / took);
    (void)fflush(stdout);
    if (hunt.failures != 0) {
        (void)printf("%" PRIu64 " of them FAILED, the last one:\n%s\n", hunt.failures, hunt.plan);
    }
    const int failed = hunt.failures != 0;
    hunt_clean_up(&hunt);
    return failed;
}

int main(int argc, char **argv) {
    const bool is_deep = argc == 2 && strcmp(argv[1], "--deep") == 0;
    size_t count;
    const struct wbh_program *programs = scene_programs(&count);
    int failed = 0;
    if (argc > 1 && !is_deep) {
        (void)fputs("usage: explore_table [--deep]\n", stderr);
        return 2;
    }
    wbh_program_register(programs, count);
    (void)puts("| scene | program | pre-emptions | schedules | seconds | a second |\n"
               "|---|---|---|---|---|---|");
    for (size_t i = 0; i < scene_count; i++) {
        failed |= print_row(&scenes[i], is_deep ? scenes[i].deep : scenes[i].quick);
    }
    hunter_clean_up();
    return failed;
}
