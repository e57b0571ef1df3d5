/* What the measuring programs share: clocks, medians, and the rows they print. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Figures of one case, one a repeat. */
enum { BENCH_SAMPLES_MAX = 256 };
struct bench_samples {
    double values[BENCH_SAMPLES_MAX];
    size_t len;
};

/* Nanoseconds of CPU time that this thread has used: what others do to the machine counts little.
 */
uint64_t bench_cpu_ns(void);
/* Nanoseconds, monotonic. */
uint64_t bench_now_ns(void);

/* Aborts beyond BENCH_SAMPLES_MAX. */
void bench_add(struct bench_samples *samples, double value);

/* Both 0 without samples. The doubt is how far, in percent, the median may be off: another run's
 * lies within it in about 19 of 20 cases (1.57 quartile distances by the root of the count). */
double bench_median(const struct bench_samples *samples);
double bench_doubt(const struct bench_samples *samples);

/* Sample by sample, `samples` divided by `others`: repeats of the same round are compared. */
struct bench_samples bench_ratio(
    const struct bench_samples *samples, const struct bench_samples *others);

/* One row: tabs between the columns, "-" where a column is empty. `ratio` 0: there is none. */
void bench_row(const char *name, double value, const char *unit, double doubt, double ratio,
    const char *against);

/* The same, and the figure `value` is compared with in a last column; `ratio` 0: there is none. */
void bench_row_beside(const char *name, double value, const char *unit, double doubt, double ratio,
    const char *against, double other);

/* The path of a program in the folder of this one. False: it is too long. */
bool bench_path_beside(const char *name, char *out_path, size_t capacity);

#endif
