/* What is not a scenario: for the text as a whole, its statements and their names the place, the
 * words found, what was expected and the hint. Of steps and faults say parse_step_error_test.c and
 * parse_fault_error_test.c. */
#include "broken.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void error_whole_text_is_not_a_scenario(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {"", "t.scn:1:1: found the end of the file, expected scenario \"title\""},
        {"# nothing\n\n", "t.scn:3:1: found the end of the file, expected scenario \"title\""},
        {"program p\n",
            "t.scn:1:1: found 'program', expected scenario \"title\" as the first statement"},
        {"scenario \"t\"\nverdict ok\n",
            "t.scn:3:1: found the end of the file, expected a line that says which program runs: "
            "program NAME"},
        {"scenario \"t\"\nverdict ok",
            "t.scn:2:11: found the end of the file, expected a line that says which program runs: "
            "program NAME"},
    };
    BROKEN_CHECK(cases);
}

static void error_statement_is_unknown_or_misplaced(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {HEAD "pear alice\n", "t.scn:3:1: found 'pear', expected a statement: program, host, link, "
                              "at, file, expect, faults, peer, "
                              "fault or "
                              "verdict (did you mean 'peer'?)"},
        {HEAD "send \"x\"\n", "t.scn:3:1: found 'send', expected a statement: program, host, link, "
                              "at, file, expect, faults, peer, "
                              "fault or "
                              "verdict"},
        {HEAD "  verdict ok\n",
            "t.scn:3:3: found 'verdict', expected a statement, in the first column (only the steps "
            "of a peer are indented)"},
        {PEER "  close\nverdict ok\n  close\n",
            "t.scn:6:3: found 'close', expected a statement, in the first column (only the steps "
            "of a peer are indented)"},
        {HEAD "\"x\"\n", "t.scn:3:1: found '\"x\"', expected a statement: program, host, link, at, "
                         "file, expect, "
                         "faults, peer, "
                         "fault or "
                         "verdict"},
    };
    BROKEN_CHECK(cases);
}

static void error_statement_is_given_twice(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {HEAD "scenario \"u\"\n",
            "t.scn:3:1: found 'scenario', expected this statement once only (the title stands in "
            "line 1 already)"},
        {HEAD "host calls=1\nhost calls=2\n",
            "t.scn:4:1: found 'host', expected this statement once only (the host stands in line 3 "
            "already)"},
        {HEAD "faults none\nfaults none\n",
            "t.scn:4:1: found 'faults', expected this statement once only (the profile stands in "
            "line 3 already)"},
        {HEAD "verdict ok\nverdict ok\n",
            "t.scn:4:1: found 'verdict', expected this statement once only (the verdict stands in "
            "line 3 already)"},
        {PEER "peer alice\n",
            "t.scn:4:6: found 'alice', expected a name no other peer has (there is a peer alice in "
            "line 3)"},
    };
    BROKEN_CHECK(cases);
}

static void error_world_is_malformed(void **state) {
    (void)state;
#define SERVER HEAD "host server address=10.0.0.1\n"
    static const struct broken cases[] = {
        {HEAD "program p\n",
            "t.scn:3:9: found 'p', expected a name no other program has (give it one of its own, "
            "as in program p as second)"},
        {HEAD "program q as p\n",
            "t.scn:3:14: found 'p', expected a name no other program has (give it one of its own, "
            "as in program q as second)"},
        {HEAD "program q as listener\n",
            "t.scn:3:14: found 'listener', expected a name that means nothing yet (none, listener "
            "and local1, local2 ... have a meaning in fault lines)"},
        {HEAD "program q as P\n",
            "t.scn:3:14: found 'P', expected a name for the program: a small letter, then small "
            "letters, digits and '_', at most 31 in all"},
        {HEAD "program q on mars\n",
            "t.scn:3:14: found 'mars', expected the name of a host of this scenario (write host "
            "NAME address=10.0.0.1 to have one)"},
        {HEAD "host server fd-limit=9\n",
            "t.scn:3:6: found 'server', expected a host with an address (write host server "
            "address=10.0.0.1)"},
        {HEAD "host server address=127.0.0.1\n",
            "t.scn:3:21: found '127.0.0.1', expected the address of a host, as in 10.0.0.1 or "
            "2001:db8::1, no loopback and no group"},
        {HEAD "host server address=239.1.2.3\n",
            "t.scn:3:21: found '239.1.2.3', expected the address of a host, as in 10.0.0.1 or "
            "2001:db8::1, no loopback and no group"},
        {HEAD "host server address=\"10.0.0.1\"\n",
            "t.scn:3:21: found '\"10.0.0.1\"', expected the address of a host, as in 10.0.0.1 or "
            "2001:db8::1, no loopback and no group"},
        {SERVER "host b address=10.0.0.2\nlink server b loss=5%\nlink b server loss=6%\n",
            "t.scn:6:6: found 'b', expected each link once only (line 5 is about the same ends)"},
        {SERVER "link server loss=5%\nlink server latency=1ms\n",
            "t.scn:5:6: found 'server', expected each link once only (line 4 is about the same "
            "ends)"},
        {SERVER "host b address=10.0.0.1\n",
            "t.scn:4:16: found '10.0.0.1', expected an address that no other host has"},
        {SERVER "host server address=10.0.0.2\n",
            "t.scn:4:6: found 'server', expected a name that no host has (there is a host server "
            "in line 3)"},
        {PEER "host alice address=10.0.0.1\n",
            "t.scn:4:6: found 'alice', expected a name that no peer has (there is a peer alice in "
            "line 3)"},
        {HEAD "host server address=10.0.0.1 calls=9\n",
            "t.scn:3:30: found 'calls', expected address=, fd-limit=, send-buffer=, recv-buffer= "
            "or memory= (calls is for the whole run: it stands in the host line without a name)"},
        {SERVER "link latency=5ms\n",
            "t.scn:4:6: found 'latency=5ms', expected the name of a host or a peer"},
        {SERVER "link server\n",
            "t.scn:4:12: found the end of the line, expected latency=, jitter=, bandwidth= or "
            "loss="},
        {SERVER "link server server loss=5%\n", "t.scn:4:13: found 'server', expected another end"},
        {SERVER "link server mars loss=5%\n",
            "t.scn:4:13: found 'mars', expected the name of a host or a peer of this scenario"},
        {SERVER "link server loss=5\n", "t.scn:4:18: found '5', expected a percentage, as in 5%"},
        {SERVER "link server loss=91%\n",
            "t.scn:4:18: found '91', expected a percentage from 1 to 90"},
        {SERVER "link server latncy=1ms\n",
            "t.scn:4:13: found 'latncy', expected latency=, jitter=, bandwidth= or loss= (did you "
            "mean 'latency'?)"},
        {HEAD "at 5ms explode p\n",
            "t.scn:3:8: found 'explode', expected what happens: crash, restart, partition or heal"},
        {HEAD "at 5ms crash q\n",
            "t.scn:3:14: found 'q', expected the name of a program of this scenario (the first is "
            "p)"},
        {HEAD "at 5ms partition\n",
            "t.scn:3:17: found the end of the line, expected the name of a host or a peer"},
        {HEAD "at soon heal\n",
            "t.scn:3:4: found 'soon', expected a time: a number and ns, us, ms or "
            "s, as in 10ms"},
        {PEER "  connect q\n",
            "t.scn:4:11: found 'q', expected the name of a program of this scenario (the first is "
            "p)"},
        {HEAD "fault p.run 1 order 1\n",
            "t.scn:3:7: found 'p.run', expected the point alone (run belongs to all programs)"},
    };
    BROKEN_CHECK(cases);
#undef SERVER
}

static void error_title_or_program_is_malformed(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {"scenario\n",
            "t.scn:1:9: found the end of the line, expected the title in quotes, as in scenario "
            "\"a split line is echoed once\""},
        {"scenario t\n",
            "t.scn:1:10: found 't', expected the title in quotes, as in scenario \"a split line is "
            "echoed once\""},
        {"scenario \"a\\0b\"\n", "t.scn:1:10: found '\"a\\0b\"', expected a title without a NUL"},
        {"scenario \"t\" more\n", "t.scn:1:14: found 'more', expected the end of the line"},
        {"scenario \"t\"\nprogram\n",
            "t.scn:2:8: found the end of the line, expected the name of a program: a small letter, "
            "then small letters, digits and '_'"},
        {"scenario \"t\"\nprogram Ping-Pong\n",
            "t.scn:2:9: found 'Ping-Pong', expected the name of a program: a small letter, then "
            "small letters, digits and '_'"},
        {"scenario \"t\"\nprogram p Edge\n",
            "t.scn:2:11: found 'Edge', expected an option's name: a small letter, then small "
            "letters, digits and '-'"},
        {"scenario \"t\"\nprogram p \"x\"\n",
            "t.scn:2:11: found '\"x\"', expected an option as name=value, as in trigger=edge, or a "
            "flag by its name"},
        {"scenario \"t\"\nprogram p a=b a\n",
            "t.scn:2:15: found 'a', expected each option once only"},
        {"scenario \"t\"\nprogram p --a=b\n",
            "t.scn:2:11: found '--a', expected an option's name: a small letter, then small "
            "letters, digits and '-' (options stand here without their dashes)"},
        {"scenario \"t\"\nprogram p on far as server\n",
            "t.scn:2:18: found 'as', expected an option, as in trigger=edge (before all options "
            "stand as LABEL, then on HOST)"},
        {"scenario \"t\"\nprogram p a=b on far\n",
            "t.scn:2:15: found 'on', expected an option, as in trigger=edge (before all options "
            "stand as LABEL, then on HOST)"},
        {"scenario \"t\"\nprogram p a=\n",
            "t.scn:2:13: found the end of the line, expected an option's value: printable "
            "characters without blanks, quotes and '#'"},
        {"scenario \"t\"\nprogram p a=b a=c\n",
            "t.scn:2:15: found 'a', expected each option once only"},
        {"scenario \"t\"\nprogram p a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1 j=1 k=1 l=1 m=1 n=1 o=1 "
         "p=1 q=1\n",
            "t.scn:2:75: found 'q=1', expected at most 16 options"},
    };
    BROKEN_CHECK(cases);
}

static void error_host_is_malformed(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {HEAD "host\n",
            "t.scn:3:5: found the end of the line, expected fd-limit=, send-buffer=, recv-buffer=, "
            "memory=, calls=, time= or flavour="},
        {HEAD "host fd-limt=3\n",
            "t.scn:3:6: found 'fd-limt', expected fd-limit=, send-buffer=, recv-buffer=, memory=, "
            "calls=, time= or flavour= (did you mean 'fd-limit'?)"},
        {HEAD "host memory\n",
            "t.scn:3:6: found 'memory', expected fd-limit=, send-buffer=, recv-buffer=, memory=, "
            "calls=, time= or flavour= (memory needs a value)"},
        {HEAD "host fd-limit=3\n", "t.scn:3:15: found '3', expected fd-limit from 4 to 1048576"},
        {HEAD "host calls=1 calls=2\n",
            "t.scn:3:14: found 'calls', expected each property once only"},
        {HEAD "host time=10\n",
            "t.scn:3:11: found '10', expected a time: a number and ns, us, ms or s, as in 10ms (a "
            "time needs its unit: 10ms?)"},
        {HEAD "host flavour=no-rdhup,edge\n",
            "t.scn:3:23: found 'edge', expected flavours, joined by commas: edge-per-transition, "
            "no-rdhup, split-reports, emulated-edge"},
        {HEAD "host flavour=no-rdhub\n",
            "t.scn:3:14: found 'no-rdhub', expected flavours, joined by commas: "
            "edge-per-transition, no-rdhup, split-reports, emulated-edge (did you mean "
            "'no-rdhup'?)"},
    };
    BROKEN_CHECK(cases);
}

static void error_profile_or_verdict_is_malformed(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {HEAD "faults hostil\n",
            "t.scn:3:8: found 'hostil', expected a profile: none, gentle, hostile or failing (did "
            "you mean 'hostile'?)"},
        {HEAD "faults\n",
            "t.scn:3:7: found the end of the line, expected a profile: none, gentle, hostile or "
            "failing"},
        {HEAD "faults hostile 7\n",
            "t.scn:3:16: found '7', expected seed=NUMBER or the end of the line"},
        {HEAD "faults hostile seed=-7\n",
            "t.scn:3:21: found '-7', expected a seed from 0 to 18446744073709551615"},
        {HEAD "faults hostile seed=18446744073709551616\n",
            "t.scn:3:21: found '18446744073709551616', expected a seed from 0 to "
            "18446744073709551615"},
        {HEAD "verdict hangs\n",
            "t.scn:3:9: found 'hangs', expected a verdict: ok, crash, hang, spin, divergence, "
            "protocol, leak, misuse or limit (did you mean 'hang'?)"},
        {HEAD "verdict ok now\n", "t.scn:3:12: found 'now', expected the end of the line"},
    };
    BROKEN_CHECK(cases);
}

/* Names are a scenario's own, and as easily mistyped as words. */
static void error_name_that_nobody_has_is_near_to_one(void **state) {
    (void)state;
#define WORLD                                                                                      \
    "scenario \"t\"\nprogram ping_pong as server\nhost northern address=10.0.0.1\n"                \
    "peer alice\n  close\n"
    static const struct broken cases[] = {
        {WORLD "peer bob\n  after alcie\n",
            "t.scn:7:9: found 'alcie', expected the name of a peer of this scenario (did you mean "
            "'alice'?)"},
        {WORLD "fault alic.recv 1 short 1\n",
            "t.scn:6:7: found 'alic', expected the name of a peer of this scenario (did you mean "
            "'alice'?)"},
        {WORLD "peer bob on nothern\n",
            "t.scn:6:13: found 'nothern', expected the name of a host of this scenario (did you "
            "mean 'northern'?)"},
        {WORLD "peer bob on south\n",
            "t.scn:6:13: found 'south', expected the name of a host of this scenario (write host "
            "NAME address=10.0.0.1 to have one)"},
        {WORLD "link norhtern loss=5%\n",
            "t.scn:6:6: found 'norhtern', expected the name of a host or a peer of this scenario "
            "(did you mean 'northern'?)"},
        {WORLD "at 1s partition northern alicee\n",
            "t.scn:6:26: found 'alicee', expected the name of a host or a peer of this scenario "
            "(did you mean 'alice'?)"},
        {WORLD "at 1s crash sever\n",
            "t.scn:6:13: found 'sever', expected the name of a program of this scenario (did you "
            "mean 'server'?)"},
        {WORLD "at 1s crash ping_pong\n",
            "t.scn:6:13: found 'ping_pong', expected the name of a program of this scenario (the "
            "first is server)"},
        {WORLD "fault servr#2.switch 1 order 1\n",
            "t.scn:6:7: found 'servr', expected the name of a program of this scenario (did you "
            "mean 'server'?)"},
        {WORLD "fault servr.accept 1 would-block\n",
            "t.scn:6:7: found 'servr', expected the name of a program of this scenario (did you "
            "mean 'server'?)"},
        {WORLD "file \"/a\" on norther \"x\"\n",
            "t.scn:6:14: found 'norther', expected the name of a host of this scenario (did you "
            "mean 'northern'?)"},
    };
    BROKEN_CHECK(cases);
#undef WORLD
}

static void error_word_of_a_set_is_given_twice(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {HEAD "host flavour=no-rdhup,no-rdhup\n",
            "t.scn:3:23: found 'no-rdhup', expected each word once only"},
        {HEAD "host flavour=no-rdhup,split-reports,no-rdhup\n",
            "t.scn:3:37: found 'no-rdhup', expected each word once only"},
        {HEAD "fault wait 1 spurious listener readable,readable\n",
            "t.scn:3:41: found 'readable', expected each word once only"},
    };
    BROKEN_CHECK(cases);
}

static void assert_too_many(const char *line, unsigned max, const char *message) {
    const size_t line_len = strlen(line) + 8;
    char *text = malloc(strlen(PEER) + line_len * (max + 1));
    assert_non_null(text);
    size_t len = (size_t)sprintf(text, "%s", PEER);
    for (unsigned i = 1; i <= max + 1; i++) {
        len += (size_t)sprintf(text + len, line, i);
    }
    const struct broken last = {text, message};
    broken_check(&last, 1);
    while (text[--len - 1] != '\n') {
    }
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, len, &error);
    assert_non_null(scenario); /* one fewer is a scenario */
    wbh_scenario_destroy(scenario);
    free(text);
}

static void error_too_many_of_a_kind(void **state) {
    (void)state;
    assert_too_many("  close # %u\n", WBH_STEPS_MAX,
        "t.scn:260:3: found 'close', expected at most 256 steps of a peer");
    assert_too_many(
        "peer p%u\n", WBH_PEERS_MAX - 1, "t.scn:67:1: found 'peer', expected at most 64 peers");
    assert_too_many("fault wait %u separate\n", WBH_FAULTS_MAX,
        "t.scn:4100:7: found 'wait', expected at most 4096 faults");
}

/* Lines count from 1 whatever they hold, columns in bytes; a carriage return is a blank. */
static void error_place_counts_comments_blank_lines_and_crlf(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {"# caf\xc3\xa9\r\n\r\nscenario \"t\" # title\r\n\t\r\nprogram p\r\n\r\n   verdict ok\r\n",
            "t.scn:7:4: found 'verdict', expected a statement, in the first column (only the steps "
            "of a peer are indented)"},
        {HEAD "verdict # none yet\n",
            "t.scn:3:8: found the end of the line, expected a verdict: ok, crash, hang, spin, "
            "divergence, protocol, leak, misuse or limit"},
        {PEER "\tclose\n\tclsoe\n",
            "t.scn:5:2: found 'clsoe', expected a step: connect, listen, accept, send, expect, "
            "sleep, after, half-close, close, reset, read, buffers, signal, bind, pass, "
            "http-request or http-response (did you "
            "mean "
            "'close'?)"},
        {PEER "  0123456789012345678901234567890123456789012345678901234567890\n",
            "t.scn:4:3: found '0123456789012345678901234567890123456789...', expected a step: "
            "connect, listen, accept, send, expect, sleep, after, half-close, close, reset, read, "
            "buffers, signal, bind, pass, http-request or http-response"},
    };
    BROKEN_CHECK(cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_whole_text_is_not_a_scenario),
        cmocka_unit_test(error_statement_is_unknown_or_misplaced),
        cmocka_unit_test(error_statement_is_given_twice),
        cmocka_unit_test(error_world_is_malformed),
        cmocka_unit_test(error_title_or_program_is_malformed),
        cmocka_unit_test(error_host_is_malformed),
        cmocka_unit_test(error_profile_or_verdict_is_malformed),
        cmocka_unit_test(error_name_that_nobody_has_is_near_to_one),
        cmocka_unit_test(error_word_of_a_set_is_given_twice),
        cmocka_unit_test(error_too_many_of_a_kind),
        cmocka_unit_test(error_place_counts_comments_blank_lines_and_crlf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
