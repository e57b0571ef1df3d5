/* An example running in a thread of the test, on the real system, with its output caught and, where
 * a test asks for it, with calls that fail or fall short. One program at a time. */
#ifndef WB_EXAMPLES_TESTS_PROGRAM_H
#define WB_EXAMPLES_TESTS_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

/* What goes wrong; all zero: nothing. */
struct program_faults {
    int accept_error;    /* positive errno ... */
    int accept_errors;   /* ... of so many calls of accept4 before it works */
    int register_error;  /* positive errno ... */
    int register_skip;   /* ... of epoll_ctl ADD and MOD, after so many that work ... */
    int register_errors; /* ... so many times */
    int alloc_skip;      /* allocations that work before ... */
    int alloc_errors;    /* ... so many fail */
    size_t piece_max;    /* most bytes of one recv and one send; 0: no limit */
    int recvmsg_error;   /* positive errno ... */
    int recvmsg_errors;  /* ... of so many calls before it works */
    int sendmsg_error;   /* positive errno ... */
    int sendmsg_errors;  /* ... of so many calls before it works */
};

/* Starts `wb__NAME_main` with the arguments (NULL-terminated, without the name) and "--listen
 * 127.0.0.1:0", and waits until it listens. Returns its port. */
uint16_t program_start(
    const char *name, const char *const *arguments, const struct program_faults *faults);

/* The same with another address to listen on; returns as soon as it listens. */
void program_start_on(const char *name, const char *const *arguments,
    const struct program_faults *faults, const char *listen);

/* Sends SIGTERM, waits for the end and checks that the exit status is 0 and that every descriptor
 * and every byte of memory were given back. */
void program_stop(void);

/* Sends SIGTERM, and nothing more: who has connections closes them, then calls program_wait(). */
void program_tell_to_stop(void);

/* As program_stop() for a program that ends by itself. Returns its exit status. */
int program_wait(void);

/* Runs a program that does not listen to its end; returns its exit status. */
int program_run(
    const char *name, const char *const *arguments, const struct program_faults *faults);

/* What was printed since the start, to both descriptors. Valid until the next start. */
const char *program_output(void);

/* Waits until the output contains the text, or the program has ended. */
void program_await(const char *text);

/* Calls of accept4 and epoll_pwait2 so far. */
int program_accepts(void);
int program_waits(void);

/* How many allocations the program makes until it listens. Starts and stops it. */
int program_allocations(const char *name, const char *const *arguments);

/* The four trigger modes, and NULL for the program's own choice. */
enum { TRIGGERS_COUNT = 5 };
extern const char *const triggers[TRIGGERS_COUNT];

/* "--trigger" MODE and the others, NULL-terminated; with MODE NULL only the others. Valid until the
 * next call. */
const char *const *with_trigger(const char *trigger, const char *a, const char *b);

#endif
