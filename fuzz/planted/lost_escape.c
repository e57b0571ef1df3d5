/* A planted bug for fuzz_scenario_parse: a literal is printed without the backslash of an escaped
 * quotation mark, so that the text ends there. wbh_scenario_print is called by way of this (ld
 * --wrap). */
#include <string.h>

#include "wouldblock/scenario.h"

char *__real_wbh_scenario_print(const struct wbh_scenario *scenario, size_t *out_len);
char *__wrap_wbh_scenario_print(const struct wbh_scenario *scenario, size_t *out_len);

char *__wrap_wbh_scenario_print(const struct wbh_scenario *scenario, size_t *out_len) {
    char *text = __real_wbh_scenario_print(scenario, out_len);
    char *escape = text != NULL ? strstr(text, "\\\"") : NULL;
    if (escape != NULL) {
        memmove(escape, escape + 1, *out_len - (size_t)(escape - text));
        *out_len -= 1;
    }
    return text;
}
