/* The receiving end of a channel: a mailbox whose bell is the source. */
#include "wb/channel.h"

#include "wb/poll.h"
#include "reactor/event_fd.h"
#include "reactor/mailbox.h"

enum { CAPACITY_DEFAULT = 4096 };

/* ---- the source ---- */

/* The bell can be written at any time, the channel never: only reading is passed on. What asks for
 * nothing stands for the rest, since an interest is never empty. */
static uint32_t bell_interest(uint32_t interest) {
    if (!wb_interest_is_valid(interest)) {
        return interest;
    }
    return wb_interest_is_readable(interest) ? WB_INTEREST_READABLE : WB_INTEREST_AIO;
}

static enum wb_status receiver_register(struct wb_source *base, const struct wb_registry *registry,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    struct wb_receiver *receiver = (struct wb_receiver *)base;
    return wb_registry_register(
        registry, &receiver->bell.source, token, bell_interest(interest), trigger);
}

static enum wb_status receiver_reregister(struct wb_source *base,
    const struct wb_registry *registry, uint64_t token, uint32_t interest,
    enum wb_trigger trigger) {
    struct wb_receiver *receiver = (struct wb_receiver *)base;
    return wb_registry_reregister(
        registry, &receiver->bell.source, token, bell_interest(interest), trigger);
}

static enum wb_status receiver_deregister(
    struct wb_source *base, const struct wb_registry *registry) {
    struct wb_receiver *receiver = (struct wb_receiver *)base;
    return wb_registry_deregister(registry, &receiver->bell.source);
}

static const struct wb_source_ops receiver_ops = {
    .on_register = receiver_register,
    .on_reregister = receiver_reregister,
    .on_deregister = receiver_deregister,
};

/* ---- life ---- */

static enum wb_status complete(
    const struct wb_channel_config *given, struct wb__mailbox_config *out_config) {
    const struct wb_channel_config defaults = {0};
    const struct wb_channel_config *config = given != NULL ? given : &defaults;
    uint32_t capacity = config->capacity == 0 ? CAPACITY_DEFAULT : config->capacity;
    const bool is_unbounded = capacity == WB_CHANNEL_UNBOUNDED;
    if (!is_unbounded && capacity > WB__MAILBOX_CAPACITY_MAX) {
        return WB_ERR_INVALID;
    }
    *out_config = (struct wb__mailbox_config){
        .capacity = is_unbounded ? 0 : capacity,
        .capacity_max = is_unbounded ? WB__MAILBOX_GROWN_MAX : capacity,
        .is_channel = true,
        .drop_message = config->drop_message,
        .drop_user_data = config->drop_user_data,
    };
    return WB_OK;
}

enum wb_status wb_channel_open(const struct wb_sys *sys, const struct wb_channel_config *config,
    struct wb_receiver *out_receiver, struct wb_sender *out_sender) {
    struct wb__mailbox_config completed;
    struct wb_mailbox *mailbox = NULL;
    *out_receiver = (struct wb_receiver){0};
    *out_sender = (struct wb_sender){0};
    enum wb_status status = complete(config, &completed);
    if (status == WB_OK) {
        status = wb__event_fd_open(sys, &completed.bell_fd);
    }
    if (status != WB_OK) {
        return status;
    }
    status = wb__mailbox_new(sys, &completed, &mailbox);
    if (status != WB_OK) {
        WB_SYS(sys, close, completed.bell_fd);
        return status;
    }
    *out_receiver = (struct wb_receiver){.source = {&receiver_ops}, .mailbox = mailbox};
    wb_fd_source_init(&out_receiver->bell, sys, completed.bell_fd);
    *out_sender = wb__mailbox_sender(mailbox);
    return WB_OK;
}

void wb_receiver_close(struct wb_receiver *receiver) {
    if (receiver->mailbox != NULL) {
        const struct wb_sys *sys = receiver->bell.sys;
        const int fd = wb_fd_source_fd(&receiver->bell);
        wb_fd_source_clean_up(&receiver->bell);
        wb__mailbox_close(receiver->mailbox);
        WB_SYS(sys, close, fd);
    }
    *receiver = (struct wb_receiver){0};
}

/* ---- messages ---- */

enum wb_status wb_receiver_receive(struct wb_receiver *receiver, void **out_message) {
    enum wb_status status = wb__mailbox_receive(receiver->mailbox, out_message);
    /* The bell was hushed with the last message, not only when there is none. */
    if (status != WB_EOF && wb__mailbox_count(receiver->mailbox) == 0) {
        wb_fd_source_would_block(&receiver->bell, WB_INTEREST_READABLE);
    }
    return status;
}
