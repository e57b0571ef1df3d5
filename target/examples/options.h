/* Command lines: `--name VALUE` or `--name=VALUE` by a table, and operands of one kind. Numbers and
 * addresses are checked here, so that a program begins with values that make sense.
 *
 * Thread: one. Allocates: nothing. */
#ifndef WB_EXAMPLES_OPTIONS_H
#define WB_EXAMPLES_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/interest.h"
#include "wb/sys.h"
#include "wb/unix_addr.h"

#include "examples/address.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WB__EXIT_OK = 0, WB__EXIT_FAILURE = 1, WB__EXIT_USAGE = 2 };

/* What `target` points to and what the value looks like. */
enum wb__option_kind {
    WB__OPTION_FLAG,    /* bool; no value */
    WB__OPTION_ADDR,    /* struct wb_addr; HOST:PORT, HOST numeric or `localhost` */
    WB__OPTION_UNIX,    /* struct wb_unix_addr; a path, or @NAME for an abstract name */
    WB__OPTION_STREAM,  /* struct wb__address; as ADDR, or unix: and as UNIX */
    WB__OPTION_TRIGGER, /* struct wb__trigger_option; level, edge, oneshot or edge-oneshot */
    WB__OPTION_COUNT,   /* size_t; a decimal number from min to max */
    WB__OPTION_TEXT,    /* const char *; anything */
    WB__OPTION_TEXTS,   /* struct wb__texts; the same, as often as there is room */
};

/* What was given, in order. */
enum { WB__TEXTS_MAX = 16 };

struct wb__texts {
    const char *items[WB__TEXTS_MAX];
    size_t count;
};

struct wb__trigger_option {
    bool is_given;
    enum wb_trigger trigger;
};

struct wb__option {
    const char *name; /* without the dashes; NULL: the operand, which may be left out */
    enum wb__option_kind kind;
    void *target; /* left as it is unless the option is given */
    const char *help;
    size_t min;
    size_t max;
};

struct wb__command {
    const char *program;
    const char *summary;
    const struct wb__option *options;
    size_t option_count;
};

/* Reads argv[1] to argv[argc - 1]. Returns true to go on. Otherwise `*out_exit` is the exit status,
 * and the help or what is wrong was printed. `--help` is always understood. */
bool wb__command_parse(const struct wb__command *command, const struct wb_sys *sys, int argc,
    char *const argv[], int *out_exit);

/* The trigger that was asked for, or `otherwise`. */
static inline enum wb_trigger wb__trigger_or(
    struct wb__trigger_option option, enum wb_trigger otherwise) {
    return option.is_given ? option.trigger : otherwise;
}

#ifdef __cplusplus
}
#endif

#endif
