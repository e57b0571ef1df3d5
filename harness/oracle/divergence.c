/* Divergence: what peers saw, compared with a reference run: the same scenario without faults, or
 * under another trigger mode. The runner makes the reference; here is what counts as a difference.
 */
#include "oracle/judge.h"

#include <inttypes.h>
#include <string.h>

static const char *end_text(uint8_t end) {
    switch ((enum wbh_conn_end)end) {
    case WBH_END_OPEN:
        return "stays open";
    case WBH_END_EOF:
        return "is ended in order";
    case WBH_END_RESET:
        return "is reset";
    case WBH_END_REFUSED:
        return "is refused";
    case WBH_END_OWN:
        return "is closed by the peer";
    }
    return "ends";
}

/* After an RST, or when the peer closed or did not read, only part of what was sent may have come.
 */
static bool is_cut(const struct wbh_seen *seen) {
    return seen->partial || seen->end == WBH_END_RESET || seen->end == WBH_END_OWN;
}

size_t wbh_seen_common(const struct wbh_seen *reference, const struct wbh_seen *seen) {
    size_t common = reference->len < seen->len ? reference->len : seen->len;
    size_t equal = 0;
    if (common != 0 && memcmp(reference->bytes, seen->bytes, common) == 0) {
        return common;
    }
    while (equal < common && reference->bytes[equal] == seen->bytes[equal]) {
        equal++;
    }
    return equal;
}

static bool bytes_differ(
    const struct wbh_seen *reference, const struct wbh_seen *seen, struct wbh_prose *prose) {
    size_t common = reference->len < seen->len ? reference->len : seen->len;
    size_t equal = wbh_seen_common(reference, seen);
    if (equal < common) {
        wbh_prose_add(prose, "from byte %zu on it received ", equal);
        wbh_prose_bytes(prose, seen->bytes + equal, seen->len - equal);
        wbh_prose_add(prose, " instead of ");
        wbh_prose_bytes(prose, reference->bytes + equal, reference->len - equal);
        return true;
    }
    bool shorter_allowed = seen->len < reference->len ? is_cut(seen) : is_cut(reference);
    if (seen->len == reference->len || shorter_allowed) {
        return false;
    }
    wbh_prose_add(prose, "it received %zu bytes instead of %zu", seen->len, reference->len);
    return true;
}

/* Whether the program put an end to it, and not in answer to the peer's own end. */
static bool was_cut_off(const struct wbh_seen *seen) {
    return seen->end == WBH_END_RESET || (seen->end == WBH_END_EOF && !seen->half_closed);
}

static bool ends_differ(
    const struct wbh_seen *reference, const struct wbh_seen *seen, struct wbh_prose *prose) {
    if (reference->partial || seen->partial || reference->end == WBH_END_OWN
        || seen->end == WBH_END_OWN || reference->end == seen->end || was_cut_off(reference)) {
        return false;
    }
    wbh_prose_add(
        prose, "its connection %s, there it %s", end_text(seen->end), end_text(reference->end));
    return true;
}

bool wbh_seen_differ(
    const struct wbh_seen *reference, const struct wbh_seen *seen, struct wbh_prose *prose) {
    return bytes_differ(reference, seen, prose) || ends_differ(reference, seen, prose);
}

void wbh_judge_diverged(struct wbh_judge *judge, const struct wbh_oracle *oracle, uint32_t subject,
    const char *reference_name, const char *difference) {
    struct wbh_finding *finding = wbh_judge_find(judge, oracle, subject);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_connection(&text, judge->config.scenario, subject);
    wbh_prose_add(&text, " sees something else than %s: %s", reference_name, difference);
}

void wbh_judge_diverged_at(struct wbh_judge *judge, const struct wbh_oracle *oracle,
    const struct wbh_heard *heard, const char *reference_name, const char *difference) {
    struct wbh_finding *finding = wbh_judge_find_at(
        judge, oracle, oracle->info.verdict, heard->subject, heard->time_ns, heard->step);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "%s ", heard->label);
    if (heard->subject != WBH_SUBJECT_NONE) { /* datagrams have no connection */
        wbh_prose_add(&text, "(");
        wbh_prose_connection(&text, judge->config.scenario, heard->subject);
        wbh_prose_add(&text, ") ");
    }
    wbh_prose_add(&text, "sees something else than %s: %s", reference_name, difference);
}

void wbh_judge_stood_still(struct wbh_judge *judge, const struct wbh_oracle *oracle) {
    struct wbh_finding *finding = wbh_judge_find(judge, oracle, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the program waits for ever; without faults it comes to its end");
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why,
        "It was told to end when nothing could happen any more: it has no peer, and "
        "all its threads waited without a deadline.\n");
}

const struct wbh_oracle wbh_oracle_divergence = {
    .info = {"divergence", "bytes or ends that differ from those of the run without faults",
        WBH_VERDICT_DIVERGENCE},
};

const struct wbh_oracle wbh_oracle_triggers = {
    .info = {"triggers", "outcomes that differ between trigger modes", WBH_VERDICT_DIVERGENCE},
};
