/* See panel.h. */
#include "oracle/panel.h"

#include <stdio.h>

void wbh_panel_begin(struct wbh_panel *panel, struct wbh_judge *const *judges, uint32_t count) {
    memset(panel, 0, sizeof(*panel));
    memcpy(panel->judges, judges, count * sizeof(*judges));
    panel->count = count;
}

/* What concerns everybody: that time passes, and that something was made to fail. */
static bool is_for_all(const struct sim_event *event) {
    switch ((enum sim_event_kind)event->kind) {
    case SIM_EVENT_JUMP:
    case SIM_EVENT_RELEASE:
        return true;
    case SIM_EVENT_FAULT:
        return event->decision->legality == WBH_LEGALITY_FAILING;
    case SIM_EVENT_CALL:
    case SIM_EVENT_WAIT:
    case SIM_EVENT_REPORT:
    case SIM_EVENT_WAKE:
    case SIM_EVENT_ARRIVE:
    case SIM_EVENT_PENDING:
    case SIM_EVENT_UNFIT:
    case SIM_EVENT_SIGNAL:
    case SIM_EVENT_NOTE:
    case SIM_EVENT_PEER:
    case SIM_EVENT_FREE:
    case SIM_EVENT_PROCESS:
    case SIM_EVENT_LINK:
    case SIM_EVENT_WATCH:
    case SIM_EVENT_THREAD:
    case SIM_EVENT_KIND_COUNT:
        break;
    }
    return false;
}

/* Excuses peers, also while the program is down that they speak to. */
static bool is_harm(const struct sim_event *event) {
    return event->kind == SIM_EVENT_FAULT
               ? event->decision->legality == WBH_LEGALITY_FAILING
               : event->kind == SIM_EVENT_ARRIVE && (event->b & SIM_ARRIVE_LOST) != 0;
}

static void show(struct wbh_panel *panel, uint32_t n, const struct sim_event *event) {
    if (panel->is_out[n] && is_harm(event)) {
        wbh_ledger_on_event(&panel->judges[n]->ledger, event);
    } else if (!panel->is_out[n] && (panel->judges[n]->kinds >> event->kind & 1u) != 0) {
        wbh_judge_on_event(panel->judges[n], event);
    }
}

void wbh_panel_show(struct wbh_panel *panel, const struct sim_event *event) {
    if (panel->count > 1 && is_for_all(event)) {
        for (uint32_t i = 0; i < panel->count; i++) {
            show(panel, i, event);
        }
    } else if (event->process < panel->count) {
        show(panel, event->process, event);
    }
}

/* Whose connection it is: of the judge that has heard of it, otherwise the first's. */
static uint32_t owner_of(struct wbh_panel *panel, uint32_t subject) {
    for (uint32_t i = 1; i < panel->count; i++) {
        if (wbh_ledger_conn(&panel->judges[i]->ledger, subject) != NULL) {
            return i;
        }
    }
    return 0;
}

static void leave_behind(struct wbh_panel *panel, uint32_t n, const struct wbh_unmet *unmet) {
    char saw[64];
    (void)snprintf(saw, sizeof(saw), "the program has ended with status %d", panel->exit_status[n]);
    wbh_judge_disappointed(panel->judges[n], unmet, saw);
}

void wbh_panel_at_idle(struct wbh_panel *panel, const struct wbh_stillness *stillness) {
    struct wbh_unmet own[WBH_PEERS_MAX];
    for (uint32_t n = 0; n < panel->count; n++) {
        struct wbh_stillness part = {.unmet = own};
        for (size_t i = 0; i < stillness->unmet_count; i++) {
            if (owner_of(panel, stillness->unmet[i].subject) == n) {
                own[part.unmet_count++] = stillness->unmet[i];
            }
        }
        if (!panel->is_out[n]) {
            wbh_judge_at_idle(panel->judges[n], &part);
            continue;
        }
        for (size_t i = 0; i < part.unmet_count; i++) {
            leave_behind(panel, n, &own[i]);
        }
    }
}

/* With one judge the program's end and the run's are one. */
void wbh_panel_at_end(struct wbh_panel *panel, const struct wbh_ending *ending) {
    for (uint32_t n = 0; n < panel->count; n++) {
        if (!panel->is_out[n]) {
            wbh_judge_at_end(panel->judges[n], ending);
            continue;
        }
        for (size_t i = 0; i < ending->unmet_count; i++) {
            if (owner_of(panel, ending->unmet[i].subject) == n) {
                leave_behind(panel, n, &ending->unmet[i]);
            }
        }
    }
}

bool wbh_panel_excuses_unmet(struct wbh_panel *panel, const struct wbh_unmet *unmet) {
    return wbh_judge_excuses_unmet(panel->judges[owner_of(panel, unmet->subject)], unmet);
}

bool wbh_panel_obligation(struct wbh_panel *panel) {
    for (uint32_t i = 0; i < panel->count; i++) {
        struct wbh_judge *judge = panel->judges[i];
        if (!panel->is_out[i] && (wbh_hang_obligation(judge) || wbh_waker_obligation(judge))) {
            return true;
        }
    }
    return false;
}

void wbh_panel_disappointed(
    struct wbh_panel *panel, const struct wbh_unmet *unmet, const char *saw) {
    wbh_judge_disappointed(panel->judges[owner_of(panel, unmet->subject)], unmet, saw);
}
