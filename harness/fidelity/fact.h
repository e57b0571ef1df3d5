/* What one operation came to, as a short list of facts: results, events in their order, bytes,
 * addresses. Two systems did the same if the lists are equal. */
#ifndef FIDELITY_FACT_H
#define FIDELITY_FACT_H

#include <stdint.h>
#include <stdio.h>

enum fid_form {
    FID_FORM_RESULT, /* >= 0, or -errno */
    FID_FORM_NUMBER, /* a descriptor, by its number in the sequence, or -errno */
    FID_FORM_EVENTS, /* WB_EPOLL* bits */
    FID_FORM_STEP,   /* which step registered what is reported */
    FID_FORM_BYTES,  /* length << 32 | hash of them */
    FID_FORM_FLAGS,  /* WB_MSG_* bits */
    FID_FORM_VALUE,  /* any other number */
    FID_FORM_NAME,   /* an address: fid_side_name() */
};

struct fid_fact {
    const char *label; /* static */
    uint8_t form;      /* enum fid_form */
    int64_t value;
};

enum { FID_FACTS_MAX = 80 };

struct fid_outcome {
    uint32_t count;
    int skipped; /* nothing was called */
    struct fid_fact fact[FID_FACTS_MAX];
};

void fid_fact_add(
    struct fid_outcome *outcome, const char *label, enum fid_form form, int64_t value);
/* The first fact of that label; NULL: none. */
const struct fid_fact *fid_fact_find(const struct fid_outcome *outcome, const char *label);

/* "label value", in the words of the manual. */
void fid_fact_print(const struct fid_fact *fact, FILE *out);
/* The whole outcome on one line. */
void fid_outcome_print(const struct fid_outcome *outcome, FILE *out);
/* The name of an errno: "EAGAIN". */
const char *fid_errno_name(int number);

#endif
