/* See correspondence.h. */
#include "run/correspondence.h"

#include "oracle/judge.h"

#include <stdlib.h>
#include <string.h>

void wbh_correspondence_clean_up(struct wbh_correspondence *correspondence) {
    for (size_t i = 0; i < correspondence->line_capacity; i++) {
        free(correspondence->lines[i].bytes);
        free(correspondence->lines[i].letters);
    }
    free(correspondence->lines);
    free(correspondence->posts);
    free(correspondence->files);
    free(correspondence->voices);
    memset(correspondence, 0, sizeof(*correspondence));
}

void wbh_correspondence_begin(struct wbh_correspondence *correspondence, bool is_kept) {
    correspondence->is_kept = is_kept;
    correspondence->post_count = 0;
    correspondence->file_count = 0;
    correspondence->line_count = 0;
    correspondence->voice_count = 0;
    memset(correspondence->post_counts, 0, sizeof(correspondence->post_counts));
    memset(correspondence->gave_up, 0, sizeof(correspondence->gave_up));
}

/* ---- sockets ---- */

static void open_post(struct wbh_correspondence *of, const struct sim_event *event) {
    size_t count = of->file_count;
    if (event->file >= count) {
        of->files =
            wbh_grow(of->files, &of->file_capacity, (size_t)event->file + 1, sizeof(*of->files));
        memset(of->files + count, 0, (event->file + 1 - count) * sizeof(*of->files));
        of->file_count = (size_t)event->file + 1;
    }
    of->posts = wbh_grow(of->posts, &of->post_capacity, of->post_count + 1, sizeof(*of->posts));
    of->posts[of->post_count++] =
        (struct wbh_post){.process = event->process, .ordinal = of->post_counts[event->process]++};
    of->files[event->file] = (uint32_t)of->post_count;
}

/* NULL: it is none of these. */
static const struct wbh_post *post_of(const struct wbh_correspondence *of, uint32_t serial) {
    uint32_t number = serial < of->file_count ? of->files[serial] : 0;
    return number != 0 ? &of->posts[number - 1] : NULL;
}

/* ---- letters ---- */

static bool is_same_post(const struct wbh_post *a, const struct wbh_post *b) {
    return a->process == b->process && a->ordinal == b->ordinal;
}

static bool is_between(
    const struct wbh_line *line, const struct wbh_post *speaker, const struct wbh_post *hearer) {
    return is_same_post(&line->speaker, speaker) && is_same_post(&line->hearer, hearer);
}

/* New places of the table have no memory yet, used ones keep theirs. */
static struct wbh_line *add_line(struct wbh_correspondence *of) {
    size_t capacity = of->line_capacity;
    of->lines = wbh_grow(of->lines, &of->line_capacity, of->line_count + 1, sizeof(*of->lines));
    if (of->line_capacity != capacity) {
        memset(of->lines + capacity, 0, (of->line_capacity - capacity) * sizeof(*of->lines));
    }
    return &of->lines[of->line_count++];
}

static struct wbh_line *line_between(struct wbh_correspondence *of, const struct wbh_post *speaker,
    const struct wbh_post *hearer, uint32_t subject) {
    for (size_t i = 0; i < of->line_count; i++) {
        if (is_between(&of->lines[i], speaker, hearer)) {
            return &of->lines[i];
        }
    }
    struct wbh_line *line = add_line(of);
    line->speaker = *speaker;
    line->hearer = *hearer;
    line->subject = subject;
    line->len = 0;
    line->letter_count = 0;
    return line;
}

static void on_recv(struct wbh_correspondence *of, const struct sim_kernel *kernel,
    const struct sim_event *event, const struct wbh_post *hearer) {
    const struct wbh_post *speaker = post_of(of, sim_datagram_sender(kernel));
    if (event->result < 0 || (event->b & (WB_MSG_PEEK | WB_MSG_OOB)) != 0 || speaker == NULL) {
        return;
    }
    struct wbh_line *line = line_between(of, speaker, hearer, event->subject);
    line->bytes = wbh_grow(line->bytes, &line->capacity, line->len + event->data_len + 1, 1);
    if (event->data_len != 0) {
        memcpy(line->bytes + line->len, event->data, event->data_len);
    }
    line->letters = wbh_grow(
        line->letters, &line->letter_capacity, line->letter_count + 1, sizeof(*line->letters));
    line->letters[line->letter_count++] =
        (struct wbh_letter){line->len, event->data_len, event->step, event->time_ns};
    line->len += event->data_len;
}

/* ---- what peers hear ---- */

static void hear_voice(struct wbh_correspondence *of, uint32_t subject, uint8_t process) {
    if (subject == WBH_SUBJECT_NONE || (subject & WBH_SUBJECT_LOCAL) != 0) {
        return;
    }
    for (size_t i = 0; i < of->voice_count; i++) {
        if (of->voices[i].subject == subject) {
            of->voices[i].is_several |= of->voices[i].process != process;
            return;
        }
    }
    of->voices =
        wbh_grow(of->voices, &of->voice_capacity, of->voice_count + 1, sizeof(*of->voices));
    of->voices[of->voice_count++] = (struct wbh_voice){.subject = subject, .process = process};
}

/* ---- events ---- */

static void on_call(
    struct wbh_correspondence *of, const struct sim_kernel *kernel, const struct sim_event *event) {
    if (event->call == SIM_CALL_SOCKET && event->result >= 0
        && (event->b & WB_SOCK_TYPE_MASK) == WB_SOCK_DGRAM) {
        open_post(of, event);
    } else if (event->call == SIM_CALL_ACCEPT && event->result >= 0) {
        hear_voice(of, (uint32_t)event->a, event->process);
    } else if (event->call == SIM_CALL_SEND || event->call == SIM_CALL_RECV) {
        const struct wbh_post *post = post_of(of, event->file);
        if (post != NULL && event->call == SIM_CALL_RECV) {
            on_recv(of, kernel, event, post);
        } else if (post != NULL && event->result >= 0) {
            hear_voice(of, event->subject, event->process);
        }
    }
}

void wbh_correspondence_on_event(struct wbh_correspondence *correspondence,
    const struct sim_kernel *kernel, const struct sim_event *event) {
    if (!correspondence->is_kept) {
        return;
    }
    if (event->kind == SIM_EVENT_CALL) {
        on_call(correspondence, kernel, event);
    } else if (event->kind == SIM_EVENT_NOTE && event->a == WB_NOTE_DISCARD) {
        correspondence->gave_up[event->process] = true;
    }
}

/* ---- looking things up ---- */

bool wbh_correspondence_voice(
    const struct wbh_correspondence *correspondence, uint32_t subject, uint32_t *out_process) {
    for (size_t i = 0; i < correspondence->voice_count; i++) {
        const struct wbh_voice *voice = &correspondence->voices[i];
        if (voice->subject == subject) {
            *out_process = voice->process;
            return !voice->is_several;
        }
    }
    return false;
}

const struct wbh_line *wbh_correspondence_line(
    const struct wbh_correspondence *correspondence, const struct wbh_line *like) {
    for (size_t i = 0; i < correspondence->line_count; i++) {
        if (is_between(&correspondence->lines[i], &like->speaker, &like->hearer)) {
            return &correspondence->lines[i];
        }
    }
    return NULL;
}
