/* Clocks, medians and rows of the measuring programs. */
#define _GNU_SOURCE
#include "bench.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ns(clockid_t clock) {
    struct timespec now;
    int failed = clock_gettime(clock, &now);
    assert(failed == 0);
    (void)failed;
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t bench_cpu_ns(void) {
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t bench_now_ns(void) {
    return clock_ns(CLOCK_MONOTONIC);
}

void bench_add(struct bench_samples *samples, double value) {
    assert(samples->len < BENCH_SAMPLES_MAX);
    samples->values[samples->len++] = value;
}

static int compare(const void *a, const void *b) {
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

/* The value below which `share` of the samples lie. */
static double quantile(const struct bench_samples *samples, double share) {
    if (samples->len == 0) {
        return 0;
    }
    struct bench_samples sorted = *samples;
    qsort(sorted.values, sorted.len, sizeof sorted.values[0], compare);
    double place = share * (double)(sorted.len - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < sorted.len ? below + 1 : below;
    double part = place - (double)below;
    return sorted.values[below] * (1 - part) + sorted.values[above] * part;
}

double bench_median(const struct bench_samples *samples) {
    return quantile(samples, 0.5);
}

double bench_doubt(const struct bench_samples *samples) {
    double median = bench_median(samples);
    double quartiles = quantile(samples, 0.75) - quantile(samples, 0.25);
    return median > 0 ? 1.57 * quartiles / sqrt((double)samples->len) / median * 100 : 0;
}

struct bench_samples bench_ratio(
    const struct bench_samples *samples, const struct bench_samples *others) {
    struct bench_samples ratio = {.len = 0};
    for (size_t i = 0; i < samples->len && i < others->len; i++) {
        bench_add(&ratio, samples->values[i] / others->values[i]);
    }
    return ratio;
}

/* Columns without an end of line. */
static void print_row(const char *name, double value, const char *unit, double doubt, double ratio,
    const char *against) {
    printf("%s\t%.*f\t%s\t", name, value < 100 ? 2 : 0, value, unit);
    if (doubt > 0) {
        printf("%.1f\t", doubt);
    } else {
        printf("-\t");
    }
    if (ratio > 0) {
        printf("%.3f\t%s", ratio, against);
    } else {
        printf("-\t-");
    }
}

void bench_row(const char *name, double value, const char *unit, double doubt, double ratio,
    const char *against) {
    print_row(name, value, unit, doubt, ratio, against);
    printf("\n");
    (void)fflush(stdout);
}

void bench_row_beside(const char *name, double value, const char *unit, double doubt, double ratio,
    const char *against, double other) {
    print_row(name, value, unit, doubt, ratio, against);
    if (ratio > 0) {
        printf("\t%.*f", other < 100 ? 2 : 0, other);
    }
    printf("\n");
    (void)fflush(stdout);
}

bool bench_path_beside(const char *name, char *out_path, size_t capacity) {
    const ssize_t len = readlink("/proc/self/exe", out_path, capacity);
    if (len <= 0 || (size_t)len >= capacity) {
        return false;
    }
    const char *slash = memrchr(out_path, '/', (size_t)len);
    const size_t folder_len = slash == NULL ? 0 : (size_t)(slash + 1 - out_path);
    if (folder_len + strlen(name) + 1 > capacity) {
        return false;
    }
    (void)strcpy(out_path + folder_len, name);
    return true;
}
