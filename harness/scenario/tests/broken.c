/* Checking texts that are not scenarios, one after the other. */
#include "broken.h"

#include <string.h>

void broken_check(const struct broken *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct wbh_parse_error error;
        struct wbh_scenario *scenario =
            wbh_scenario_parse(cases[i].text, strlen(cases[i].text), &error);
        if (scenario != NULL) {
            wbh_scenario_destroy(scenario);
            fail_msg("parsed: %s", cases[i].text);
        }
        char message[512];
        int len = wbh_parse_error_format(&error, "t.scn", message, sizeof message);
        assert_in_range(len, 1, sizeof message - 1);
        assert_string_equal(message, cases[i].message);
    }
}
