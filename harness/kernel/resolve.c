/* Names: the hosts of this run by theirs, localhost, and numbers. Nobody else is known. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

#include "wb/addr.h"

static const struct address loopbacks[] = {
    {.family = WB_AF_INET, .ip = {127, 0, 0, 1}},
    {.family = WB_AF_INET6, .ip = {[15] = 1}},
};

/* What a name stands for. */
struct answer {
    const struct address *addresses;
    uint32_t count;
};

static bool parse_number(const char *name, struct address *out) {
    struct wb_addr addr;
    if (wb_addr_parse_ip(name, strlen(name), 0, &addr) != WB_OK) {
        return false;
    }
    *out = (struct address){.family = addr.family, .scope_id = addr.scope_id};
    memcpy(out->ip, addr.ip, sizeof(out->ip));
    return true;
}

static struct answer look_up(const struct sim_kernel *kernel, const char *name) {
    if (strcmp(name, "localhost") == 0) {
        return (struct answer){loopbacks, sizeof(loopbacks) / sizeof(loopbacks[0])};
    }
    for (uint32_t i = 0; i < kernel->host_count; i++) {
        const struct host *host = &kernel->hosts[i];
        if (host->name != NULL && strcmp(host->name, name) == 0) {
            return (struct answer){host->addresses, host->address_count};
        }
    }
    return (struct answer){NULL, 0};
}

static int give(const struct answer *answer, uint16_t port, int family, struct wb_sockaddr *out,
    uint32_t out_max) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < answer->count && count < out_max; i++) {
        struct address address = answer->addresses[i];
        if (family != WB_AF_UNSPEC && family != address.family) {
            continue;
        }
        uint32_t len = sizeof(*out);
        address.port = port;
        memset(&out[count], 0, sizeof(*out));
        address_store(&address, &out[count++], &len);
    }
    return count == 0 ? -ENOENT : (int)count;
}

/* What the way to the name server makes of a question: 0 to go on, or -errno. */
static int ask(struct sim_kernel *kernel) {
    if (!choice_possible(kernel)) {
        return 0;
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_RESOLVE,
        .subject = process_subject(kernel->current),
        .ordinal = ++kernel->current->ordinal[WBH_POINT_RESOLVE],
        .kernel = WBH_ACTION_BIT(WBH_ACTION_DELAY),
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
    };
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action == WBH_ACTION_PASS) {
        return 0;
    }
    choice_consumed(kernel, point.point, choice.action);
    if (choice.action == WBH_ACTION_ERROR) {
        return -(int)choice.value;
    }
    uint64_t deadline_ns = kernel->now_ns + choice.value;
    while (wait_advance(kernel, deadline_ns)) {
    }
    return 0;
}

static int resolve(struct sim_kernel *kernel, const char *name, uint16_t port, int family,
    struct wb_sockaddr *out, uint32_t out_max) {
    if (name == NULL || out == NULL) {
        return -EFAULT;
    }
    if (out_max == 0) {
        return -EINVAL;
    }
    if (family != WB_AF_UNSPEC && family != WB_AF_INET && family != WB_AF_INET6) {
        return -EAFNOSUPPORT;
    }
    struct address number;
    if (parse_number(name, &number)) {
        const struct answer answer = {&number, 1};
        return give(&answer, port, family, out, out_max);
    }
    int error = ask(kernel);
    if (error != 0) {
        return error;
    }
    struct answer answer = look_up(kernel, name);
    return give(&answer, port, family, out, out_max);
}

int sys_resolve(void *self, const char *name, uint16_t port, int family, struct wb_sockaddr *out,
    uint32_t out_max) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result = resolve(kernel, name, port, family, out, out_max);
    struct sim_event event = event_begin(kernel, SIM_EVENT_CALL);
    event.call = SIM_CALL_RESOLVE;
    event.result = result;
    event.a = (uint64_t)(int64_t)family;
    event.b = port;
    event.data = name;
    event.data_len = name != NULL ? strlen(name) : 0;
    event_emit(kernel, &event);
    return result;
}
