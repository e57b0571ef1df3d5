/* See conversation.h. */
#include "run/conversation.h"

#include "oracle/judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_UNKNOWN = 0, FILE_OF_DATAGRAMS = 1, FILE_DIALLED = 2 };

void wbh_conversation_clean_up(struct wbh_conversation *conversation) {
    for (size_t i = 0; i < conversation->ear_count; i++) {
        free(conversation->ears[i].bytes);
        free(conversation->ears[i].marks);
    }
    free(conversation->ears);
    free(conversation->dials);
    free(conversation->files);
    memset(conversation, 0, sizeof(*conversation));
}

void wbh_conversation_begin(struct wbh_conversation *conversation, bool is_kept) {
    conversation->is_kept = is_kept;
    conversation->is_closed = false;
    memset(conversation->gave_up, 0, sizeof(conversation->gave_up));
    if (!is_kept) {
        return;
    }
    conversation->stamp++;
    conversation->dial_count = 0;
    conversation->file_count = 0;
    memset(conversation->dial_counts, 0, sizeof(conversation->dial_counts));
}

/* ---- files ---- */

static uint32_t *file_of(struct wbh_conversation *conversation, uint32_t serial) {
    size_t count = conversation->file_count;
    if (serial >= count) {
        conversation->files = wbh_grow(conversation->files, &conversation->file_capacity,
            (size_t)serial + 1, sizeof(*conversation->files));
        memset(conversation->files + count, 0, (serial + 1 - count) * sizeof(*conversation->files));
        conversation->file_count = (size_t)serial + 1;
    }
    return &conversation->files[serial];
}

static uint32_t what_is(const struct wbh_conversation *conversation, uint32_t serial) {
    return serial < conversation->file_count ? conversation->files[serial] : FILE_UNKNOWN;
}

/* The first connect of a socket; later ones ask how it went. */
static void dial(struct wbh_conversation *conversation, const struct sim_event *event) {
    uint32_t *file = file_of(conversation, event->file);
    if (*file != FILE_UNKNOWN) {
        return;
    }
    *file = FILE_DIALLED + (uint32_t)conversation->dial_count;
    conversation->dials = wbh_grow(conversation->dials, &conversation->dial_capacity,
        conversation->dial_count + 1, sizeof(*conversation->dials));
    conversation->dials[conversation->dial_count++] = (struct wbh_dial){
        .process = event->process,
        .ordinal = conversation->dial_counts[event->process]++,
        .subject = WBH_SUBJECT_NONE,
    };
}

/* A connection has its name once it has reached somebody. */
static void note_name(struct wbh_conversation *conversation, const struct sim_event *event) {
    uint32_t what = what_is(conversation, event->file);
    if (what >= FILE_DIALLED && event->subject != WBH_SUBJECT_NONE) {
        conversation->dials[what - FILE_DIALLED].subject = event->subject;
    }
}

/* ---- ears ---- */

static struct wbh_ear *ear_at(struct wbh_conversation *conversation, uint32_t subject) {
    size_t number = subject & ~WBH_SUBJECT_LOCAL;
    size_t count = conversation->ear_count;
    if (number >= count) {
        conversation->ears = wbh_grow(conversation->ears, &conversation->ear_capacity, number + 1,
            sizeof(*conversation->ears));
        memset(conversation->ears + count, 0, (number + 1 - count) * sizeof(*conversation->ears));
        conversation->ear_count = number + 1;
    }
    struct wbh_ear *ear = &conversation->ears[number];
    if (ear->stamp != conversation->stamp) {
        ear->stamp = conversation->stamp;
        ear->is_held = false;
        ear->end = WBH_END_OPEN;
        ear->len = 0;
        ear->mark_count = 0;
    }
    return ear;
}

static void mark(struct wbh_ear *ear, const struct sim_event *event) {
    ear->marks =
        wbh_grow(ear->marks, &ear->mark_capacity, ear->mark_count + 1, sizeof(*ear->marks));
    ear->marks[ear->mark_count++] = (struct wbh_mark){ear->len, event->step, event->time_ns};
}

static void hear(struct wbh_ear *ear, const struct sim_event *event) {
    if (event->result > 0) {
        ear->bytes = wbh_grow(ear->bytes, &ear->capacity, ear->len + event->data_len, 1);
        memcpy(ear->bytes + ear->len, event->data, event->data_len);
        ear->len += event->data_len;
    } else if (event->result == 0 && event->a != 0) {
        ear->end = WBH_END_EOF;
    } else if (event->result == -EAGAIN || event->result == -EINTR || event->result == 0) {
        return;
    } else {
        ear->end = WBH_END_RESET;
    }
    mark(ear, event);
}

static bool is_between_programs(uint32_t subject) {
    return (subject & WBH_SUBJECT_LOCAL) != 0;
}

static void on_recv(struct wbh_conversation *conversation, const struct sim_event *event) {
    if (!is_between_programs(event->subject) || (event->b & (WB_MSG_PEEK | WB_MSG_OOB)) != 0) {
        return;
    }
    struct wbh_ear *ear = ear_at(conversation, event->subject);
    ear->is_held = true;
    ear->process = event->process;
    hear(ear, event);
}

static void on_accept(struct wbh_conversation *conversation, const struct sim_event *event) {
    uint32_t subject = (uint32_t)event->a;
    if (event->result >= 0 && is_between_programs(subject)) {
        struct wbh_ear *ear = ear_at(conversation, subject);
        ear->is_held = true;
        ear->process = event->process;
    }
}

/* ---- events ---- */

void wbh_conversation_on_event(
    struct wbh_conversation *conversation, const struct sim_event *event) {
    if (event->kind != SIM_EVENT_CALL || conversation->is_closed) {
        return;
    }
    if (event->call == SIM_CALL_SOCKET && event->result >= 0
        && (event->b & WB_SOCK_TYPE_MASK) == WB_SOCK_DGRAM) {
        *file_of(conversation, event->file) = FILE_OF_DATAGRAMS;
        return;
    }
    if (event->file == 0 || what_is(conversation, event->file) == FILE_OF_DATAGRAMS) {
        return;
    }
    if (event->call == SIM_CALL_CONNECT) {
        dial(conversation, event);
    }
    note_name(conversation, event);
    if (event->call == SIM_CALL_RECV) {
        on_recv(conversation, event);
    } else if (event->call == SIM_CALL_ACCEPT) {
        on_accept(conversation, event);
    }
}

void wbh_conversation_process_ended(struct wbh_conversation *conversation, unsigned process,
    enum sim_process_change how, int exit_status) {
    if (!conversation->is_closed && (how != SIM_PROCESS_EXITED || exit_status != 0)) {
        conversation->gave_up[process] = true;
    }
}

/* ---- looking things up ---- */

const struct wbh_dial *wbh_conversation_dial(
    const struct wbh_conversation *conversation, uint32_t subject) {
    for (size_t i = 0; i < conversation->dial_count; i++) {
        if (conversation->dials[i].subject == subject) {
            return &conversation->dials[i];
        }
    }
    return NULL;
}

const struct wbh_ear *wbh_conversation_ear(
    const struct wbh_conversation *conversation, uint32_t subject) {
    size_t number = subject & ~WBH_SUBJECT_LOCAL;
    if (!is_between_programs(subject) || number >= conversation->ear_count
        || conversation->ears[number].stamp != conversation->stamp
        || !conversation->ears[number].is_held) {
        return NULL;
    }
    return &conversation->ears[number];
}
