/* Writes the transcript of a case: a struct wb_sys between the case and the kernel that notes each
 * call, and a listener for what the case tells of itself. */
#ifndef WBH_SEMANTICS_RECORDER_H
#define WBH_SEMANTICS_RECORDER_H

#include "semantics/rules.h"
#include "semantics/transcript.h"
#include "wb/sys.h"

enum { WBH_RECORDER_NAME_LEN = 24 };

/* What a descriptor is called. */
struct wbh_recorder_name {
    char base[WBH_RECORDER_NAME_LEN]; /* "" : the case did not make it */
    unsigned ordinal;                 /* 1: the only one so called, or the first */
    int is_open;
};

struct wbh_recorder {
    struct wb_sys_ops ops;
    struct wb_sys sys; /* for the fixture: asks the kernel, and tells */
    struct wb_contract_listener listener;
    const struct wb_sys *kernel; /* borrowed */
    struct wbh_transcript *transcript;
    unsigned depth; /* calls of helpers are not steps of their own */
    int has_threads;
    struct wbh_recorder_name names[WB_CONTRACT_FD_MAX];
};

/* Prepares the fixture, whose sys is the kernel, for one case: what is done and seen goes to the
 * transcript. The calls of a case with threads are not told, since their order is nobody's; of such
 * a case the steps and the values that it looks at remain.
 * Ownership: the recorder must outlive the run of the case. */
void wbh_recorder_attach(struct wbh_recorder *recorder, struct wb_contract_fixture *fixture,
    const struct wb_contract_case *one, struct wbh_transcript *transcript);

/* ---- between the files of the recorder ---- */

/* Whether the next call is a step of the case. */
int wbh_recorder_listens(const struct wbh_recorder *recorder);
/* A new descriptor; a closed one. */
void wbh_recorder_name(struct wbh_recorder *recorder, int fd, const char *base);
void wbh_recorder_forget(struct wbh_recorder *recorder, int fd);
void wbh_recorder_add_name(const struct wbh_recorder *recorder, struct wbh_text *text, int fd);
/* The case has made a descriptor of that kind. */
void wbh_recorder_meet(struct wbh_recorder *recorder, enum wbh_kind kind);
/* Whether a descriptor was given that name. */
int wbh_recorder_is(const struct wbh_recorder *recorder, int fd, const char *base);
/* A result: the number, or the error's name. */
void wbh_recorder_add_result(struct wbh_text *text, int64_t result);
/* Appends the step and cleans up both texts. */
void wbh_recorder_finish(
    struct wbh_recorder *recorder, struct wbh_text *text, struct wbh_text *result);

#endif
