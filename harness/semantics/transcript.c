/* Transcripts: growing, comparing, packing. */
#include "semantics/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "report/names.h"

void wbh_transcript_clean_up(struct wbh_transcript *transcript) {
    for (size_t i = 0; i < transcript->count; i++) {
        free(transcript->steps[i].text);
        free(transcript->steps[i].result);
    }
    free(transcript->steps);
    *transcript = (struct wbh_transcript){.steps = NULL};
}

static char *copy_of(const char *string, size_t len) {
    char *copy = malloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, string, len);
        copy[len] = '\0';
    }
    return copy;
}

static int grow(struct wbh_transcript *transcript) {
    if (transcript->count < transcript->capacity) {
        return 0;
    }
    size_t capacity = transcript->capacity == 0 ? 16 : transcript->capacity * 2;
    struct wbh_shown_step *steps = realloc(transcript->steps, capacity * sizeof *steps);
    if (steps == NULL) {
        return -1;
    }
    transcript->steps = steps;
    transcript->capacity = capacity;
    return 0;
}

static struct wbh_shown_step *add(struct wbh_transcript *transcript,
    enum wb_contract_step_kind kind, const char *text, size_t text_len, const char *result,
    size_t result_len) {
    if (transcript->failed || grow(transcript) != 0) {
        transcript->failed = 1;
        return NULL;
    }
    struct wbh_shown_step *step = &transcript->steps[transcript->count];
    *step = (struct wbh_shown_step){
        .kind = kind, .text = copy_of(text, text_len), .result = copy_of(result, result_len)};
    if (step->text == NULL || step->result == NULL) {
        free(step->text);
        free(step->result);
        transcript->failed = 1;
        return NULL;
    }
    transcript->count++;
    return step;
}

struct wbh_shown_step *wbh_transcript_add(struct wbh_transcript *transcript,
    enum wb_contract_step_kind kind, const char *text, const char *result) {
    return add(transcript, kind, text, strlen(text), result, strlen(result));
}

int wbh_shown_step_is_same(const struct wbh_shown_step *a, const struct wbh_shown_step *b) {
    return a->kind == b->kind && strcmp(a->text, b->text) == 0;
}

int wbh_shown_step_is_equal(const struct wbh_shown_step *a, const struct wbh_shown_step *b) {
    return wbh_shown_step_is_same(a, b) && strcmp(a->result, b->result) == 0 && a->modes == b->modes
           && memcmp(a->masks, b->masks, sizeof a->masks) == 0;
}

static void add_mask(struct wbh_text *text, uint32_t mask) {
    if (mask == 0) {
        wbh_text_add(text, "-");
    } else {
        wbh_report_add_events(text, mask);
    }
}

void wbh_shown_step_add_cell(
    struct wbh_text *text, const struct wbh_shown_step *step, unsigned mode) {
    const uint32_t *masks = step->masks[mode];
    int same = 1;
    int silent = 1;
    if ((step->modes & (1u << mode)) == 0) {
        wbh_text_add(text, "none");
        return;
    }
    for (int i = 1; i < WB_CONTRACT_WAITS; i++) {
        same = same && masks[i] == masks[0];
        silent = silent && masks[i] == 0;
    }
    add_mask(text, masks[0]);
    if (same && masks[0] != 0) {
        wbh_text_add(text, "*");
    } else if (!silent) {
        for (int i = 1; i < WB_CONTRACT_WAITS; i++) {
            wbh_text_add(text, " ");
            add_mask(text, masks[i]);
        }
    }
}

const char *wbh_mode_name(unsigned mode) {
    static const char *const names[WB_CONTRACT_MODE_COUNT] = {
        [WB_CONTRACT_LEVEL] = "level",
        [WB_CONTRACT_EDGE] = "edge",
        [WB_CONTRACT_ONESHOT] = "oneshot",
        [WB_CONTRACT_EDGE_ONESHOT] = "edge-oneshot",
        [WB_CONTRACT_EXCLUSIVE] = "exclusive",
    };
    return names[mode];
}

/* ---- packing ---- */

struct packed_head {
    uint64_t count;
    uint64_t kinds;
};

struct packed {
    uint32_t kind;
    uint32_t modes;
    uint32_t masks[WB_CONTRACT_MODE_COUNT][WB_CONTRACT_WAITS];
    uint32_t text_len;
    uint32_t result_len;
};

void wbh_transcript_pack(const struct wbh_transcript *transcript, struct wbh_text *out) {
    struct packed_head head = {.count = transcript->count, .kinds = transcript->kinds};
    wbh_text_append(out, (const char *)&head, sizeof head);
    for (size_t i = 0; i < transcript->count; i++) {
        const struct wbh_shown_step *step = &transcript->steps[i];
        struct packed packed = {.kind = (uint32_t)step->kind,
            .modes = step->modes,
            .text_len = (uint32_t)strlen(step->text),
            .result_len = (uint32_t)strlen(step->result)};
        memcpy(packed.masks, step->masks, sizeof packed.masks);
        wbh_text_append(out, (const char *)&packed, sizeof packed);
        wbh_text_append(out, step->text, packed.text_len);
        wbh_text_append(out, step->result, packed.result_len);
    }
    out->failed |= transcript->failed;
}

/* One step; returns its length, 0 if there is not all of it. */
static size_t unpack_step(struct wbh_transcript *transcript, const char *bytes, size_t len) {
    struct packed packed;
    if (len < sizeof packed) {
        return 0;
    }
    memcpy(&packed, bytes, sizeof packed);
    size_t strings_len = (size_t)packed.text_len + packed.result_len;
    if (len - sizeof packed < strings_len) {
        return 0;
    }
    const char *text = bytes + sizeof packed;
    struct wbh_shown_step *step = add(transcript, (enum wb_contract_step_kind)packed.kind, text,
        packed.text_len, text + packed.text_len, packed.result_len);
    if (step != NULL) {
        step->modes = packed.modes;
        memcpy(step->masks, packed.masks, sizeof step->masks);
    }
    return sizeof packed + strings_len;
}

size_t wbh_transcript_unpack(struct wbh_transcript *transcript, const char *bytes, size_t len) {
    struct packed_head head;
    size_t used = sizeof head;
    if (len < sizeof head) {
        return 0;
    }
    memcpy(&head, bytes, sizeof head);
    transcript->kinds |= (uint32_t)head.kinds;
    for (uint64_t i = 0; i < head.count; i++) {
        size_t taken = unpack_step(transcript, bytes + used, len - used);
        if (taken == 0) {
            return 0;
        }
        used += taken;
    }
    return used;
}
