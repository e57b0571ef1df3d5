/* Names of descriptors, and what a case tells of itself. */
#include "semantics/recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/names.h"
#include "semantics/note.h"

/* ---- names ---- */

static int has_name(const struct wbh_recorder *recorder, int fd) {
    return fd >= 0 && fd < WB_CONTRACT_FD_MAX && recorder->names[fd].base[0] != '\0';
}

/* The lowest ordinal that no open descriptor of that name has. */
static unsigned free_ordinal(const struct wbh_recorder *recorder, int fd, const char *base) {
    unsigned ordinal = 1;
    int is_taken = 1;
    while (is_taken) {
        is_taken = 0;
        for (int other = 0; other < WB_CONTRACT_FD_MAX && !is_taken; other++) {
            const struct wbh_recorder_name *name = &recorder->names[other];
            is_taken = other != fd && name->is_open && name->ordinal == ordinal
                       && strcmp(name->base, base) == 0;
        }
        ordinal += is_taken ? 1u : 0u;
    }
    return ordinal;
}

void wbh_recorder_name(struct wbh_recorder *recorder, int fd, const char *base) {
    if (fd < 0 || fd >= WB_CONTRACT_FD_MAX) {
        return;
    }
    struct wbh_recorder_name *name = &recorder->names[fd];
    name->ordinal = free_ordinal(recorder, fd, base);
    name->is_open = 1;
    (void)snprintf(name->base, sizeof name->base, "%s", base);
}

void wbh_recorder_forget(struct wbh_recorder *recorder, int fd) {
    if (has_name(recorder, fd)) {
        recorder->names[fd].is_open = 0; /* the name stays, for calls on what was closed */
    }
}

void wbh_recorder_add_name(const struct wbh_recorder *recorder, struct wbh_text *text, int fd) {
    if (!has_name(recorder, fd)) {
        wbh_text_add(text, fd < 0 ? "a negative number" : "no descriptor");
        return;
    }
    const struct wbh_recorder_name *name = &recorder->names[fd];
    wbh_text_add(text, name->base);
    if (name->ordinal > 1) {
        wbh_text_format(text, " %u", name->ordinal);
    }
}

void wbh_recorder_meet(struct wbh_recorder *recorder, enum wbh_kind kind) {
    recorder->transcript->kinds |= (uint32_t)kind;
}

int wbh_recorder_is(const struct wbh_recorder *recorder, int fd, const char *base) {
    return has_name(recorder, fd) && strcmp(recorder->names[fd].base, base) == 0;
}

/* ---- steps ---- */

int wbh_recorder_listens(const struct wbh_recorder *recorder) {
    return recorder->depth == 0;
}

void wbh_recorder_add_result(struct wbh_text *text, int64_t result) {
    if (result >= 0) {
        wbh_text_format(text, "%" PRId64, result);
    } else {
        wbh_report_add_errno(text, (int)-result);
    }
}

void wbh_recorder_finish(
    struct wbh_recorder *recorder, struct wbh_text *text, struct wbh_text *result) {
    (void)wbh_transcript_add(
        recorder->transcript, WB_CONTRACT_DONE, wbh_text_string(text), wbh_text_string(result));
    recorder->transcript->failed |= text->failed | result->failed;
    wbh_text_clean_up(text);
    wbh_text_clean_up(result);
}

/* The text of a told step with the names in it. */
static void add_filled_in(const struct wbh_recorder *recorder, struct wbh_text *text,
    const struct wb_contract_step *step) {
    size_t used = 0;
    for (const char *at = step->text; *at != '\0'; at++) {
        if (at[0] == '{' && at[1] == '}' && used < step->fd_count) {
            wbh_recorder_add_name(recorder, text, step->fds[used++]);
            at++;
        } else { /* a value has the name of a variable */
            int is_gap = *at == '_' && step->kind == WB_CONTRACT_CHECKED;
            wbh_text_append(text, is_gap ? " " : at, 1);
        }
    }
}

static void add_events(struct wbh_text *text, const struct wb_contract_step *step) {
    if (step->result < 0) {
        wbh_recorder_add_result(text, step->result);
        return;
    }
    if (step->result == 0) {
        wbh_text_add(text, "-");
    }
    for (const char *at = step->events; *at != '\0'; at++) {
        wbh_text_format(text, "%s%c", at == step->events ? "" : " ", *at);
    }
}

static void add_told_result(struct wbh_text *text, const struct wb_contract_step *step) {
    switch (step->kind) {
    case WB_CONTRACT_ORDERED:
        add_events(text, step);
        break;
    case WB_CONTRACT_DONE:
        if (step->result == 0) {
            wbh_text_add(text, "done");
            break;
        }
        wbh_recorder_add_result(text, step->result);
        break;
    case WB_CONTRACT_CHECKED:
        wbh_recorder_add_result(text, step->result);
        break;
    case WB_CONTRACT_OBSERVED:
        break;
    }
}

/* Values are told by every case, but where its calls are told, too, they say nothing new. */
static int is_wanted(const struct wbh_recorder *recorder, const struct wb_contract_step *step) {
    if (step->kind != WB_CONTRACT_CHECKED) {
        return 1;
    }
    /* Of values, those that a name tells: "events_reported", not "actor.result". */
    return recorder->has_threads && strpbrk(step->text, ".(>") == NULL
           && strncmp(step->text, "EPOLL_", 6) != 0 && strchr(step->text, ' ') == NULL;
}

static void tell(struct wbh_recorder *recorder, const struct wb_contract_step *told) {
    struct wbh_text text = {0};
    struct wbh_text result = {0};
    add_filled_in(recorder, &text, told);
    add_told_result(&result, told);
    struct wbh_shown_step *step = wbh_transcript_add(
        recorder->transcript, told->kind, wbh_text_string(&text), wbh_text_string(&result));
    if (step != NULL) {
        step->modes = told->modes;
        memcpy(step->masks, told->masks, sizeof step->masks);
    }
    recorder->transcript->failed |= text.failed | result.failed;
    wbh_text_clean_up(&text);
    wbh_text_clean_up(&result);
}

static void on_begin(void *user_data) {
    struct wbh_recorder *recorder = user_data;
    recorder->depth++;
}

static void on_end(void *user_data, const struct wb_contract_step *step) {
    struct wbh_recorder *recorder = user_data;
    recorder->depth--;
    if (recorder->depth == 0 && step != NULL && is_wanted(recorder, step)) {
        tell(recorder, step);
    }
}

static void on_name(void *user_data, int fd, const char *name) {
    wbh_recorder_name(user_data, fd, name);
}

void wbh_recorder_attach(struct wbh_recorder *recorder, struct wb_contract_fixture *fixture,
    const struct wb_contract_case *one, struct wbh_transcript *transcript) {
    memset(recorder, 0, sizeof *recorder);
    recorder->kernel = fixture->sys;
    recorder->transcript = transcript;
    recorder->has_threads = (one->flags & WB_CONTRACT_NEEDS_THREADS) != 0;
    wbh_recorder_take_sockets(&recorder->ops);
    wbh_recorder_take_descriptors(&recorder->ops);
    wbh_recorder_take_files(&recorder->ops);
    wbh_recorder_take_waits(&recorder->ops);
    wbh_recorder_take_rest(&recorder->ops);
    recorder->sys = (struct wb_sys){.ops = &recorder->ops, .self = recorder};
    recorder->listener = (struct wb_contract_listener){
        .begin = on_begin, .end = on_end, .name = on_name, .user_data = recorder};
    fixture->listener = &recorder->listener;
    if (!recorder->has_threads) {
        fixture->sys = &recorder->sys;
    }
}
