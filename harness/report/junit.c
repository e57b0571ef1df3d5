/* Writes JUnit XML. */
#include "report/junit.h"

#include <string.h>

/* XML 1.0, section 2.2: of the control characters only tab and the line ends are characters. */
static void add_byte(struct wbh_text *out, unsigned char byte) {
    switch (byte) {
    case '<':
        wbh_text_add(out, "&lt;");
        return;
    case '>':
        wbh_text_add(out, "&gt;");
        return;
    case '&':
        wbh_text_add(out, "&amp;");
        return;
    case '"':
        wbh_text_add(out, "&quot;");
        return;
    case '\n':
        wbh_text_add(out, "&#10;");
        return;
    default:
        break;
    }
    if (byte >= 0x20 && byte < 0x7f) {
        wbh_text_append(out, (const char *)&byte, 1);
    } else {
        wbh_text_escape(out, &byte, 1, 1);
    }
}

static void add_attribute(struct wbh_text *out, const char *name, const char *value) {
    wbh_text_format(out, " %s=\"", name);
    for (const char *at = value; *at != '\0'; at++) {
        add_byte(out, (unsigned char)*at);
    }
    wbh_text_add(out, "\"");
}

static void add_content(struct wbh_text *out, const char *content) {
    for (const char *at = content; *at != '\0'; at++) {
        if (*at == '\n') {
            wbh_text_add(out, "\n");
        } else {
            add_byte(out, (unsigned char)*at);
        }
    }
}

static void add_case(struct wbh_text *out, const struct wbh_junit_case *test) {
    wbh_text_add(out, "    <testcase");
    add_attribute(out, "classname", test->group);
    add_attribute(out, "name", test->name);
    if (test->failure == NULL && test->note == NULL) {
        wbh_text_add(out, "/>\n");
        return;
    }
    wbh_text_add(out, ">\n");
    if (test->failure != NULL) {
        wbh_text_add(out, "      <failure");
        add_attribute(out, "type", test->type);
        add_attribute(out, "message", test->failure);
        wbh_text_add(out, ">");
        add_content(out, test->body);
        wbh_text_add(out, "</failure>\n");
    }
    if (test->note != NULL) {
        wbh_text_add(out, "      <system-out>");
        add_content(out, test->note);
        wbh_text_add(out, "</system-out>\n");
    }
    wbh_text_add(out, "    </testcase>\n");
}

void wbh_junit_print(const char *suite, const struct wbh_junit_case *cases, size_t case_count,
    struct wbh_text *out) {
    size_t failure_count = 0;
    for (size_t i = 0; i < case_count; i++) {
        failure_count += cases[i].failure != NULL;
    }
    wbh_text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    add_attribute(out, "name", suite);
    wbh_text_format(
        out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", case_count, failure_count);
    for (size_t i = 0; i < case_count; i++) {
        add_case(out, &cases[i]);
    }
    wbh_text_add(out, "  </testsuite>\n</testsuites>\n");
}
