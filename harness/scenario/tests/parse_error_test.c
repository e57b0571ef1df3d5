/* What is not a scenario: for each rule of the grammar the place, the words found, what was
 * expected and the hint, exactly as a person reads them. */
#include "wouldblock/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD "scenario \"t\"\nprogram p\n"
#define PEER HEAD "peer alice\n"

struct broken {
    const char *text;
    const char *message;
};

static void check(const struct broken *cases, size_t count) {
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

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

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
    CHECK(cases);
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
    CHECK(cases);
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
    CHECK(cases);
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
    CHECK(cases);
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
    CHECK(cases);
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
    CHECK(cases);
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
    CHECK(cases);
}

static void error_peer_name_is_not_one(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {HEAD "peer\n",
            "t.scn:3:5: found the end of the line, expected a peer's name: a small letter, then "
            "small letters, digits and '_', at most 31 in all"},
        {HEAD "peer Alice\n",
            "t.scn:3:6: found 'Alice', expected a peer's name: a small letter, then small letters, "
            "digits and '_', at most 31 in all"},
        {HEAD "peer a234567890123456789012345678901x\n",
            "t.scn:3:6: found 'a234567890123456789012345678901x', expected a peer's name: a small "
            "letter, then small letters, digits and '_', at most 31 in all"},
        {HEAD "peer local2\n",
            "t.scn:3:6: found 'local2', expected a name that means nothing yet (none, listener and "
            "local1, local2 ... have a meaning in fault lines)"},
        {HEAD "peer listener\n",
            "t.scn:3:6: found 'listener', expected a name that means nothing yet (none, listener "
            "and local1, local2 ... have a meaning in fault lines)"},
    };
    CHECK(cases);
}

static void error_step_is_unknown(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {PEER "  conect\n",
            "t.scn:4:3: found 'conect', expected a step: connect, listen, accept, send, expect, "
            "sleep, after, half-close, close, reset, read, buffers, signal, bind, pass, "
            "http-request or http-response (did you "
            "mean "
            "'connect'?)"},
        {PEER "  fault wait 1 order 1\n",
            "t.scn:4:3: found 'fault', expected a step: connect, listen, accept, send, expect, "
            "sleep, after, half-close, close, reset, read, buffers, signal, bind, pass, "
            "http-request or http-response"},
        {PEER "  expect\n",
            "t.scn:4:9: found the end of the line, expected bytes in quotes, close, reset, "
            "refused, silence, bytes, descriptors, http-request or http-response"},
        {PEER "  expect clsoe\n",
            "t.scn:4:10: found 'clsoe', expected bytes in quotes, close, reset, refused, silence, "
            "bytes, descriptors, http-request or http-response (did you mean 'close'?)"},
        {PEER "  expect file \"/tmp/out\" \"x\"\n",
            "t.scn:4:10: found 'file', expected bytes in quotes, close, reset, refused, silence, "
            "bytes, descriptors, http-request or http-response (expect file is a statement: it "
            "stands in the first column)"},
        {PEER "  read\n", "t.scn:4:7: found the end of the line, expected stop, slowly or on"},
        {PEER "  read \"x\"\n", "t.scn:4:8: found '\"x\"', expected stop, slowly or on"},
        {PEER "  bind\n", "t.scn:4:7: found the end of the line, expected udp or datagram"},
        {PEER "  bind upd\n",
            "t.scn:4:8: found 'upd', expected udp or datagram (did you mean 'udp'?)"},
        {PEER "  connect unix\n", "t.scn:4:11: found 'unix', expected the name of a program of "
                                  "this scenario (a Unix socket's name follows in quotes)"},
        {PEER "  connect unix /run/echo\n",
            "t.scn:4:16: found '/run/echo', expected the name of a Unix socket in quotes, as in "
            "\"/run/echo\" or \"@echo\""},
        {PEER "  connect unxi \"/a\"\n",
            "t.scn:4:11: found 'unxi', expected unix, seqpacket or datagram before the name of a "
            "socket (did you mean 'unix'?)"},
        {PEER "  connect unix \"\"\n",
            "t.scn:4:16: found '\"\"', expected the name of a Unix socket in quotes, as in "
            "\"/run/echo\" or \"@echo\" (it has 1 to 107 bytes, none of them 0, and begins with no "
            "blank)"},
        {PEER "  connect datagram \"@\\0\"\n",
            "t.scn:4:20: found '\"@\\0\"', expected the name of a Unix socket in quotes, as in "
            "\"/run/echo\" or \"@echo\" (it has 1 to 107 bytes, none of them 0, and begins with no "
            "blank)"},
        {PEER "  connect seqpacket \"/a\" now\n",
            "t.scn:4:26: found 'now', expected the end of the line"},
        {PEER "  send to\n",
            "t.scn:4:10: found the end of the line, expected the name of a Unix socket in quotes, "
            "as in \"/run/echo\" or \"@echo\""},
        {PEER "  send two\n",
            "t.scn:4:8: found 'two', expected bytes in quotes, as in \"hello\\n\""},
        {PEER "  pass \"x\"\n", "t.scn:4:8: found '\"x\"', expected pipe or socket"},
        {PEER "  pass pip \"x\"\n",
            "t.scn:4:8: found 'pip', expected pipe or socket (did you mean 'pipe'?)"},
        {PEER "  pass pipe\n",
            "t.scn:4:12: found the end of the line, expected bytes in quotes, as in \"hello\\n\""},
        {PEER "  expect descriptors 0\n",
            "t.scn:4:22: found '0', expected a number of descriptors from 1 to 64768"},
        {PEER "  listen unix /run/echo\n",
            "t.scn:4:15: found '/run/echo', expected the name of a Unix socket in quotes, as in "
            "\"/run/echo\" or \"@echo\""},
        {PEER "  listen datagram \"@e\"\n",
            "t.scn:4:10: found 'datagram', expected unix or seqpacket before the name of a socket "
            "(bind datagram has a name for datagrams)"},
        {PEER "  listen uinx \"@e\"\n",
            "t.scn:4:10: found 'uinx', expected unix or seqpacket before the name of a socket (did "
            "you mean 'unix'?)"},
        {PEER "  bind datagram echo\n",
            "t.scn:4:17: found 'echo', expected the name of a Unix socket in quotes, as in "
            "\"/run/echo\" or \"@echo\""},
        {PEER "  expect refused unix /run/echo\n",
            "t.scn:4:23: found '/run/echo', expected the name of a Unix socket in quotes, as in "
            "\"/run/echo\" or \"@echo\""},
        {PEER "  expect refused seqpacket \"/a\"\n",
            "t.scn:4:18: found 'seqpacket', expected unix before the name of a socket"},
        {PEER "  bind udp 0\n", "t.scn:4:12: found '0', expected a port from 1 to 65535"},
        {PEER "  bind udp 1 2\n",
            "t.scn:4:14: found '2', expected the name of a program of this scenario"},
        {PEER "  bind udp 1 nobody\n", "t.scn:4:14: found 'nobody', expected the name of a program "
                                       "of this scenario (the first is p)"},
        {PEER "  close now\n", "t.scn:4:9: found 'now', expected the end of the line"},
        {PEER "  connect \"x\"\n",
            "t.scn:4:11: found '\"x\"', expected the name of a program of this scenario"},
    };
    CHECK(cases);
}

static void error_message_is_malformed(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {PEER "  http-request\n",
            "t.scn:4:15: found the end of the line, expected a method of at most 255 bytes, as in "
            "GET (anything else can be sent as bytes: send \"...\")"},
        {PEER "  http-request G(T /\n",
            "t.scn:4:16: found 'G(T', expected a method of at most 255 bytes, as in GET (anything "
            "else can be sent as bytes: send \"...\")"},
        {PEER "  expect http-request GET \"/\"\n",
            "t.scn:4:27: found '\"/\"', expected a target of at most 255 bytes, as in /index.html "
            "(anything else can be sent as bytes: send \"...\")"},
        {PEER "  http-request GET / version=2.0\n",
            "t.scn:4:22: found 'version=2.0', expected version=1.0 or version=1.1"},
        {PEER "  http-request GET version=1.0\n",
            "t.scn:4:20: found 'version=1.0', expected a target of at most 255 bytes, as in "
            "/index.html (method and target come first: http-request GET / ...)"},
        {PEER "  expect http-request GET header \"A: b\"\n",
            "t.scn:4:27: found 'header', expected a target of at most 255 bytes, as in "
            "/index.html (method and target come first: http-request GET / ...)"},
        {PEER "  http-request body \"x\"\n",
            "t.scn:4:16: found 'body', expected a method of at most 255 bytes, as in GET (method "
            "and target come first: http-request GET / ...)"},
        {PEER "  http-request version=1.1 GET /\n",
            "t.scn:4:16: found 'version=1.1', expected a method of at most 255 bytes, as in GET "
            "(method and target come first: http-request GET / ...)"},
        {PEER "  http-request GET / version=1.0 version=1.1\n",
            "t.scn:4:34: found 'version=1.1', expected the end of the line, header, no-header, "
            "body, chunked or trailer (version=1.0 or version=1.1 stands once, right behind the "
            "target or the status)"},
        {PEER "  expect http-response 200 body \"x\" version=1.0\n",
            "t.scn:4:37: found 'version=1.0', expected the end of the line, header, no-header, "
            "body, body-len or trailer (version=1.0 or version=1.1 stands once, right behind the "
            "target or the status)"},
        {PEER "  http-request GET / HTTP/1.0\n",
            "t.scn:4:22: found 'HTTP/1.0', expected the end of the line, header, no-header, body, "
            "chunked or trailer (version=1.0 or version=1.1 stands once, right behind the target "
            "or the status)"},
        {PEER "  http-response 99\n", "t.scn:4:17: found '99', expected a status from 100 to 999"},
        {PEER "  expect http-response OK\n",
            "t.scn:4:24: found 'OK', expected a status from 100 to 999"},
        {PEER "  http-request GET / boddy \"x\"\n",
            "t.scn:4:22: found 'boddy', expected the end of the line, header, no-header, body, "
            "chunked or trailer (did you mean 'body'?)"},
        {PEER "  expect http-response 200 \"x\"\n",
            "t.scn:4:28: found '\"x\"', expected the end of the line, header, no-header, body, "
            "body-len or trailer"},
        {PEER "  http-request GET / body \"x\" chunked \"y\"\n",
            "t.scn:4:31: found 'chunked', expected a part that goes with those before it (the "
            "content is told once, as body or chunked; trailers come behind chunks)"},
        {PEER "  http-response 200 trailer \"x: y\"\n",
            "t.scn:4:21: found 'trailer', expected a part that goes with those before it (the "
            "content is told once, as body or chunked; trailers come behind chunks)"},
        {PEER "  expect http-response 200 body-len 1 body \"x\"\n",
            "t.scn:4:39: found 'body', expected a part that goes with those before it (the content "
            "is told once, as body or body-len, whatever its chunks)"},
        {PEER "  http-response 200 header \"x y\" body \"z\"\n",
            "t.scn:4:28: found '\"x y\"', expected a line in quotes, as in \"Content-Type: "
            "text/plain\", without control characters"},
        {PEER "  http-response 200 header \"x: y\\r\\n\"\n",
            "t.scn:4:28: found '\"x: y\\r\\n\"', expected a line in quotes, as in \"Content-Type: "
            "text/plain\", without control characters"},
        {PEER "  expect http-response 200 no-header \"x\"\n",
            "t.scn:4:38: found '\"x\"', expected the name of a line, as in Content-Length"},
        {PEER "  expect http-response 200 body-len -1\n",
            "t.scn:4:37: found '-1', expected a number of bytes from 0 to 16777216"},
        {PEER "  expect http-response 200 body\n",
            "t.scn:4:32: found the end of the line, expected bytes in quotes, as in \"hello\\n\""},
        {PEER "  send slowly \"x\"\n",
            "t.scn:4:18: found the end of the line, expected every and a time, as in send slowly "
            "\"GET\" every 1s"},
    };
    CHECK(cases);
}

static void error_literal_is_malformed(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {PEER "  send\n",
            "t.scn:4:7: found the end of the line, expected bytes in quotes, as in \"hello\\n\""},
        {PEER "  send hello\n",
            "t.scn:4:8: found 'hello', expected bytes in quotes, as in \"hello\\n\""},
        {PEER "  send \"hello\n",
            "t.scn:4:8: found '\"hello', expected a closing quote on this line (a string ends on "
            "the line where it begins; write a newline as \\n)"},
        {PEER "  send \"hello\\\"\n",
            "t.scn:4:8: found '\"hello\\\"', expected a closing quote on this line (a string ends "
            "on the line where it begins; write a newline as \\n)"},
        {PEER "  send \"a\\qb\"\n",
            "t.scn:4:10: found '\\q', expected an escape: \\n \\r \\t \\0 \\\\ \\\" or \\xHH"},
        {PEER "  send \"a\\",
            "t.scn:4:10: found '\\', expected an escape: \\n \\r \\t \\0 \\\\ \\\" or \\xHH"},
        {PEER "  send \"\\x4g\"\n",
            "t.scn:4:9: found '\\x4g', expected \\x and two hexadecimal digits"},
        {PEER "  send \"\\x4", "t.scn:4:9: found '\\x4', expected \\x and two hexadecimal digits"},
        {PEER "  send \"caf\xc3\xa9\"\n",
            "t.scn:4:12: found '?', expected a printable ASCII character or an escape (write this "
            "byte as \\xc3)"},
        {PEER "  send \"a\tb\"\n",
            "t.scn:4:10: found '?', expected a printable ASCII character or an escape (write this "
            "byte as \\x09)"},
        {PEER "  send \"a\" 100\n",
            "t.scn:4:12: found '100', expected the end of the line, or * and how often, as in * "
            "100"},
        {PEER "  send \"a\" *\n",
            "t.scn:4:13: found the end of the line, expected how often, from 1 to 65535"},
        {PEER "  send \"a\" * 65536\n",
            "t.scn:4:14: found '65536', expected how often, from 1 to 65535"},
        {PEER "  send \"0123456789012345678901234567890123456789012345678901234567890123456789\" * "
              "65535\n",
            "t.scn:4:83: found '65535', expected at most 4194304 bytes in one step"},
        {PEER
            "  send \"0123456789012345678901234567890123456789012345678901234567890123\" * 65535\n"
            "  send \"0123456789012345678901234567890123456789012345678901234567890123\" * 65535\n"
            "  send \"0123456789012345678901234567890123456789012345678901234567890123\" * 65535\n"
            "  send \"0123456789012345678901234567890123456789012345678901234567890123\" * 65535\n"
            "  expect \"012345678901234567890123456789\" * 9\n",
            "t.scn:8:10: found '\"012345678901234567890123456789\" * 9', expected at most 16777216 "
            "bytes in all steps together"},
    };
    CHECK(cases);
}

static void error_number_or_time_is_out_of_range(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {PEER "  listen 0\n", "t.scn:4:10: found '0', expected a port from 1 to 65535"},
        {PEER "  listen 65536\n", "t.scn:4:10: found '65536', expected a port from 1 to 65535"},
        {PEER "  listen 080\n", "t.scn:4:10: found '080', expected a port from 1 to 65535"},
        {PEER "  expect bytes many\n",
            "t.scn:4:16: found 'many', expected a number of bytes from 1 to 16777216"},
        {PEER "  buffers 99999999999999999999999\n",
            "t.scn:4:11: found '99999999999999999999999', expected a number of bytes from 1 to "
            "16777216"},
        {PEER "  sleep\n",
            "t.scn:4:8: found the end of the line, expected a time: a number and ns, us, ms or s, "
            "as in 10ms"},
        {PEER "  sleep 10 ms\n",
            "t.scn:4:9: found '10', expected a time: a number and ns, us, ms or s, as in 10ms (a "
            "time needs its unit: 10ms?)"},
        {PEER "  sleep 10min\n",
            "t.scn:4:9: found '10min', expected a time: a number and ns, us, ms or s, as in 10ms"},
        {PEER "  sleep 0ms\n", "t.scn:4:9: found '0ms', expected a time from 1ns to 864000s"},
        {PEER "  sleep 864001s\n",
            "t.scn:4:9: found '864001s', expected a time from 1ns to 864000s"},
        {PEER "  sleep 18446744073709551617ns\n",
            "t.scn:4:9: found '18446744073709551617ns', expected a time from 1ns to 864000s"},
        {PEER "  read slowly 10 each 1ms\n",
            "t.scn:4:18: found 'each', expected every and a time, as in read slowly 10 every 1ms"},
        {PEER "  signal SIGKILL\n", "t.scn:4:10: found 'SIGKILL', expected SIGTERM or SIGINT"},
        {PEER "  signal SIGTREM\n",
            "t.scn:4:10: found 'SIGTREM', expected SIGTERM or SIGINT (did you mean 'SIGTERM'?)"},
    };
    CHECK(cases);
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
    CHECK(cases);
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
    CHECK(cases);
}

static void error_after_names_nobody_to_wait_for(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {PEER "  after\n",
            "t.scn:4:8: found the end of the line, expected the name of another peer"},
        {PEER "  after bob\n",
            "t.scn:4:9: found 'bob', expected the name of a peer of this scenario (there is "
            "alice)"},
        {PEER "  after alice\n",
            "t.scn:4:9: found 'alice', expected the name of another peer (a peer does not wait for "
            "itself)"},
        {PEER "  after bob 2\npeer bob\n  close\n",
            "t.scn:4:13: found '2', expected a number of steps that the peer has (bob has 1)"},
        {PEER "  after bob 0\npeer bob\n  close\n",
            "t.scn:4:13: found '0', expected a number of steps from 1 to 256"},
        {PEER "  after bob\npeer bob\n  after alice\n",
            "t.scn:4:9: found 'bob', expected a peer that can get that far (the two wait for each "
            "other, directly or through others)"},
    };
    CHECK(cases);
}

static void error_fault_moment_is_not_one(void **state) {
    (void)state;
    static const char connection[] =
        "a connection: a peer's name, alice#2 for its second, local1.a and local1.b for the "
        "program's own, or none";
    char without[256];
    char reserved[256];
    (void)snprintf(without, sizeof without,
        "t.scn:4:7: found 'recv', expected %s (write alice.recv for peer alice)", connection);
    (void)snprintf(reserved, sizeof reserved, "t.scn:4:7: found 'Alice', expected %s", connection);
    const struct broken cases[] = {
        {PEER "fault recv 1 short 1\n", without},
        {PEER "fault Alice.recv 1 short 1\n", reserved},
        {PEER "fault\n",
            "t.scn:4:6: found the end of the line, expected a point: recv, send, connect, inbound, "
            "outbound or step of a connection, as in alice.recv; accept, wait, open, register, "
            "alloc, clock, run, resolve, file-read, file-write, switch, rouse, park or thread"},
        {PEER "fault alice.receive 1 short 1\n",
            "t.scn:4:13: found 'receive', expected a point: recv, send, connect, inbound, outbound "
            "or step of a connection, as in alice.recv; accept, wait, open, register, alloc, "
            "clock, run, resolve, file-read, file-write, switch, rouse, park or thread"},
        {PEER "fault alice.recieve 1 short 1\nfault alice.sned 1 short 1\n",
            "t.scn:4:13: found 'recieve', expected a point: recv, send, connect, inbound, outbound "
            "or step of a connection, as in alice.recv; accept, wait, open, register, alloc, "
            "clock, run, resolve, file-read, file-write, switch, rouse, park or thread"},
        {PEER "fault alice.sned 1 short 1\n",
            "t.scn:4:13: found 'sned', expected a point: recv, send, connect, inbound, outbound or "
            "step of a connection, as in alice.recv; accept, wait, open, register, alloc, clock, "
            "run, resolve, file-read, file-write, switch, rouse, park or thread "
            "(did you mean 'send'?)"},
        {PEER "fault alice.wait 1 interrupt\n",
            "t.scn:4:7: found 'alice', expected the name of a program of this scenario (wait "
            "belongs to no connection)"},
        {HEAD "fault p#2.accept 1 would-block\n",
            "t.scn:3:7: found 'p#2', expected the name of a program of this scenario (accept "
            "counts for all its threads together)"},
        {PEER "fault bob.recv 1 short 1\n",
            "t.scn:4:7: found 'bob', expected the name of a peer of this scenario (there is "
            "alice)"},
        {HEAD "fault bob.recv 1 short 1\n",
            "t.scn:3:7: found 'bob', expected the name of a peer of this scenario (this scenario "
            "has no peer)"},
        {PEER "fault alice#1.recv 1 short 1\n",
            "t.scn:4:13: found '1', expected which of the peer's connections, for its first the "
            "name alone, from 2 to 32767"},
        {PEER "fault local1.recv 1 short 1\n",
            "t.scn:4:7: found 'local1', expected local and a number, .a for the end that connects "
            "or .b for the one that is accepted"},
        {PEER "fault local0.a.recv 1 short 1\n",
            "t.scn:4:12: found '0', expected the number of a local connection from 1 to 32767"},
        {PEER "fault alice.recv short 1\n",
            "t.scn:4:18: found 'short', expected which time, from 1 to 4294967295"},
        {PEER "fault alice.recv 0 short 1\n",
            "t.scn:4:18: found '0', expected which time, from 1 to 4294967295"},
        {PEER "fault alice.recv 1 short 1\nfault wait 1 order 1\nfault alice.recv 1 short 2\n",
            "t.scn:6:7: found 'alice.recv', expected each fault once only (line 4 decides the same "
            "at the same moment)"},
    };
    CHECK(cases);
}

/* Whoever adds a point adds it to the sentence, too. */
static void error_fault_point_names_each_there_is(void **state) {
    (void)state;
    static const char text[] = HEAD "fault\n";
    struct wbh_parse_error error;
    assert_null(wbh_scenario_parse(text, strlen(text), &error));
    char message[512];
    (void)wbh_parse_error_format(&error, "t.scn", message, sizeof message);
    for (unsigned point = 0; point < WBH_POINT_COUNT; point++) {
        const char *name = wbh_point_name((enum wbh_point)point);
        if (strstr(message, name) == NULL) {
            fail_msg("%s is not in: %s", name, message);
        }
    }
}

static void error_fault_action_is_impossible_or_malformed(void **state) {
    (void)state;
    static const struct broken cases[] = {
        {PEER "fault alice.recv 1\n",
            "t.scn:4:19: found the end of the line, expected what can happen here: short, "
            "would-block, reset, error"},
        {PEER "fault alice.recv 1 would-blok\n",
            "t.scn:4:20: found 'would-blok', expected what can happen here: short, would-block, "
            "reset, error (did you mean 'would-block'?)"},
        {PEER "fault alice.recv 1 delay 1ms\n",
            "t.scn:4:20: found 'delay', expected what can happen here: short, would-block, reset, "
            "error (delay cannot happen at recv)"},
        {PEER "fault wait 1 pass\n",
            "t.scn:4:14: found 'pass', expected what can happen here: interrupt, spurious, batch, "
            "order, separate, no-rdhup (pass cannot happen at wait)"},
        {PEER "fault alice.recv 1 short\n",
            "t.scn:4:25: found the end of the line, expected a number from 1 to 4294967295"},
        {PEER "fault alice.recv 1 short 0\n",
            "t.scn:4:26: found '0', expected a number from 1 to 4294967295"},
        {PEER "fault alice.recv 1 would-block 1\n",
            "t.scn:4:32: found '1', expected the end of the line"},
        {PEER "fault alice.inbound 1 delay 1\n",
            "t.scn:4:29: found '1', expected a time: a number and ns, us, ms or s, as in 10ms (a "
            "time needs its unit: 1ms?)"},
        {PEER "fault accept 1 error EMFIL\n",
            "t.scn:4:22: found 'EMFIL', expected the name of an error, as in ECONNRESET (did you "
            "mean 'EMFILE'?)"},
        {PEER "fault accept 1 error EPIPE\n",
            "t.scn:4:22: found 'EPIPE', expected an error that this call can have (accept does not "
            "fail with EPIPE)"},
        {PEER "fault alice.recv 1 error EAGAIN\n",
            "t.scn:4:26: found 'EAGAIN', expected the name of an error, as in ECONNRESET"},
        {PEER "fault wait 1 spurious\n",
            "t.scn:4:22: found the end of the line, expected whose event and which, as in spurious "
            "alice readable or spurious listener readable"},
        {PEER "fault wait 1 spurious alice\n",
            "t.scn:4:28: found the end of the line, expected events, joined by commas: readable, "
            "writable, read-closed, hangup, error, priority"},
        {PEER "fault wait 1 spurious alice readable,writeable\n",
            "t.scn:4:38: found 'writeable', expected events, joined by commas: readable, writable, "
            "read-closed, hangup, error, priority (did you mean 'writable'?)"},
        {PEER "fault wait 1 spurious bob readable\n",
            "t.scn:4:23: found 'bob', expected the name of a peer of this scenario (there is "
            "alice)"},
    };
    CHECK(cases);
}

/* ---- too many of something */

static void assert_too_many(const char *line, unsigned max, const char *message) {
    const size_t line_len = strlen(line) + 8;
    char *text = malloc(strlen(PEER) + line_len * (max + 1));
    assert_non_null(text);
    size_t len = (size_t)sprintf(text, "%s", PEER);
    for (unsigned i = 1; i <= max + 1; i++) {
        len += (size_t)sprintf(text + len, line, i);
    }
    const struct broken last = {text, message};
    check(&last, 1);
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
    CHECK(cases);
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
        cmocka_unit_test(error_peer_name_is_not_one),
        cmocka_unit_test(error_step_is_unknown),
        cmocka_unit_test(error_message_is_malformed),
        cmocka_unit_test(error_literal_is_malformed),
        cmocka_unit_test(error_number_or_time_is_out_of_range),
        cmocka_unit_test(error_name_that_nobody_has_is_near_to_one),
        cmocka_unit_test(error_word_of_a_set_is_given_twice),
        cmocka_unit_test(error_after_names_nobody_to_wait_for),
        cmocka_unit_test(error_fault_moment_is_not_one),
        cmocka_unit_test(error_fault_point_names_each_there_is),
        cmocka_unit_test(error_fault_action_is_impossible_or_malformed),
        cmocka_unit_test(error_too_many_of_a_kind),
        cmocka_unit_test(error_place_counts_comments_blank_lines_and_crlf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
