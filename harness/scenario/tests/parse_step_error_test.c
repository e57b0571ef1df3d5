/* What is not a peer: its name, its steps, and what they send, expect and wait for. */
#include "broken.h"

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
    BROKEN_CHECK(cases);
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
    BROKEN_CHECK(cases);
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
    BROKEN_CHECK(cases);
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
    BROKEN_CHECK(cases);
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
    BROKEN_CHECK(cases);
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
    BROKEN_CHECK(cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_peer_name_is_not_one),
        cmocka_unit_test(error_step_is_unknown),
        cmocka_unit_test(error_message_is_malformed),
        cmocka_unit_test(error_literal_is_malformed),
        cmocka_unit_test(error_number_or_time_is_out_of_range),
        cmocka_unit_test(error_after_names_nobody_to_wait_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
