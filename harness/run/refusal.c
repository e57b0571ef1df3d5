/* A program that refuses its arguments: the scenario is wrong, and nothing was judged. Which values
 * an option takes is known to the program alone, so it is asked by being run. */
#include "run/check.h"

#include <string.h>

/* By custom; the built-in programs keep to it. */
enum { EXIT_USAGE = 2, STANDARD_ERROR = 2 };

void wbh_refusal_begin(struct wbh_refusal *refusal) {
    refusal->role = NULL;
    refusal->said[0] = '\0';
}

void wbh_refusal_on_console(struct wbh_refusal *refusal, int fd, const void *data, size_t len) {
    if (fd != STANDARD_ERROR || refusal->role != NULL) {
        return;
    }
    const char *text = data;
    size_t end = 0;
    while (end < len && end < sizeof(refusal->said) - 1 && text[end] >= ' ') {
        end++;
    }
    memcpy(refusal->said, text, end);
    refusal->said[end] = '\0';
}

/* Arguments come first: who has connected, watched or started anything has taken them, and so has
 * who was refused something. */
static bool has_begun(const struct wbh_judge *judge) {
    const struct wbh_ledger *ledger = &judge->ledger;
    return ledger->conn_count != 0 || ledger->reg_count != 0 || ledger->dialled || ledger->threads
           || ledger->starved || ledger->failure.step != 0 || judge->began_again;
}

/* It says what is wrong and begins with its own name; what follows that, otherwise NULL. */
static const char *reason(const struct wbh_refusal *refusal, const struct wbh_role *role) {
    size_t len = strlen(role->program.name);
    bool is_its_own =
        strncmp(refusal->said, role->program.name, len) == 0 && refusal->said[len] == ':';
    return is_its_own ? refusal->said + len : NULL;
}

void wbh_refusal_on_exit(
    struct wbh_refusal *refusal, const struct wbh_role *role, int exit_status) {
    if (refusal->role == NULL && exit_status == EXIT_USAGE && reason(refusal, role) != NULL
        && !has_begun(&role->judge) && !role->judge.config.budget_is_arbitrary) {
        refusal->role = role;
    }
}

int wbh_refusal_tell(const struct wbh_refusal *refusal, const struct wbh_scenario *scenario,
    char *error, size_t error_len) {
    if (refusal->role == NULL) {
        return 0;
    }
    const struct wbh_checker checker = {.error = error, .error_len = error_len};
    const struct wbh_cast cast = wbh_scenario_program(scenario, refusal->role->number);
    return wbh_check_failed(&checker, cast.line, "the program %s does not take its options%s",
        refusal->role->program.name, reason(refusal, refusal->role));
}
