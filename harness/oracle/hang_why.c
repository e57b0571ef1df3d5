/* How it came to a hang: which report was delivered when, what the program did about it, what it
 * left, and which call would have helped. */
#include "oracle/judge.h"

#include <inttypes.h>

struct search {
    uint32_t subject;
    bool listener; /* any registration without a connection, whose state is readable */
    struct sim_registration_info found[4];
    unsigned count;
};

static void see_registration(void *user_data, const struct sim_registration_info *info) {
    struct search *search = user_data;
    bool wanted = search->listener
                      ? info->subject == WBH_SUBJECT_NONE && (info->state & WB_EPOLLIN) != 0
                      : info->subject == search->subject;
    if (wanted && search->count < sizeof(search->found) / sizeof(search->found[0])) {
        search->found[search->count++] = *info;
    }
}

static const char *mode_of(uint32_t mask) {
    if ((mask & WB_EPOLLONESHOT) != 0) {
        return (mask & WB_EPOLLET) != 0 ? "edge-triggered and one-shot" : "one-shot";
    }
    return (mask & WB_EPOLLET) != 0 ? "edge-triggered" : "level-triggered";
}

static void add_registration(struct wbh_prose *why, const struct wbh_reg *reg, int fd) {
    wbh_prose_add(why, "Descriptor %d is registered %s for ", fd, mode_of(reg->mask));
    wbh_prose_events(why, reg->mask);
    wbh_prose_add(why, " since call %" PRIu32 ".\n", reg->ctl_step);
}

static void add_last_report(struct wbh_prose *why, const struct wbh_reg *reg) {
    if (reg->in_report_step == 0) {
        wbh_prose_add(why, "No wait ever reported it readable");
        if (reg->report_step != 0) {
            wbh_prose_add(why, "; the last report was ");
            wbh_prose_events(why, reg->report_events);
            wbh_prose_add(why, ", by call %" PRIu32, reg->report_step);
        }
        wbh_prose_add(why, ".\n");
        return;
    }
    wbh_prose_add(
        why, "The wait of call %" PRIu32 " reported it readable at ", reg->in_report_step);
    wbh_prose_time(why, reg->in_report_time_ns);
    if (reg->reads_since_in == 0) {
        wbh_prose_add(why, "; since then nothing was read.\n");
        return;
    }
    wbh_prose_add(why, "; since then ");
    wbh_prose_count(why, reg->reads_since_in, "read");
    wbh_prose_add(why, " took ");
    wbh_prose_count(why, reg->bytes_since_in, "byte");
    wbh_prose_add(
        why, reg->would_block_since_in ? ", and one said EAGAIN.\n" : ", and none said EAGAIN.\n");
}

/* The one sentence that tells what to change. */
static void add_remedy(struct wbh_prose *why, const struct wbh_reg *reg) {
    if (reg->disarmed) {
        wbh_prose_add(why,
            "A one-shot registration is disarmed by its report, of whatever direction: it must be "
            "armed again with epoll_ctl MOD, which reports at once what is left.\n");
    } else if ((reg->mask & WB_EPOLLIN) == 0) {
        wbh_prose_add(why, "IN is not armed: reading was paused and never resumed. Arm it with "
                           "epoll_ctl MOD when there is room again.\n");
    } else if ((reg->mask & WB_EPOLLET) != 0 && reg->in_report_step != 0) {
        wbh_prose_add(why, "An edge is reported once and is used up now: read until EAGAIN, or "
                           "remember that the source is still readable.\n");
    } else {
        wbh_prose_add(why, "No event is queued for it: the program lost one that it was given.\n");
    }
}

static void add_no_registration(
    struct wbh_judge *judge, struct wbh_prose *why, uint32_t subject, int fd) {
    struct wbh_ledger *ledger = &judge->ledger;
    for (size_t i = ledger->reg_count; i-- > 1;) {
        const struct wbh_reg *reg = &ledger->regs[i];
        if (reg->subject == subject && reg->fd == fd && reg->dead_step != 0) {
            wbh_prose_add(why,
                "Descriptor %d is not registered: its registration ended with call %" PRIu32
                " and was not made again.\n",
                fd, reg->dead_step);
            return;
        }
    }
    wbh_prose_add(why, "Descriptor %d was never registered with an epoll instance.\n", fd);
}

void wbh_why_unread(
    struct wbh_judge *judge, struct wbh_prose *why, const struct sim_connection_info *info) {
    wbh_prose_add(why, "On ");
    wbh_prose_connection(why, judge->config.scenario, info->subject);
    wbh_prose_add(why, " ");
    const char *separator = "";
    if (info->unread_len != 0) {
        wbh_prose_count(why, info->unread_len, "byte");
        separator = " and ";
    }
    if (info->fin_unread != 0) {
        wbh_prose_add(why, "%sthe end of the stream", separator);
        separator = " and ";
    }
    if (info->error != 0) {
        wbh_prose_add(why, "%san error (", separator);
        wbh_prose_errno(why, info->error);
        wbh_prose_add(why, ")");
    }
    bool several = info->unread_len + (info->fin_unread != 0) + (info->error != 0) > 1;
    wbh_prose_add(why, " arrived and the program did not take %s.\n", several ? "them" : "it");
    struct search search = {.subject = info->subject};
    sim_each_registration(judge->config.kernel, judge->config.process, see_registration, &search);
    if (search.count == 0) {
        add_no_registration(judge, why, info->subject, info->fd);
        return;
    }
    for (unsigned i = 0; i < search.count; i++) {
        const struct wbh_reg *reg = wbh_ledger_reg(&judge->ledger, search.found[i].registration);
        if (reg != NULL) {
            add_registration(why, reg, search.found[i].fd);
            add_last_report(why, reg);
            add_remedy(why, reg);
        }
    }
}

void wbh_why_pending(struct wbh_judge *judge, struct wbh_prose *why) {
    const struct wbh_ledger *ledger = &judge->ledger;
    wbh_prose_add(why, "The connection stands, but the program did not accept it.\n");
    if (ledger->accept_failed_step != 0) {
        wbh_prose_add(why,
            "Accepting failed for want of descriptors or memory with call %" PRIu32
            ": when one is free again it must be tried again.\n",
            ledger->accept_failed_step);
    }
    struct search search = {.listener = true};
    sim_each_registration(judge->config.kernel, judge->config.process, see_registration, &search);
    if (search.count == 0) {
        wbh_prose_add(why, "No listener is registered with an epoll instance.\n");
        return;
    }
    for (unsigned i = 0; i < search.count; i++) {
        const struct wbh_reg *reg = wbh_ledger_reg(&judge->ledger, search.found[i].registration);
        if (reg == NULL) {
            continue;
        }
        add_registration(why, reg, search.found[i].fd);
        if (reg->in_report_step != 0) {
            wbh_prose_add(why,
                "The wait of call %" PRIu32 " reported it; since then %" PRIu32
                " were accepted, and %s EAGAIN.\n",
                reg->in_report_step, reg->reads_since_in,
                reg->would_block_since_in ? "one accept said" : "none said");
        }
        if (reg->disarmed || (reg->mask & WB_EPOLLET) == 0) {
            add_remedy(why, reg);
        } else {
            wbh_prose_add(why, "One edge may stand for several connections: accept until EAGAIN, "
                               "also after a failure.\n");
        }
    }
}

static void add_write_interest(
    struct wbh_judge *judge, struct wbh_prose *why, const struct sim_connection_info *info) {
    struct search search = {.subject = info->subject};
    sim_each_registration(judge->config.kernel, judge->config.process, see_registration, &search);
    for (unsigned i = 0; i < search.count; i++) {
        const struct wbh_reg *reg = wbh_ledger_reg(&judge->ledger, search.found[i].registration);
        if (reg == NULL) {
            continue;
        }
        if (reg->disarmed) {
            wbh_prose_add(why,
                "Its one-shot registration was used up by the report of call %" PRIu32
                " and not armed again.\n",
                reg->report_step);
        } else if ((reg->mask & WB_EPOLLOUT) == 0) {
            wbh_prose_add(why, "OUT is not armed (armed is ");
            wbh_prose_events(why, reg->mask);
            wbh_prose_add(why,
                ", since call %" PRIu32
                ") although it can be written to: what is left to write will stay unwritten.\n",
                reg->ctl_step);
        } else if ((reg->mask & WB_EPOLLET) != 0 && reg->out_report_step != 0) {
            wbh_prose_add(why,
                "The edge OUT was reported by call %" PRIu32
                " and is used up: write until EAGAIN.\n",
                reg->out_report_step);
        }
    }
}

static void add_last_send(struct wbh_prose *why, const struct wbh_conn *conn) {
    if (conn->send.step == 0) {
        wbh_prose_add(why, "The program never sent anything on it.\n");
        return;
    }
    wbh_prose_add(why, "It was last sent to by call %" PRIu32 ": ", conn->send.step);
    if (conn->send.result < 0) {
        wbh_prose_errno(why, (int)-conn->send.result);
        wbh_prose_add(why, ".\n");
    } else {
        wbh_prose_add(why, "%" PRId64 " of %" PRIu64 " bytes were taken.\n", conn->send.result,
            conn->send.asked);
    }
}

void wbh_why_unsent(
    struct wbh_judge *judge, struct wbh_prose *why, const struct sim_connection_info *info) {
    const struct wbh_conn *conn = wbh_ledger_conn(&judge->ledger, info->subject);
    if (conn == NULL || info->accepted == 0 || info->closed != 0) {
        return;
    }
    wbh_prose_add(why, "The program has read ");
    wbh_prose_count(why, conn->read_len, "byte");
    wbh_prose_add(why, " from ");
    wbh_prose_connection(why, judge->config.scenario, info->subject);
    wbh_prose_add(why, " and sent it %" PRIu64 ".\n", conn->sent_len);
    add_last_send(why, conn);
    if ((info->state & WB_EPOLLOUT) == 0) {
        wbh_prose_add(why, "Its sending side is full: the peer does not read.\n");
        return;
    }
    bool cut = conn->send.step != 0
               && (conn->send.result < 0 || (uint64_t)conn->send.result < conn->send.asked);
    if (cut || conn->owed.len != 0) {
        add_write_interest(judge, why, info);
    }
}

void wbh_why_datagrams(
    struct wbh_judge *judge, struct wbh_prose *why, const struct sim_datagram_info *info) {
    struct wbh_ledger *ledger = &judge->ledger;
    wbh_prose_count(why, info->unread_count, "datagram");
    wbh_prose_add(why, info->unread_count == 1 ? " lies" : " lie");
    wbh_prose_add(why, " unread at descriptor %d.\n", info->fd);
    struct wbh_reg *reg = wbh_ledger_first_reg(ledger, info->file);
    if (reg == NULL) {
        wbh_prose_add(why, "Descriptor %d is not registered with an epoll instance.\n", info->fd);
        return;
    }
    add_registration(why, reg, reg->fd);
    add_last_report(why, reg);
    add_remedy(why, reg);
}
