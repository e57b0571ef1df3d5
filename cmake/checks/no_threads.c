/* Linked into tests without the label `threads`, with pthread_create wrapped (ld --wrap): whoever
 * starts a thread there would be left out of what runs under ThreadSanitizer. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

int __wrap_pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);

int __wrap_pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument) {
    (void)thread;
    (void)attributes;
    (void)run;
    (void)argument;
    (void)fputs(
        "a thread is started, but the test has not the label: wb_test(... LABELS threads)\n",
        stderr);
    abort();
}
