/* What is not an explicit fault: its moment, and what can happen there. */
#include "broken.h"

#include <stdio.h>
#include <string.h>

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
    BROKEN_CHECK(cases);
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
    BROKEN_CHECK(cases);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_fault_moment_is_not_one),
        cmocka_unit_test(error_fault_point_names_each_there_is),
        cmocka_unit_test(error_fault_action_is_impossible_or_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
