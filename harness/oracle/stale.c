/* Stale tokens: an event is handed to a handler though the registration it came from is gone. Its
 * token may by now be somebody else's. */
#include "oracle/judge.h"

#include <inttypes.h>

/* The oldest event of the batch with this token that was not handed over yet. */
static struct wbh_batch_event *next_of_batch(struct wbh_ledger *ledger, uint64_t token) {
    for (size_t i = 0; i < ledger->batch_count; i++) {
        struct wbh_batch_event *event = &ledger->batch[i];
        if (!event->dispatched && event->token == token) {
            return event;
        }
    }
    return NULL;
}

static const struct wbh_reg *last_with_token(const struct wbh_ledger *ledger, uint64_t token) {
    for (size_t i = ledger->reg_count; i-- > 1;) {
        const struct wbh_reg *reg = &ledger->regs[i];
        if (reg->has_token && reg->token == token) {
            return reg;
        }
    }
    return NULL;
}

/* A source that was taken out and put back keeps its owner: the event is at worst one for nothing.
 */
static bool is_replaced_by_itself(struct wbh_ledger *ledger, const struct wbh_reg *dead) {
    return wbh_ledger_first_reg(ledger, dead->file) != NULL;
}

static void on_event(struct wbh_judge *judge, const struct sim_event *event) {
    struct wbh_ledger *ledger = &judge->ledger;
    struct wbh_batch_event *from = next_of_batch(ledger, event->b);
    const struct wbh_reg *reg = NULL;
    if (from != NULL) {
        from->dispatched = true;
        reg = wbh_ledger_reg(ledger, from->registration);
    } else {
        reg = last_with_token(ledger, event->b);
    }
    if (reg == NULL || reg->dead_step == 0 || is_replaced_by_itself(ledger, reg)) {
        return;
    }
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_stale, reg->subject);
    if (finding == NULL) {
        return;
    }
    struct wbh_prose text = wbh_finding_text(finding);
    wbh_prose_add(&text, "the event ");
    wbh_prose_events(&text, (uint32_t)event->result);
    wbh_prose_add(&text,
        " with token %" PRIu64 " is handed to a handler, but its registration is gone since call "
        "%" PRIu32,
        event->b, reg->dead_step);
    struct wbh_prose why = wbh_finding_why(finding);
    wbh_prose_add(&why, "Registration %" PRIu32 " of descriptor %d", reg->serial, reg->fd);
    if (reg->subject != WBH_SUBJECT_NONE) {
        wbh_prose_add(&why, " (");
        wbh_prose_connection(&why, judge->config.scenario, reg->subject);
        wbh_prose_add(&why, ")");
    }
    wbh_prose_add(&why,
        " was reported by the wait of call %" PRIu32 ".\nIt ended with call %" PRIu32
        ", before the handler ran: events of the same batch must be dropped when their source "
        "goes.\n",
        reg->report_step, reg->dead_step);
}

const struct wbh_oracle wbh_oracle_stale = {
    .info = {"stale", "events handed to a handler after their registration ended",
        WBH_VERDICT_MISUSE},
    .kinds = 1u << SIM_EVENT_NOTE,
    .notes = 1u << WB_NOTE_DISPATCH,
    .on_event = on_event,
};
