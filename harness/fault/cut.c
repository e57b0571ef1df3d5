/* The cut source: what peers send is read in two parts, or byte by byte. */
#include "wouldblock/fault.h"

static bool is_peers(uint32_t subject) {
    return subject != WBH_SUBJECT_NONE && (subject & WBH_SUBJECT_LOCAL) == 0;
}

static bool is_offered(const struct wbh_choice_point *point, enum wbh_action action) {
    return ((point->kernel | point->contract) & WBH_ACTION_BIT(action)) != 0;
}

/* The place of a connection; -1: there is no room. */
static int place_of(struct wbh_cut_source *source, uint32_t subject) {
    uint32_t n = source->read_count;
    while (n > 0 && source->reads[n - 1].subject != subject) {
        n--;
    }
    if (n > 0) {
        return (int)n - 1;
    }
    if (source->read_count == WBH_CUT_CONNECTIONS_MAX) {
        return -1;
    }
    source->reads[source->read_count].subject = subject;
    source->reads[source->read_count].has_blocked = false;
    source->reads[source->read_count].len = 0;
    return (int)source->read_count++;
}

/* How far it is to the next cut behind so many bytes; 0: there is none. */
static uint64_t distance(const struct wbh_cut_source *source, uint32_t subject, uint64_t len) {
    const struct wbh_cut *cut = &source->cut;
    if (cut->at == 0) {
        return len < WBH_CUT_BYTES_SINGLE ? 1 : WBH_CUT_PIECE_LEN;
    }
    return cut->subject == subject && cut->at > len ? cut->at - len : 0;
}

static bool is_at_cut(const struct wbh_cut_source *source, uint32_t subject, uint64_t len) {
    const struct wbh_cut *cut = &source->cut;
    return cut->at == 0 ? len != 0 : cut->subject == subject && cut->at == len;
}

static struct wbh_choice choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    struct wbh_cut_source *source = (struct wbh_cut_source *)self;
    struct wbh_choice choice = {.action = WBH_ACTION_PASS, .subject = WBH_SUBJECT_NONE};
    if (point->point != WBH_POINT_RECV || !is_peers(point->subject) || point->size == 0) {
        return choice;
    }
    int n = place_of(source, point->subject);
    if (n < 0) {
        return choice;
    }
    uint64_t len = source->reads[n].len;
    if (is_at_cut(source, point->subject, len) && !source->reads[n].has_blocked
        && is_offered(point, WBH_ACTION_WOULD_BLOCK)) {
        source->reads[n].has_blocked = true;
        choice.action = WBH_ACTION_WOULD_BLOCK;
        return choice;
    }
    uint64_t most = distance(source, point->subject, len);
    bool is_short = most != 0 && most < point->size && is_offered(point, WBH_ACTION_SHORT);
    source->reads[n].has_blocked = false;
    source->reads[n].len += is_short ? most : point->size;
    if (is_short) {
        choice.action = WBH_ACTION_SHORT;
        choice.value = most;
    }
    return choice;
}

void wbh_cut_source_init(struct wbh_cut_source *source, struct wbh_cut cut) {
    static const struct wbh_choice_source_ops ops = {.choose = choose};
    source->base.ops = &ops;
    source->cut = cut;
    source->read_count = 0;
}
