/* The verb `list`: what there is, by the words that scenarios and options use. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/suggest.h"
#include "fuzz_targets.h"
#include "report/report.h"
#include "wouldblock/run.h"

/* One line of a list. */
struct item {
    const char *name;
    const char *text;
    const char *more; /* a third column; NULL: none */
};

/* Receives the items of a list, one at a time. */
struct sink {
    json_t *array; /* NULL: print */
    const char *more_key;
    int name_width;
    int failed;
};

static void put(struct sink *sink, const struct item *item) {
    if (sink->array == NULL) {
        printf("  %-*s  %s", sink->name_width, item->name, item->text);
        if (item->more != NULL && *item->more != '\0') {
            printf(" (%s)", item->more);
        }
        putchar('\n');
        return;
    }
    json_t *object = json_object();
    int rc = wbh_report_json_set(object, "name", json_string(item->name));
    rc |= wbh_report_json_set(object, "summary", json_string(item->text));
    if (item->more != NULL) {
        rc |= wbh_report_json_set(object, sink->more_key, json_string(item->more));
    }
    sink->failed |= rc != 0 || json_array_append_new(sink->array, object) != 0;
}

static void put_all(struct sink *sink, const struct item *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        put(sink, &items[i]);
    }
}

static void list_programs(struct sink *sink) {
    size_t count = 0;
    const struct wbh_program *programs = wbh_programs(&count);
    for (size_t i = 0; i < count; i++) {
        char options[256];
        cli_program_options(&programs[i], options, sizeof options);
        put(sink, &(struct item){programs[i].name, programs[i].summary, options});
    }
}

/* "alice.recv" for a point of a connection, "wait" for others; then what may happen there. */
static void list_faults(struct sink *sink) {
    static const char *const whats[] = {
#define POINT_WHAT(enumerator, text, per_connection, what) what,
        WBH_POINT_TABLE(POINT_WHAT)
#undef POINT_WHAT
    };
    for (unsigned point = 0; point < WBH_POINT_COUNT; point++) {
        char actions[256] = "";
        size_t len = 0;
        for (unsigned action = 0; action < WBH_ACTION_COUNT; action++) {
            if ((wbh_point_actions((enum wbh_point)point) & WBH_ACTION_BIT(action)) == 0) {
                continue;
            }
            int added = snprintf(actions + len, sizeof actions - len, "%s%s", len == 0 ? "" : ", ",
                wbh_action_name((enum wbh_action)action));
            if (added < 0 || len + (size_t)added >= sizeof actions) {
                break;
            }
            len += (size_t)added;
        }
        put(sink, &(struct item){wbh_point_name((enum wbh_point)point), whats[point], actions});
    }
}

static void list_actions(struct sink *sink) {
    static const struct item items[] = {
#define ACTION_ITEM(enumerator, text, argument, what) {text, what, NULL},
        WBH_ACTION_TABLE(ACTION_ITEM)
#undef ACTION_ITEM
    };
    static const char *const arguments[] = {
        [WBH_ARGUMENT_NONE] = "",
        [WBH_ARGUMENT_COUNT] = "a number",
        [WBH_ARGUMENT_TIME] = "a time: 5ms",
        [WBH_ARGUMENT_ERRNO] = "an error: ECONNRESET",
        [WBH_ARGUMENT_EVENTS] = "a connection and events: alice readable,writable",
    };
    for (unsigned i = 1; i < sizeof items / sizeof items[0]; i++) {
        enum wbh_argument argument = wbh_action_argument((enum wbh_action)i);
        put(sink, &(struct item){items[i].name, items[i].text, arguments[argument]});
    }
}

static void list_profiles(struct sink *sink) {
    for (size_t i = 0; i < wbh_profile_count(); i++) {
        const struct wbh_profile *profile = wbh_profile_nth(i);
        put(sink, &(struct item){profile->name, profile->summary, NULL});
    }
}

static void list_oracles(struct sink *sink) {
    const struct wbh_oracle_info *info;
    for (size_t i = 0; (info = wbh_oracle_nth(i)) != NULL; i++) {
        put(sink, &(struct item){info->name, info->summary, wbh_verdict_name(info->verdict)});
    }
}

static void list_steps(struct sink *sink) {
    static const struct item items[] = {
#define STEP_ITEM(name, word, what) {word, what, NULL},
        WBH_STEP_TABLE(STEP_ITEM)
#undef STEP_ITEM
    };
    put_all(sink, items, sizeof items / sizeof items[0]);
}

static void list_host_properties(struct sink *sink) {
    static const struct item items[] = {
#define HOST_ITEM(field, word, least, most, is_time, what) {word, what, NULL},
        WBH_HOST_TABLE(HOST_ITEM)
#undef HOST_ITEM
            {"flavour", "what its readiness interface is like, where that is not Linux's", NULL},
        {"address", "of a host with a name: one to four, joined by commas", NULL},
    };
    put_all(sink, items, sizeof items / sizeof items[0]);
}

static void list_flavours(struct sink *sink) {
    static const struct item items[] = {
#define FLAVOUR_ITEM(word, what) {word, what, NULL},
        WBH_FLAVOUR_TABLE(FLAVOUR_ITEM)
#undef FLAVOUR_ITEM
    };
    put_all(sink, items, sizeof items / sizeof items[0]);
}

static void list_link_properties(struct sink *sink) {
    static const struct item items[] = {
#define LINK_ITEM(word, what) {#word, what, NULL},
        WBH_LINK_TABLE(LINK_ITEM)
#undef LINK_ITEM
    };
    put_all(sink, items, sizeof items / sizeof items[0]);
}

static void list_moments(struct sink *sink) {
    static const struct item items[] = {
#define MOMENT_ITEM(name, word, what) {word, what, NULL},
        WBH_MOMENT_TABLE(MOMENT_ITEM)
#undef MOMENT_ITEM
    };
    put_all(sink, items, sizeof items / sizeof items[0]);
}

static void list_verdicts(struct sink *sink) {
    static const struct item items[] = {
#define VERDICT_ITEM(name, word, what) {word, what, NULL},
        WBH_VERDICT_TABLE(VERDICT_ITEM)
#undef VERDICT_ITEM
    };
    put_all(sink, items, sizeof items / sizeof items[0]);
}

static void list_fuzz_targets(struct sink *sink) {
    static const struct item items[] = {
#define TARGET_ITEM(name, kind, what) {name, what, kind},
        WBH_FUZZ_TARGET_TABLE(TARGET_ITEM)
#undef TARGET_ITEM
    };
    sink->name_width = 28;
    put_all(sink, items, sizeof items / sizeof items[0]);
}

/* What the user may ask for. The faults are two lists: where, and what; so are hosts. */
static const struct {
    const char *topic;
    const char *list;
    const char *heading;
    const char *more_key;
    void (*fill)(struct sink *sink);
} lists[] = {
    {"programs", "programs", "programs under test (and their options)", "options", list_programs},
    {"faults", "points", "where a fault may strike (and what may happen there)", "actions",
        list_faults},
    {"faults", "actions", "what a fault does (and its argument)", "argument", list_actions},
    {"profiles", "profiles", "profiles: how many faults a seed brings", NULL, list_profiles},
    {"oracles", "oracles", "oracles: what is objected to (and the verdict)", "verdict",
        list_oracles},
    {"steps", "steps", "steps of a peer", NULL, list_steps},
    {"hosts", "host_properties", "properties of a host", NULL, list_host_properties},
    {"hosts", "flavours", "flavours of a host", NULL, list_flavours},
    {"links", "link_properties", "properties of a link", NULL, list_link_properties},
    {"moments", "moments", "what may happen at a time of its own (at 2s ...)", NULL, list_moments},
    {"verdicts", "verdicts", "verdicts", NULL, list_verdicts},
    {"fuzz", "fuzz_targets",
        "fuzz targets: what they hold the code to (canary, planted: must be found within seconds)",
        "kind", list_fuzz_targets},
};

enum { LIST_COUNT = sizeof lists / sizeof lists[0] };

static int print_lists(const char *topic) {
    int is_first = 1;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (topic != NULL && strcmp(topic, lists[i].topic) != 0) {
            continue;
        }
        printf("%s%s\n", is_first ? "" : "\n", lists[i].heading);
        struct sink sink = {.name_width = 20};
        lists[i].fill(&sink);
        is_first = 0;
    }
    return CLI_OK;
}

static int print_json(const char *topic) {
    struct wbh_text text = {0};
    json_t *document = json_object();
    int rc = wbh_report_json_set(document, "format", json_string("wouldblock-list"));
    rc |= wbh_report_json_set(document, "version", json_integer(1));
    for (size_t i = 0; i < LIST_COUNT; i++) {
        if (topic != NULL && strcmp(topic, lists[i].topic) != 0) {
            continue;
        }
        struct sink sink = {.array = json_array(), .more_key = lists[i].more_key};
        lists[i].fill(&sink);
        rc |= wbh_report_json_set(document, lists[i].list, sink.array);
        rc |= sink.failed;
    }
    if (rc == 0) {
        wbh_report_json_print(document, &text);
    }
    json_decref(document);
    int status = rc != 0 || text.failed ? cli_error("list: out of memory")
                                        : cli_write_stdout(text.bytes, text.len);
    wbh_text_clean_up(&text);
    return status;
}

static int complain_of_topic(const char *topic) {
    char hint[128];
    struct cli_suggestion suggestion = {.wanted = topic};
    for (size_t i = 0; i < LIST_COUNT; i++) {
        cli_suggest(&suggestion, lists[i].topic);
    }
    const char *text = cli_suggestion_text(&suggestion, hint, sizeof hint);
    return cli_error("list: nothing is called '%s'%s", topic,
        *text != '\0' ? text : "; 'wouldblock list --help' shows what there is");
}

int cli_list(int argc, char **argv) {
    int json = 0;
    const struct cli_option options[] = {
        {.name = "json", .flag = &json, .help = "print as JSON"},
    };
    const struct cli_usage usage = {
        .verb = "list",
        .arguments = "[TOPIC] [--json]",
        .text = "Lists what scenarios and options may name, and the fuzz targets of "
                "scripts/campaign; all\n"
                "of it, if nothing is named. Topics: programs, faults, profiles, oracles, steps, "
                "hosts,\n"
                "links, moments, verdicts, fuzz.\n",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
    };
    int operand_count = 0;
    enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operand_count);
    if (parsed != CLI_PARSED) {
        return cli_parsed_status(parsed);
    }
    if (operand_count > 1) {
        return cli_error("list: expected one topic, found %d", operand_count);
    }
    const char *topic = operand_count == 1 ? argv[1] : NULL;
    size_t i = 0;
    while (topic != NULL && i < LIST_COUNT && strcmp(topic, lists[i].topic) != 0) {
        i++;
    }
    if (i == LIST_COUNT) {
        return complain_of_topic(topic);
    }
    return json ? print_json(topic) : print_lists(topic);
}
