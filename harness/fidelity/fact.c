/* Facts about an operation, and how they are written down. */
#include "fidelity/fact.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "wb/sys.h"

void fid_fact_add(
    struct fid_outcome *outcome, const char *label, enum fid_form form, int64_t value) {
    assert(outcome->count < FID_FACTS_MAX);
    struct fid_fact *fact = &outcome->fact[outcome->count++];
    fact->label = label;
    fact->form = (uint8_t)form;
    fact->value = value;
}

const struct fid_fact *fid_fact_find(const struct fid_outcome *outcome, const char *label) {
    for (uint32_t i = 0; i < outcome->count; i++) {
        if (strcmp(outcome->fact[i].label, label) == 0) {
            return &outcome->fact[i];
        }
    }
    return NULL;
}

const char *fid_errno_name(int number) {
    static _Thread_local char unknown[24];
    const char *name = strerrorname_np(number);
    if (name != NULL) {
        return name;
    }
    snprintf(unknown, sizeof(unknown), "errno %d", number);
    return unknown;
}

struct bit {
    uint32_t bit;
    const char *name;
};

static const struct bit event_bits[] = {
    {WB_EPOLLIN, "IN"},
    {WB_EPOLLPRI, "PRI"},
    {WB_EPOLLOUT, "OUT"},
    {WB_EPOLLERR, "ERR"},
    {WB_EPOLLHUP, "HUP"},
    {0x20, "NVAL"},
    {WB_EPOLLRDNORM, "RDNORM"},
    {WB_EPOLLRDBAND, "RDBAND"},
    {WB_EPOLLWRNORM, "WRNORM"},
    {WB_EPOLLWRBAND, "WRBAND"},
    {WB_EPOLLRDHUP, "RDHUP"},
    {0, NULL},
};
static const struct bit flag_bits[] = {
    {WB_MSG_OOB, "OOB"},
    {WB_MSG_CTRUNC, "CTRUNC"},
    {WB_MSG_TRUNC, "TRUNC"},
    {WB_MSG_EOR, "EOR"},
    {0, NULL},
};

static void print_bits(const struct bit *bits, uint32_t value, FILE *out) {
    if (value == 0) {
        fputs("0", out);
    }
    const char *separator = "";
    for (; bits->name != NULL; bits++) {
        if ((value & bits->bit) != 0) {
            fprintf(out, "%s%s", separator, bits->name);
            separator = "|";
            value &= ~bits->bit;
        }
    }
    if (value != 0) {
        fprintf(out, "%s0x%" PRIx32, separator, value);
    }
}

static void print_name(int64_t value, FILE *out) {
    static const char *const classes[] = {
        "", "any", "loopback", "mapped", "unnamed", "named", "other-loopback"};
    unsigned family = (unsigned)(value >> 16) & 0xff;
    unsigned kind = (unsigned)(value >> 8) & 0xff;
    unsigned id = (unsigned)value & 0xff;
    fprintf(out, "%s/%s",
        family == WB_AF_INET    ? "inet"
        : family == WB_AF_INET6 ? "inet6"
        : family == WB_AF_UNIX  ? "unix"
                                : "unspec",
        classes[kind % 7]);
    if (id != 0) {
        fprintf(out, "#%u", id);
    }
}

static void print_result(int64_t value, FILE *out) {
    if (value < 0) {
        fputs(fid_errno_name((int)-value), out);
    } else {
        fprintf(out, "%" PRId64, value);
    }
}

void fid_fact_print(const struct fid_fact *fact, FILE *out) {
    fprintf(out, "%s%s", fact->label, *fact->label != '\0' ? " " : "");
    switch ((enum fid_form)fact->form) {
    case FID_FORM_RESULT:
        print_result(fact->value, out);
        break;
    case FID_FORM_NUMBER:
        fputs(fact->value < 0 ? "" : "fd", out);
        print_result(fact->value, out);
        break;
    case FID_FORM_EVENTS:
        print_bits(event_bits, (uint32_t)fact->value, out);
        break;
    case FID_FORM_FLAGS:
        print_bits(flag_bits, (uint32_t)fact->value, out);
        break;
    case FID_FORM_STEP:
        fprintf(out, "of step %" PRId64, fact->value);
        break;
    case FID_FORM_BYTES:
        fprintf(out, "%" PRId64 " (%08" PRIx32 ")", fact->value >> 32, (uint32_t)fact->value);
        break;
    case FID_FORM_VALUE:
        fprintf(out, "%" PRId64, fact->value);
        break;
    case FID_FORM_NAME:
        print_name(fact->value, out);
        break;
    }
}

void fid_outcome_print(const struct fid_outcome *outcome, FILE *out) {
    if (outcome->skipped) {
        fputs("left out", out);
        return;
    }
    for (uint32_t i = 0; i < outcome->count; i++) {
        fputs(i == 0 ? "" : ", ", out);
        fid_fact_print(&outcome->fact[i], out);
    }
}
