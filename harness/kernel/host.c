/* Hosts: who answers to which address. Each has a loopback of its own; what goes elsewhere finds
 * its host by address. Host 0 is there without being asked for; while it is alone it answers to
 * every address. */
#include "kernel/internal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* What host 0 is called by the others: of the ranges that are for documentation. */
static const struct address outside[] = {
    {.family = WB_AF_INET, .ip = {192, 0, 2, 1}},
    {.family = WB_AF_INET6, .ip = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
};

void hosts_reset(struct sim_kernel *kernel) {
    struct host *first = &kernel->hosts[0];
    kernel->host_count = 1;
    memset(first, 0, sizeof(*first));
    memcpy(first->addresses, outside, sizeof(outside));
    first->address_count = sizeof(outside) / sizeof(outside[0]);
}

static bool is_loopback(const struct address *plain) {
    static const uint8_t loopback6[16] = {[15] = 1};
    return plain->family == WB_AF_INET ? plain->ip[0] == 127
                                       : memcmp(plain->ip, loopback6, sizeof(loopback6)) == 0;
}

static bool host_has(const struct host *host, const struct address *plain) {
    for (uint32_t i = 0; i < host->address_count; i++) {
        const struct address *own = &host->addresses[i];
        if (own->family == plain->family && memcmp(own->ip, plain->ip, sizeof(own->ip)) == 0) {
            return true;
        }
    }
    return false;
}

int sim_host_add(struct sim_kernel *kernel, const char *name, const struct wb_sockaddr *addresses,
    unsigned address_count) {
    struct host host = {.name = name};
    if (address_count > SIM_ADDRESSES_MAX || kernel->host_count == SIM_HOSTS_MAX) {
        return -ENOSPC;
    }
    for (unsigned i = 0; i < address_count; i++) {
        struct address address;
        int error = address_load(&addresses[i], sizeof(addresses[i]), &address);
        if (error != 0) {
            return error;
        }
        address = address_plain(&address);
        address.port = 0;
        bool special = address_is_any(&address) || is_loopback(&address)
                       || (address.family != WB_AF_INET && address.family != WB_AF_INET6);
        if (special) {
            return -EINVAL;
        }
        if (host_has(&host, &address) || host_of(kernel, 0, &address) >= 0) {
            return -EADDRINUSE;
        }
        host.addresses[host.address_count++] = address;
    }
    kernel->hosts[kernel->host_count] = host;
    return (int)kernel->host_count++;
}

bool host_answers(const struct sim_kernel *kernel, uint32_t host, const struct address *address) {
    struct address plain = address_plain(address);
    return address_is_local(&plain)
           || (kernel->host_count > 1 && host_has(&kernel->hosts[host], &plain));
}

int host_of(const struct sim_kernel *kernel, uint32_t from, const struct address *to) {
    struct address plain = address_plain(to);
    if (address_is_local(&plain)) {
        return (int)from;
    }
    for (uint32_t i = 0; i < kernel->host_count; i++) {
        if (host_has(&kernel->hosts[i], &plain)) {
            return (int)i;
        }
    }
    return -1;
}

const struct address *host_address(
    const struct sim_kernel *kernel, uint32_t number, uint16_t family) {
    const struct host *host = &kernel->hosts[number];
    for (uint32_t i = 0; i < host->address_count; i++) {
        if (host->addresses[i].family == family) {
            return &host->addresses[i];
        }
    }
    return NULL;
}

/* Between hosts a socket that is bound to no address takes the host's first of that family; within
 * one, the address it goes to. All of 127.0.0.0/8 is reached from 127.0.0.1. */
int host_choose_source(struct sim_kernel *kernel, uint32_t host, const struct address *remote,
    struct address *in_out_local) {
    const struct address *from = remote;
    struct address plain = address_plain(remote);
    if (kernel->host_count > 1 && !address_is_local(&plain)
        && !host_has(&kernel->hosts[host], &plain)) {
        from = host_address(kernel, host, plain.family);
        if (from == NULL) {
            return -ENETUNREACH;
        }
    }
    struct address chosen = address_plain(from);
    if (address_is_local(&chosen)) {
        memset(chosen.ip, 0, sizeof(chosen.ip));
        address_any_to_loopback(&chosen);
    }
    struct address shown = address_shown_to(&chosen, in_out_local->family);
    memcpy(in_out_local->ip, shown.ip, sizeof(shown.ip));
    return 0;
}

void sim_process_place(struct sim_kernel *kernel, unsigned number, unsigned host) {
    assert(host < kernel->host_count);
    process_get(kernel, number)->host = host;
}

void sim_endpoint_place(struct sim_endpoint *endpoint, unsigned host, unsigned site) {
    assert(host < endpoint->kernel->host_count);
    endpoint->at = (struct place){host, site};
}
