/* JUnit XML, as continuous-integration servers read it. Well-formed for any bytes: what XML cannot
 * carry is escaped. No times: a report of the same runs is the same file. */
#ifndef WBH_REPORT_JUNIT_H
#define WBH_REPORT_JUNIT_H

#include <stddef.h>

#include "report/text.h"

struct wbh_junit_case {
    const char *group; /* classname */
    const char *name;
    const char *failure; /* NULL: passed; otherwise one line */
    const char *type;    /* of the failure: the verdict */
    const char *body;    /* of the failure; may have several lines */
    const char *note;    /* NULL: nothing; otherwise lines worth knowing, whatever came of it */
};

void wbh_junit_print(
    const char *suite, const struct wbh_junit_case *cases, size_t case_count, struct wbh_text *out);

#endif
