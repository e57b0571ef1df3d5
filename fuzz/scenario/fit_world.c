/* See fit_world.h. */
#include "scenario/fit_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wb/sys.h"
#include "wouldblock/run.h"

enum kind {
    TCP_SERVER,
    UDP_SERVER,
    DATAGRAM_SERVER,
    SEQPACKET_SERVER,
    TCP_CLIENT,
    DATAGRAM_CLIENT,
    HTTP_CLIENT, /* of peers only */
};

/* Those of a family stand together, first the ones that its plain scenarios are about. */
static const struct {
    const char *name;
    enum kind kind;
} programs[] = {
    {"ping_pong", TCP_SERVER},
    {"multi_echo", TCP_SERVER},
    {"udp_echo", UDP_SERVER},
    {"unix_datagram", DATAGRAM_SERVER},
    {"ping_pong_client", TCP_CLIENT},
    {"multi_echo_client", TCP_CLIENT},
    {"unix_datagram_sender", DATAGRAM_CLIENT},
    {"seqpacket_echo", SEQPACKET_SERVER},
    {"http_hello", TCP_SERVER},
    {"http_echo", TCP_SERVER},
    {"http_files", TCP_SERVER},
    {"http_get", HTTP_CLIENT},
};

static const struct members {
    unsigned first;
    unsigned count;
    unsigned plain_count;
} families[] = {
    [FIT_ECHO] = {0, 8, 2},
    [FIT_HTTP] = {8, 3, 3},
    [FIT_HTTP_CLIENT] = {11, 1, 1},
};

/* Program number n listens at that port plus n. */
enum { PORT_FIRST = 7000 };

/* What is made for the scenario at hand: its programs and their command lines. */
struct role {
    enum kind kind;
    uint32_t host;
    struct wbh_option options[WBH_OPTIONS_MAX];
    uint32_t option_count;
    uint8_t wish; /* which of several servers a client asks for */
    char label[WBH_NAME_MAX + 1];
    char address[64]; /* where it listens, or whom it connects to */
};
static struct role roles[WBH_PROGRAMS_MAX];
static uint32_t role_count;

/* ---- what fit.c uses, too ---- */

/* `end`: none of them has that name. */
static unsigned find_program(const char *name, unsigned begin, unsigned end) {
    while (begin < end && strcmp(name, programs[begin].name) != 0) {
        begin++;
    }
    return begin;
}

static bool is_program_of_the_world(const struct members *family, const char *name) {
    const unsigned end = family->first + family->count;
    return find_program(name, family->first + family->plain_count, end) < end;
}

bool fit_is_plain(const struct wbh_scenario *scenario, enum fit_family family) {
    return scenario->other_count == 0 && scenario->host_count == 0 && scenario->link_count == 0
           && scenario->moment_count == 0
           && !is_program_of_the_world(&families[family], scenario->program);
}

const char *fit_plain_program(enum fit_family family, const char *name) {
    const struct members *members = &families[family];
    const unsigned end = members->first + members->plain_count;
    unsigned place = find_program(name, members->first, end);
    if (place == end) {
        place = members->first + (unsigned)(strlen(name) + 1) % members->plain_count;
    }
    return programs[place].name;
}

const char *fit_trigger(const char *value) {
    for (size_t i = 0; i < WBH_TRIGGER_COUNT; i++) {
        if (strcmp(value, wbh_trigger_nth(i)) == 0) {
            return wbh_trigger_nth(i);
        }
    }
    return wbh_trigger_nth((uint8_t)value[0] % WBH_TRIGGER_COUNT);
}

static bool is_count_of(const char *value, size_t digits_max) {
    size_t digits = strspn(value, "0123456789");
    return digits > 0 && digits <= digits_max && value[digits] == '\0' && value[0] != '0';
}

bool fit_is_small_count(const char *value) {
    return is_count_of(value, 6);
}

bool fit_is_port_of_program(uint32_t port) {
    return port >= PORT_FIRST && port < PORT_FIRST + WBH_PROGRAMS_MAX;
}

/* ---- programs ---- */

static unsigned fit_program(const struct members *family, const char *name) {
    const unsigned end = family->first + family->count;
    const unsigned place = find_program(name, family->first, end);
    return place < end ? place : family->first + (unsigned)strlen(name) % family->count;
}

static bool is_label_taken(const struct wbh_scenario *scenario, const char *label) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        if (strcmp(wbh_scenario_program(scenario, i).label, label) == 0) {
            return true;
        }
    }
    return false;
}

/* A program that becomes another one loses the label that it had by its name. */
static const char *make_label(const struct wbh_scenario *scenario, struct role *role, uint32_t n) {
    for (uint32_t i = n; role->label[0] == '\0' || is_label_taken(scenario, role->label);
         i += WBH_PROGRAMS_MAX) {
        (void)snprintf(role->label, sizeof role->label, "fitted%" PRIu32, i);
    }
    return role->label;
}

static void cast_program(struct wbh_scenario *scenario, const struct members *family, uint32_t n) {
    const struct wbh_cast cast = wbh_scenario_program(scenario, n);
    unsigned place = fit_program(family, cast.program);
    const char *name = programs[place].name;
    struct role *role = &roles[n];
    role->kind = programs[place].kind;
    role->host = cast.host;
    role->label[0] = '\0';
    const char *label = cast.label;
    if (strcmp(cast.program, name) != 0 && strcmp(cast.program, cast.label) == 0) {
        label = make_label(scenario, role, n);
    }
    if (n == 0) {
        scenario->program = name;
        scenario->label = strcmp(label, name) != 0 ? label : NULL;
    } else {
        scenario->others[n - 1].program = name;
        scenario->others[n - 1].label = label;
    }
}

/* ---- options ---- */

static bool is_of_client(const char *name) {
    static const char *const names[] = {
        "timeout", "clients", "iterations", "interval-ms", "timeout-ms", "count"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_option(const char *program, const char *name) {
    const char *const *options = wbh_program_find(program)->options;
    for (; *options != NULL; options++) {
        if (strcmp(*options, name) == 0) {
            return true;
        }
    }
    return false;
}

/* False: it is left out. */
static bool fit_option(const char *program, enum fit_family family, struct wbh_option *option) {
    if (wbh_program_flag(wbh_program_find(program), option->name) != NULL) {
        option->value = "";
        return true;
    }
    if (family == FIT_HTTP) {
        return fit_http_option(option);
    }
    if (!has_option(program, option->name)) {
        return false;
    }
    if (strcmp(option->name, "trigger") == 0) {
        option->value = fit_trigger(option->value);
        return true;
    }
    if (strcmp(option->name, "message") == 0) {
        return option->value[0] != '\0';
    }
    return is_of_client(option->name)
               ? is_count_of(option->value, 2)
               : strcmp(option->name, "max-connections") == 0 && fit_is_small_count(option->value);
}

static bool names_a_server(const char *option) {
    return strcmp(option, "server") == 0 || strcmp(option, "to") == 0;
}

/* One place is left for the address. */
static void fit_options(struct role *role, enum fit_family family, const struct wbh_cast *cast) {
    const struct wbh_option *patience;
    role->option_count = fit_patience(family, &patience);
    role->wish = 0;
    for (uint32_t i = 0; i < role->option_count; i++) {
        role->options[i] = patience[i];
    }
    for (uint32_t i = 0; i < cast->option_count; i++) {
        struct wbh_option option = cast->options[i];
        if (names_a_server(option.name) && option.value[0] != '\0') {
            role->wish = (uint8_t)option.value[strlen(option.value) - 1];
        }
        if (role->option_count + 1 < WBH_OPTIONS_MAX
            && fit_option(cast->program, family, &option)) {
            role->options[role->option_count++] = option;
        }
    }
}

/* ---- who listens where, and who is whose client ---- */

static const struct wbh_address *address_of(const struct wbh_scenario *scenario, uint32_t host) {
    return host != 0 ? &scenario->hosts[host - 1].addresses[0] : NULL;
}

/* A server listens at all addresses of the family that its host's first one has. */
static bool is_v6(const struct wbh_scenario *scenario, uint32_t host) {
    const struct wbh_address *address = address_of(scenario, host);
    return address != NULL && address->family == WB_AF_INET6;
}

static void print_v6(char *out, size_t out_len, const uint8_t *ip, uint32_t port) {
    unsigned group[8];
    for (unsigned i = 0; i < 8; i++) {
        group[i] = (unsigned)ip[2 * i] << 8 | ip[2 * i + 1];
    }
    (void)snprintf(out, out_len, "[%x:%x:%x:%x:%x:%x:%x:%x]:%" PRIu32, group[0], group[1], group[2],
        group[3], group[4], group[5], group[6], group[7], port);
}

static void print_address(const struct wbh_scenario *scenario, const struct role *client,
    uint32_t server, char *out, size_t out_len) {
    static const uint8_t loopback_v6[16] = {[15] = 1};
    uint32_t host = roles[server].host;
    uint32_t port = PORT_FIRST + server;
    const struct wbh_address *address = address_of(scenario, host);
    if (is_v6(scenario, host)) {
        print_v6(out, out_len, client->host == host ? loopback_v6 : address->ip, port);
    } else if (client->host == host) {
        (void)snprintf(out, out_len, "127.0.0.1:%" PRIu32, port);
    } else if (address == NULL) {
        (void)snprintf(out, out_len, "192.0.2.1:%" PRIu32, port);
    } else {
        (void)snprintf(out, out_len, "%u.%u.%u.%u:%" PRIu32, address->ip[0], address->ip[1],
            address->ip[2], address->ip[3], port);
    }
}

/* The n-th of that kind, n modulo their count; role_count: there is none. */
static uint32_t nth_of(enum kind kind, uint32_t n) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < role_count; i++) {
        count += roles[i].kind == kind;
    }
    if (count == 0) {
        return role_count;
    }
    n %= count;
    for (uint32_t i = 0; i < role_count; i++) {
        if (roles[i].kind == kind && n-- == 0) {
            return i;
        }
    }
    return role_count;
}

static void add_option(struct role *role, const char *name) {
    role->options[role->option_count++] = (struct wbh_option){name, role->address};
}

static bool has_unix_name(enum kind kind) {
    return kind == DATAGRAM_SERVER || kind == SEQPACKET_SERVER;
}

/* The first ones are those that scripts of peers mostly name. */
static void print_unix_name(uint32_t server, char *out, size_t out_len) {
    static const char *const names[] = {"@wouldblock", "@echo", "/run/echo"};
    if (server < sizeof names / sizeof names[0]) {
        (void)snprintf(out, out_len, "%s", names[server]);
    } else {
        (void)snprintf(out, out_len, "@fitted%" PRIu32, server);
    }
}

/* Each has a place of its own: who finds it taken ends with a failure, and rightly. */
static void make_listen(const struct wbh_scenario *scenario, struct role *role, uint32_t n) {
    if (has_unix_name(role->kind)) {
        print_unix_name(n, role->address, sizeof role->address);
    } else {
        (void)snprintf(role->address, sizeof role->address, "%s:%" PRIu32,
            is_v6(scenario, role->host) ? "[::]" : "0.0.0.0", PORT_FIRST + n);
    }
    add_option(role, "listen");
}

/* A client without a server finds a peer, perhaps, where it looks for one by itself. */
static void make_target(const struct wbh_scenario *scenario, struct role *role) {
    bool sends_datagrams = role->kind == DATAGRAM_CLIENT;
    uint32_t server = nth_of(sends_datagrams ? DATAGRAM_SERVER : TCP_SERVER, role->wish);
    if (server == role_count) {
        return;
    }
    if (sends_datagrams) {
        print_unix_name(server, role->address, sizeof role->address);
        add_option(role, "to");
    } else {
        print_address(scenario, role, server, role->address, sizeof role->address);
        add_option(role, "server");
    }
}

static void direct(struct wbh_scenario *scenario, uint32_t n) {
    struct role *role = &roles[n];
    if (role->kind == TCP_CLIENT || role->kind == DATAGRAM_CLIENT) {
        make_target(scenario, role);
    } else {
        make_listen(scenario, role, n);
    }
    if (n == 0) {
        scenario->options = role->options;
        scenario->option_count = role->option_count;
    } else {
        scenario->others[n - 1].options = role->options;
        scenario->others[n - 1].option_count = role->option_count;
    }
}

/* ---- peers, moments and links ---- */

/* Whom a step means if that is a server of its kind, otherwise the next one that is. */
static uint32_t fit_partner(uint32_t program, enum kind kind) {
    uint32_t n = roles[program].kind == kind ? program : nth_of(kind, program);
    return n < role_count ? n : program;
}

static void fit_steps(struct wbh_peer *peer) {
    for (uint32_t s = 0; s < peer->step_count; s++) {
        struct wbh_step *step = &peer->steps[s];
        if (step->kind == WBH_STEP_CONNECT || step->kind == WBH_STEP_EXPECT_REFUSED) {
            step->program = fit_partner(step->program, TCP_SERVER);
        } else if (step->kind == WBH_STEP_BIND_UDP) {
            step->program = fit_partner(step->program, UDP_SERVER);
        }
    }
}

void fit_world(struct wbh_scenario *scenario, enum fit_family family) {
    role_count = wbh_scenario_program_count(scenario);
    for (uint32_t n = 0; n < role_count; n++) {
        cast_program(scenario, &families[family], n);
    }
    for (uint32_t n = 0; n < role_count; n++) {
        const struct wbh_cast cast = wbh_scenario_program(scenario, n);
        fit_options(&roles[n], family, &cast);
        direct(scenario, n);
    }
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        fit_steps(&scenario->peers[p]);
    }
}
