/* Options of the programs that speak HTTP: see fit_world.h. */
#include "scenario/fit_world.h"

#include <stdlib.h>
#include <string.h>

#include "wb/h1_server.h"

/* An option with a number that a program takes, from `min` on; `digits_max` keeps it small. */
struct number {
    const char *name;
    unsigned long min;
    size_t digits_max;
};

static const struct number of_servers[] = {
    {"drain-timeout", 1, 5},
    {"max-head", WB_H1_SERVER_BUF_LEN_MIN, 5},
    {"max-fields", 1, 3},
    {"max-body", 1, 6},
};

static const struct number of_http_get[] = {
    {"max-body", 0, 6},
    {"times", 1, 1},
};

/* Whether a time is up before something else happens, faults may decide: runs with them and without
 * could not be compared. So nobody runs out of time; and no place is ever free again, so there is
 * no bound on connections either. */
static const struct wbh_option patience[] = {
    {"head-timeout", "0"},
    {"body-timeout", "0"},
    {"write-timeout", "0"},
};
static const struct wbh_option patience_of_http_get[] = {
    {"timeout", "86400"},
};

uint32_t fit_patience(enum fit_family family, const struct wbh_option **out_options) {
    switch (family) {
    case FIT_ECHO:
        break;
    case FIT_HTTP:
        *out_options = patience;
        return sizeof patience / sizeof patience[0];
    case FIT_HTTP_CLIENT:
        *out_options = patience_of_http_get;
        return sizeof patience_of_http_get / sizeof patience_of_http_get[0];
    }
    *out_options = NULL;
    return 0;
}

static bool fits(const struct number *number, const char *value) {
    const size_t digits = strspn(value, "0123456789");
    return digits > 0 && digits <= number->digits_max && value[digits] == '\0'
           && strtoul(value, NULL, 10) >= number->min;
}

static bool is_fitting_number(
    const struct number *numbers, size_t count, const struct wbh_option *option) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(option->name, numbers[i].name) == 0) {
            return fits(&numbers[i], option->value);
        }
    }
    return false;
}

bool fit_http_option(struct wbh_option *option) {
    if (strcmp(option->name, "keep-alive") == 0) {
        option->value = strcmp(option->value, "off") == 0 ? "off" : "on";
        return true;
    }
    return is_fitting_number(of_servers, sizeof of_servers / sizeof of_servers[0], option);
}

/* Where fitted peers listen. */
static bool names_a_peer(const char *url) {
    static const char place[] = FIT_HTTP_PLACE;
    return strncmp(url, place, sizeof place - 1) == 0;
}

bool fit_http_get_option(struct wbh_option *option) {
    if (strcmp(option->name, "url") == 0) {
        if (!names_a_peer(option->value)) {
            option->value = FIT_HTTP_PLACE;
        }
        return true;
    }
    if (strcmp(option->name, "data") == 0) {
        return option->value[0] != '\0';
    }
    return is_fitting_number(of_http_get, sizeof of_http_get / sizeof of_http_get[0], option);
}
