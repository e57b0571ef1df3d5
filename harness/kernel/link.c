/* Links between hosts: how long a segment or a datagram takes, and where none comes through. What
 * is lost on the way TCP sends again, so that loss shows as time; a datagram is gone.
 *
 * Jitter and loss are functions of the connection, the direction and the segment's or datagram's
 * number: the same in each run of a scenario, whatever its seed. */
#include "kernel/internal.h"

#include <assert.h>

enum {
    TCP_HEADER_LEN = 40, /* with IPv4's */
    UDP_HEADER_LEN = 28,
    LOST_TIMES_MAX = 6, /* the next one gets through */
    PERCENT = 100,
};
/* The least that Linux waits before it sends again; doubles with each time. */
#define RETRANSMIT_NS UINT64_C(200000000)
#define SECOND_NS UINT64_C(1000000000)

void links_reset(struct sim_kernel *kernel) {
    kernel->link_count = 0;
    kernel->cut_count = 0;
}

/* ---- who is meant ---- */

static bool is_end(uint32_t end, struct place place) {
    return end < SIM_HOSTS_MAX ? place.host == end : place.site == end;
}

/* 1: from a to b; 2: the other way; 0: neither. */
static unsigned direction_between(const struct ends *ends, struct place from, struct place to) {
    bool to_anybody = ends->b == SIM_END_ANY;
    if (is_end(ends->a, from) && (to_anybody ? !is_end(ends->a, to) : is_end(ends->b, to))) {
        return 1;
    }
    if (is_end(ends->a, to) && (to_anybody ? !is_end(ends->a, from) : is_end(ends->b, from))) {
        return 2;
    }
    return 0;
}

/* The first that names both ends, otherwise the first that names one. */
static struct link *find_link(
    struct sim_kernel *kernel, struct place from, struct place to, unsigned *out_direction) {
    struct link *found = NULL;
    for (uint32_t i = 0; i < kernel->link_count; i++) {
        struct link *link = &kernel->links[i];
        unsigned direction = direction_between(&link->ends, from, to);
        bool is_better =
            found == NULL || (found->ends.b == SIM_END_ANY && link->ends.b != SIM_END_ANY);
        if (direction != 0 && is_better) {
            found = link;
            *out_direction = direction - 1;
        }
    }
    return found;
}

int sim_link_add(
    struct sim_kernel *kernel, unsigned a, unsigned b, const struct sim_link *properties) {
    assert(a != b && a != SIM_END_ANY && properties->loss_percent < PERCENT);
    if (kernel->link_count == SIM_LINKS_MAX) {
        return -1;
    }
    kernel->links[kernel->link_count++] = (struct link){.ends = {a, b}, .properties = *properties};
    return 0;
}

bool links_any(const struct sim_kernel *kernel) {
    return kernel->link_count + kernel->cut_count != 0;
}

/* ---- cuts ---- */

static void emit_link(struct sim_kernel *kernel, bool is_cut, struct ends ends) {
    struct sim_event event = event_begin(kernel, SIM_EVENT_LINK);
    event.process = 0;
    event.a = is_cut;
    event.b = ends.a | (uint64_t)ends.b << 32;
    event_emit(kernel, &event);
}

bool link_is_cut(const struct sim_kernel *kernel, struct place from, struct place to) {
    for (uint32_t i = 0; i < kernel->cut_count; i++) {
        if (direction_between(&kernel->cuts[i], from, to) != 0) {
            return true;
        }
    }
    return false;
}

int sim_link_cut(struct sim_kernel *kernel, unsigned a, unsigned b) {
    if (kernel->cut_count == SIM_LINKS_MAX) {
        return -1;
    }
    kernel->cuts[kernel->cut_count++] = (struct ends){a, b};
    emit_link(kernel, true, (struct ends){a, b});
    return 0;
}

static bool is_same(struct ends cut, unsigned a, unsigned b) {
    return (cut.a == a && cut.b == b) || (cut.a == b && cut.b == a);
}

void sim_link_heal(struct sim_kernel *kernel, unsigned a, unsigned b) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < kernel->cut_count; i++) {
        if (a != SIM_END_ANY && !is_same(kernel->cuts[i], a, b)) {
            kernel->cuts[kept++] = kernel->cuts[i];
        }
    }
    kernel->cut_count = kept;
    emit_link(kernel, false, (struct ends){a, b});
    for (struct list *node = kernel->endpoints.next; node != &kernel->endpoints;
         node = node->next) {
        struct sim_endpoint *endpoint = LIST_ENTRY(node, struct sim_endpoint, in_kernel);
        endpoint_release_handshake(endpoint);
        endpoint_release_flights(endpoint);
    }
}

unsigned sim_links_cut(const struct sim_kernel *kernel) {
    return kernel->cut_count;
}

/* ---- travelling ---- */

/* Even over all numbers, for keys that differ little. */
static uint64_t draw(uint64_t key) {
    key = (key ^ (key >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ (key >> 27)) * UINT64_C(0x94d049bb133111eb);
    return key ^ (key >> 31);
}

static uint64_t serialisation_ns(
    struct sim_kernel *kernel, struct link *link, unsigned direction, uint64_t len) {
    uint64_t rate = link->properties.bytes_per_second;
    if (rate == 0) {
        return 0;
    }
    uint64_t *free_ns = &link->free_ns[direction];
    uint64_t begin_ns = *free_ns > kernel->now_ns ? *free_ns : kernel->now_ns;
    *free_ns = begin_ns + len * SECOND_NS / rate;
    return *free_ns - kernel->now_ns;
}

static uint64_t loss_ns(const struct link *link, uint64_t key, uint64_t round_trip_ns) {
    uint64_t wait_ns = RETRANSMIT_NS + round_trip_ns;
    uint64_t lost_ns = 0;
    for (unsigned i = 0; i < LOST_TIMES_MAX; i++) {
        if (draw(key + i * UINT64_C(0x632be59bd9b4e019)) % PERCENT
            >= link->properties.loss_percent) {
            break;
        }
        lost_ns += wait_ns << i;
    }
    return lost_ns;
}

/* Of `len` bytes with their headers. */
static uint64_t passage_ns(struct sim_kernel *kernel, struct link *link, unsigned direction,
    uint64_t len, uint64_t drawn) {
    const struct sim_link *properties = &link->properties;
    uint64_t jitter_ns = properties->jitter_ns == 0 ? 0 : drawn % (properties->jitter_ns + 1);
    return serialisation_ns(kernel, link, direction, len) + properties->latency_ns + jitter_ns;
}

uint64_t link_travel_ns(
    struct sim_kernel *kernel, struct place from, struct place to, uint64_t len, uint64_t key) {
    unsigned direction = 0;
    struct link *link = find_link(kernel, from, to, &direction);
    if (link == NULL) {
        return 0;
    }
    uint64_t drawn = draw(key);
    return passage_ns(kernel, link, direction, len + TCP_HEADER_LEN, drawn)
           + loss_ns(link, drawn, 2 * link->properties.latency_ns);
}

/* What is lost has taken its share of the bandwidth. */
bool link_carries(struct sim_kernel *kernel, struct place from, struct place to, uint64_t len,
    uint64_t key, uint64_t *out_ns) {
    unsigned direction = 0;
    *out_ns = 0;
    if (link_is_cut(kernel, from, to)) {
        return false;
    }
    struct link *link = find_link(kernel, from, to, &direction);
    if (link == NULL) {
        return true;
    }
    uint64_t drawn = draw(key);
    *out_ns = passage_ns(kernel, link, direction, len + UDP_HEADER_LEN, drawn);
    return draw(drawn) % PERCENT >= link->properties.loss_percent;
}

uint64_t endpoint_travel_ns(struct sim_endpoint *from, struct place to, uint64_t len) {
    uint32_t subject = from->subject;
    if (from->peer != NULL && from->peer->of_program) {
        subject = from->peer->subject;
    }
    uint64_t key = (uint64_t)subject << 32 | (uint64_t)++from->travel_ordinal << 1
                   | (uint64_t)from->of_program;
    return link_travel_ns(from->kernel, from->at, to, len, key);
}
