/* The rules themselves, and the events that nothing stands behind. */
#include "semantics/rules.h"

#include <assert.h>
#include <stdio.h>

static const char *const section_titles[WBH_SECTION_COUNT] = {
    [WBH_SECTION_DELIVERY] = "Delivery: modes, re-arming, masks",
    [WBH_SECTION_INSTANCE] = "The instance: order, duplicates, several instances, threads",
    [WBH_SECTION_INITIAL] = "What a new descriptor shows",
    [WBH_SECTION_LISTENER] = "The listening socket",
    [WBH_SECTION_CONNECT] = "Connecting",
    [WBH_SECTION_READING] = "Reading",
    [WBH_SECTION_WRITING] = "Writing",
    [WBH_SECTION_CLOSING] = "Half-close, close, reset",
    [WBH_SECTION_UDP] = "UDP",
    [WBH_SECTION_UNIX] = "Unix datagrams, sequenced packets, Unix listeners",
    [WBH_SECTION_OUT_OF_BAND] = "Out-of-band data",
    [WBH_SECTION_SPECIAL] = "eventfd, timerfd, pipe",
    [WBH_SECTION_TIME] = "Timeouts and signals",
    [WBH_SECTION_MOVING] = "Files, and bytes between descriptors: sendfile, splice, tee",
};

const char *wbh_rule_section_title(enum wbh_rule_section section) {
    return section_titles[section];
}

#define DELIVERY(number, ...) {number, '\0', WBH_SECTION_DELIVERY, __VA_ARGS__},
#define INSTANCE(number, ...) {number, '\0', WBH_SECTION_INSTANCE, __VA_ARGS__},
#define INITIAL(number, ...) {number, '\0', WBH_SECTION_INITIAL, __VA_ARGS__},
#define LISTENER(number, ...) {number, '\0', WBH_SECTION_LISTENER, __VA_ARGS__},
#define CONNECT(number, ...) {number, '\0', WBH_SECTION_CONNECT, __VA_ARGS__},
#define READING(number, ...) {number, '\0', WBH_SECTION_READING, __VA_ARGS__},
#define WRITING(number, ...) {number, '\0', WBH_SECTION_WRITING, __VA_ARGS__},
#define CLOSING(number, ...) {number, '\0', WBH_SECTION_CLOSING, __VA_ARGS__},
#define CLOSING_TOO(number, suffix, ...) {number, suffix, WBH_SECTION_CLOSING, __VA_ARGS__},
#define UDP(number, ...) {number, '\0', WBH_SECTION_UDP, __VA_ARGS__},
#define UNIX(number, ...) {number, '\0', WBH_SECTION_UNIX, __VA_ARGS__},
#define URGENT(number, ...) {number, '\0', WBH_SECTION_OUT_OF_BAND, __VA_ARGS__},
#define SPECIAL(number, ...) {number, '\0', WBH_SECTION_SPECIAL, __VA_ARGS__},
#define TIME(number, ...) {number, '\0', WBH_SECTION_TIME, __VA_ARGS__},
#define MOVING(number, ...) {number, '\0', WBH_SECTION_MOVING, __VA_ARGS__},

/* clang-format off */
static const struct wbh_rule rules[] = {
    DELIVERY(1, "An event shows what holds when the wait looks, as far as the interest covers it; an entry with nothing to "
        "show is dropped without a word.", NULL)
    DELIVERY(2, "While something stays ready, level says so at every wait, edge and one-shot say it once.", NULL)
    DELIVERY(3, "Edge reports once for any number of wake-ups since the last report, and again after the next one, even if "
        "the state is what it was.", NULL)
    DELIVERY(4, "A one-shot entry that has reported is deaf to everything, errors and hang-ups included, until it is "
        "modified; then it shows the state of that moment.", NULL)
    DELIVERY(5, "One-shot with edge behaves as one-shot without.", NULL)
    DELIVERY(6, "Adding a descriptor that is already ready reports it, in every mode.", NULL)
    DELIVERY(7, "Modifying a ready entry counts as an edge and re-arms one-shot.", NULL)
    DELIVERY(8, "Two modifications before a wait are one event.", NULL)
    DELIVERY(9, "Modifying to an interest that is not ready, or to none, reports nothing but error and hang-up.", NULL)
    DELIVERY(10, "Error and hang-up are reported whether asked for or not.", NULL)
    DELIVERY(11, "An event that is pending when the interest changes is judged by the new interest alone.", NULL)
    DELIVERY(12, "Data that was read before anybody waited is no event.", NULL)
    DELIVERY(13, "With interest in both directions, data that was read before the wait still brings an event: OUT, though "
        "nothing about writing has changed.", NULL)
    DELIVERY(14, "Data does not wake an entry that asks for OUT alone.", NULL)
    DELIVERY(15, "The peer's end, a reset, the outcome of connect and the own shutdown wake every entry, whatever it asks "
        "for.", NULL)
    DELIVERY(16, "An entry that is deleted, or whose file is closed for good, takes its pending event with it.", NULL)
    DELIVERY(17, "Deleting and adding a ready descriptor reports it again, behind everything that is queued.", NULL)
    DELIVERY(18, "A wait that fails because of its buffer loses no event.", NULL)
    DELIVERY(19, "A state that goes and comes back before the wait is one event.", NULL)
    DELIVERY(20, "Misuse of an instance is refused with a certain error each, and only five instances may be nested.", NULL)

    INSTANCE(21, "Events come in the order in which their entries were first woken; later wake-ups and modifications do not "
        "move an entry.", NULL)
    INSTANCE(22, "Level puts a reported entry back at the tail and forgets it only when a wait finds it not ready; so a "
        "drained entry can keep an old place.", NULL)
    INSTANCE(23, "What does not fit into one wait keeps its place at the head: level goes round, edge and one-shot go on.",
        NULL)
    INSTANCE(24, "Entries that turn out not to be ready take up no room in the answer.", NULL)
    INSTANCE(25, "Entries on one file are woken last added first; exclusive ones after all others, in the order they were "
        "added.", NULL)
    INSTANCE(26, "An entry belongs to a file and a descriptor number: a duplicate is an entry of its own, and one read "
        "silences both.", NULL)
    INSTANCE(27, "Closing a descriptor while a duplicate is open leaves its entry behind, reporting and out of reach until "
        "the number belongs to that file again.", NULL)
    INSTANCE(28, "A number that was given to another file can be added beside the old entry; both report, and only the new "
        "one can be deleted.", NULL)
    INSTANCE(29, "Two instances both report one socket; who reads first silences the other.", NULL)
    INSTANCE(30, "An instance is readable while it would report something; an outer edge entry fires for each wake-up "
        "inside, and waiting inside is none.", NULL)
    INSTANCE(31, "A blocked wait is ended by adding something ready, not by deleting or closing.", NULL)
    INSTANCE(32, "A wait that was woken for nothing goes back to sleep until its time is up.", NULL)
    INSTANCE(33, "Of several threads blocked on one instance, level wakes all for one event, edge and one-shot exactly one.",
        NULL)
    INSTANCE(34, "Of several instances that wait for one descriptor exclusively, one is woken: the one that was added "
        "first; those that are not exclusive are woken as well.", NULL)
    INSTANCE(35, "An exclusive wake-up passes on over instances on which nobody is blocked, queueing the event there, and "
        "stops at the first where somebody is.", NULL)
    INSTANCE(36, "EPOLLEXCLUSIVE goes with IN, OUT, ERR, HUP, ET and WAKEUP, at adding only, and never on an instance.",
        NULL)

    INITIAL(37, "A TCP socket or Unix stream that was never connected shows OUT and HUP.", NULL)
    INITIAL(38, "A datagram socket shows OUT from the start.", NULL)
    INITIAL(39, "A listener without connections, an empty pipe, an unarmed timer and an empty instance show nothing.", NULL)
    INITIAL(40, "Both ends of a connection, the writing end of a pipe and an eventfd of 0 show OUT.", NULL)
    INITIAL(41, "An eventfd above 0 shows IN and OUT.", NULL)
    INITIAL(42, "RDNORM goes with IN and WRNORM with OUT, if asked for; WRBAND with OUT on UDP and Unix sockets only.", NULL)

    LISTENER(43, "The first pending connection makes a listener readable.", NULL)
    LISTENER(44, "Each connection that completes is an edge, whether or not the one before was accepted.", NULL)
    LISTENER(45, "Accepting one of several is no event: with edge, the rest waits in silence.", NULL)
    LISTENER(46, "A new connection beside one that was left over is an event.", NULL)
    LISTENER(47, "Several connections before one wait are one event.", NULL)
    LISTENER(48, "A connection that was accepted before the wait is no event.", NULL)
    LISTENER(49, "After accept said EAGAIN, the next connection is an event.", NULL)
    LISTENER(50, "A pending connection that is reset stays pending; accept succeeds and gives a dead socket.", NULL)
    LISTENER(51, "What a client sent or ended before accept is there on the accepted socket at once.", NULL)
    LISTENER(52, "When accept finds no free descriptor the connection stays, and level says so for ever; edge is silent "
        "until another client comes.", NULL)
    LISTENER(53, "Closing a listener resets the connections that are pending.", NULL)
    LISTENER(54, "Shutting down a listener's reading ends the listening until listen is called again; its writing, nothing.",
        NULL)
    LISTENER(55, "Listening on a watched socket takes OUT and HUP away without an event.", NULL)
    LISTENER(56, "One connection more than the backlog says is completed; further ones stay in progress, and making room is "
        "no event.", "when a client beyond the backlog tries again is a matter of time, and not looked at")
    LISTENER(57, "An accepted socket is non-blocking only if asked; TCP_NODELAY it inherits.",
        NULL)

    CONNECT(58, "A socket registered before connect first reports that it is unconnected.", NULL)
    CONNECT(59, "On the loopback, connect says EINPROGRESS when it is already done; the client's event comes before the "
        "listener's.", NULL)
    CONNECT(60, "With interest in IN alone, a connect that succeeds says nothing.", NULL)
    CONNECT(61, "A refused connect shows everything at once.", NULL)
    CONNECT(62, "The refusal is told once, to whoever asks first; ERR goes, the rest stays.", NULL)
    CONNECT(63, "Connecting again first reports what is left of the refusal.", NULL)
    CONNECT(64, "A connect that nobody answers shows nothing and fails nothing.", NULL)
    CONNECT(65, "Shutting down or dissolving a connect in progress aborts it: OUT, HUP and ERR.", NULL)
    CONNECT(66, "A connect that times out shows everything at once, as ETIMEDOUT.",
        "after how long is a matter of time; the case sets TCP_USER_TIMEOUT")
    CONNECT(67, "A connection whose peer has already closed shows the end when it is added.", NULL)
    CONNECT(68, "Dissolving a connection resets the peer; the socket can connect again.", NULL)
    CONNECT(69, "A Unix stream connects at once, is refused, or says EAGAIN when the queue is full, and room there is no "
        "event.", NULL)

    READING(70, "Data on an empty socket is an event.", NULL)
    READING(71, "After a read that leaves data behind, edge says nothing.", NULL)
    READING(72, "More data on top of unread data is an edge.", NULL)
    READING(73, "After a read of exactly what was there, new data is an edge although EAGAIN was never seen.", NULL)
    READING(74, "So it is after a short read: EAGAIN is not needed to hear again.", NULL)
    READING(75, "Several writes before one wait are one event.", NULL)
    READING(76, "An event for data carries OUT as well, if that holds and was asked for.", NULL)
    READING(77, "Reading, writing a little and peeking wake nobody.", NULL)
    READING(78, "If the peer's end arrives with the data, there is no further event for it: RDHUP in the first one, or one "
        "more read, is the only notice.", NULL)
    READING(79, "The end can be read again and again, and level reports it for ever.", NULL)
    READING(80, "A pipe whose writer is gone shows HUP, and IN only while data is left.", NULL)
    READING(81, "With SO_RCVLOWAT a TCP socket is readable, and edges come, only from that many bytes on, or at the end.",
        NULL)
    READING(82, "Lowering SO_RCVLOWAT to what is there is an edge; raising it takes IN away.", NULL)
    READING(83, "Unix streams and UDP sockets ignore SO_RCVLOWAT.", NULL)
    READING(84, "Flags of a read mean what they say and wake nobody: PEEK leaves, TRUNC discards, DONTWAIT does not block.",
        NULL)
    READING(85, "Reading or sending nothing changes nothing.", NULL)
    READING(86, "Several buffers count as one.", NULL)
    READING(87, "One large write may be several edges for a reader who is quick, but it is at least one.", NULL)

    WRITING(88, "TCP is writable while two thirds of the send buffer or less are in use, or when sending has ended.", NULL)
    WRITING(89, "A Unix socket is writable while what was not read yet takes a quarter of the send buffer or less.", NULL)
    WRITING(90, "A pipe is writable while one of its pages is free, however many bytes that are.", NULL)
    WRITING(91, "A write after OUT does not block; a write without OUT may well succeed.", NULL)
    WRITING(92, "A short write does not prove that the buffer is full.", NULL)
    WRITING(93, "TCP brings an edge of OUT only if a write was refused or cut, or somebody saw that it was not writable; "
        "then exactly one.", NULL)
    WRITING(94, "A small write that the peer reads is no event for the writer on TCP.", NULL)
    WRITING(95, "On Unix sockets each message that the peer reads whole is an edge of OUT.", NULL)
    WRITING(96, "On a pipe the only edge of OUT is the one from full to not full.", NULL)
    WRITING(97, "Level reports OUT exactly while the state holds, which ends long before a write is refused.", NULL)
    WRITING(98, "Data that arrives while sending is blocked shows IN alone; when room comes, one event shows both.", NULL)
    WRITING(99, "When the peer has read everything, the sender is writable.", NULL)
    WRITING(100, "Setting SO_SNDBUF, or making a pipe larger, is an edge of OUT if there is room.", NULL)
    WRITING(101, "TCP_NODELAY, TCP_CORK and MSG_MORE only decide when the peer hears of the data.",
        "what Nagle's algorithm and a cork hold back, and for how long, is a matter of time and not looked at")
    WRITING(102, "After the own end of sending, OUT is reported for ever and writes fail with EPIPE.", NULL)

    CLOSING(103, "When the peer ends sending: IN, RDHUP and a read of 0; writing goes on.", NULL)
    CLOSING(104, "Ending the own sending shows OUT; reading goes on.",
        "the second wake-up, when the peer acknowledges, comes at a moment of its own and is waited out")
    CLOSING(105, "When both directions have ended HUP joins, and on TCP the connection is gone.", NULL)
    CLOSING(106, "Ending the own reading looks like the peer's end; on TCP the peer does not notice and its data still "
        "arrives.", NULL)
    CLOSING(107, "Ending both at once shows everything but ERR; on TCP, if the peer then writes, both ends are reset.", NULL)
    CLOSING(108, "Every shutdown is an event, also when it changes nothing.", NULL)
    CLOSING(109, "A TCP peer that closes looks as if it had ended sending: no HUP, and the first write succeeds and draws a "
        "reset.", NULL)
    CLOSING(110, "A Unix peer that closes shows HUP, and the first write fails.", NULL)
    CLOSING(111, "A peer that closes with data unread, or without lingering, resets: ERR once, and the data that had arrived "
        "is read before it.", NULL)
    CLOSING(112, "A reset after the peer's end is EPIPE and reading gives the end; after the own end alone it is "
        "ECONNRESET.", NULL)
    CLOSING_TOO(112, 'b', "ERR goes with the error that is consumed, without an event; HUP stays.", NULL)
    CLOSING_TOO(112, 'c', "A TCP peer that closes after both ends is no event; a Unix one is.", NULL)
    CLOSING_TOO(112, 'd', "A write that fails with EPIPE raises SIGPIPE unless told not to; ECONNRESET never does.", NULL)

    UDP(113, "Every send is an edge of OUT for the sender.", NULL)
    UDP(114, "Every datagram is an edge of IN, whether or not those before were read.", NULL)
    UDP(115, "Reading one of several datagrams is no event.", NULL)
    UDP(116, "A datagram of no bytes makes readable and is read as 0; recv of no bytes takes a datagram, read does not.", NULL)
    UDP(117, "What does not fit into the buffer is lost, and MSG_TRUNC tells.", NULL)
    UDP(118, "When the receiver's queue is full datagrams vanish, and nobody is told.", NULL)
    UDP(119, "A connected socket whose peer's port is closed shows ERR; the next call gets ECONNREFUSED, once, before any "
        "datagram.", NULL)
    UDP(120, "An unconnected socket hears nothing of a closed port.", NULL)
    UDP(121, "After ending the own reading, IN is reported while recv says EAGAIN.", NULL)
    UDP(122, "On the loopback a send never blocks.", NULL)
    UDP(123, "A connected socket gets nothing from others, but what was queued before stays.", NULL)

    UNIX(124, "A connected sender is not writable while its receiver's queue is full; one read is an edge of OUT.", NULL)
    UNIX(125, "An unconnected sender shows OUT even when its send says EAGAIN, and the failing send is an edge: a loop on it "
        "spins.", NULL)
    UNIX(126, "When the receiver closes nothing is reported; the next send says ECONNREFUSED.", NULL)
    UNIX(127, "A shutdown is local; only sending to someone who ended reading fails, with EPIPE.", NULL)
    UNIX(128, "A message that cannot ever fit is refused with EMSGSIZE.", NULL)
    UNIX(129, "Sequenced packets end like streams and are cut like datagrams.", NULL)
    UNIX(130, "A Unix listener is readable like a TCP one, and data of a client that closed early is not lost.", NULL)

    URGENT(131, "An urgent byte alone shows PRI; a plain read says EAGAIN and throws it away.", NULL)
    URGENT(132, "With data around it a read stops at the mark.", NULL)
    URGENT(133, "On a Unix stream an urgent byte alone shows IN as well, while a plain read says EAGAIN.", NULL)
    URGENT(134, "An urgent byte wakes interest in IN or PRI, not OUT.", NULL)

    SPECIAL(135, "Each write to an eventfd is an edge of IN, read or not.", NULL)
    SPECIAL(136, "An eventfd need not be read to keep waking; at its limit it refuses and loses OUT.", NULL)
    SPECIAL(137, "Writing 0 to an eventfd wakes without news.", NULL)
    SPECIAL(138, "Reading an eventfd is an edge of OUT; as a semaphore it stays readable until it is 0.", NULL)
    SPECIAL(139, "A write that a full pipe refuses still wakes its reader.", NULL)
    SPECIAL(140, "A timer that expires is an edge; expiring again before it is read is none.", NULL)

    TIME(141, "No wait ends before its time, and a negative time is for ever.", NULL)
    TIME(142, "A signal that is handled ends a wait with EINTR.",
        "signals that stop and continue are not looked at")
    TIME(143, "What is ready goes before a signal: the wait returns it, and the signal stays pending.",
        "that it stays pending is not looked at: the seam's wait takes no signal mask")

    MOVING(144, "A regular file and a directory show IN and OUT to poll and select whatever happens, and no instance takes "
        "them: EPERM.", NULL)
    MOVING(145, "What splice or sendfile brings to a pipe wakes its reader each time, whatever lies there; a call that says "
        "EAGAIN or finds the end wakes nobody.", NULL)
    MOVING(146, "A splice out of a pipe is an edge of OUT whenever a slot becomes free by it, also of a pipe that was not "
        "full.", NULL)
    MOVING(147, "What goes from pipe to pipe is news for the reader of the one and the writer of the other; what tee copies, "
        "for the reader alone.", NULL)
    MOVING(148, "What splice brings lies in slots of its own: a pipe with a few bytes in each of them is full and shows no "
        "OUT.", NULL)
    MOVING(149, "What sendfile or splice brings to a socket wakes its reader each time, as what is sent does.", NULL)
    MOVING(150, "At a socket that is full sendfile stops short, then it and splice say EAGAIN; what was not taken stays in "
        "the file or the pipe, and room is an edge of the socket, never of the pipe.", NULL)
    MOVING(151, "What a splice leaves in a socket is silent under edge, as after a read; more data is an edge.", NULL)
    MOVING(152, "splice never goes past an urgent byte of TCP: it says EAGAIN, though the socket shows IN for what is behind "
        "it.", NULL)
};

static const struct wbh_spurious spurious[] = {
    {1, "OUT after data arrived and was read before the wait.", "R13"},
    {2, "OUT again at the peer's end, at a shutdown or at connect, for who asks for OUT alone.", "R15"},
    {3, "OUT though nothing was ever blocked: own UDP send, a Unix peer that reads, setting SO_SNDBUF.", "R113 R95 R100"},
    {4, "OUT after a Unix datagram could not be sent.", "R125 R126"},
    {5, "IN on a datagram socket whose reading was ended: recv says EAGAIN.", "R121 R127"},
    {6, "IN or PRI for an urgent byte that a plain read does not give.", "R131 R133"},
    {7, "IN after a write that a full pipe refused, OUT after writing 0 to an eventfd.", "R139 R137"},
    {8, "The same state again at a repeated shutdown, or when the peer acknowledges the own end.", "R108 R104"},
    {9, "IN, but somebody else was faster.", "R26 R29 R32"},
    {10, "IN on a listener whose connection is dead: accept gives it all the same.", "R50"},
    {11, "OUT and HUP of a socket that was registered before connect.", "R58"},
    {12, "OUT after the own end of sending: writes say EPIPE.", "R102"},
    {13, "IN behind an urgent byte: splice says EAGAIN.", "R152"},
};
/* clang-format on */

#define STREAMS (WBH_KIND_TCP | WBH_KIND_UNIX_STREAM)
#define STREAMS_AND_PIPE (STREAMS | WBH_KIND_PIPE)
#define UNIX_SOCKETS (WBH_KIND_UNIX_STREAM | WBH_KIND_UNIX_DATAGRAM)

static const struct {
    unsigned number;
    char suffix;
    uint32_t kinds;
} several_kinds[] = {
    {37, '\0', STREAMS},
    {38, '\0', WBH_KIND_UDP | WBH_KIND_UNIX_DATAGRAM},
    {39, '\0', STREAMS_AND_PIPE | WBH_KIND_TIMERFD},
    {40, '\0', STREAMS_AND_PIPE | WBH_KIND_EVENTFD},
    {42, '\0', STREAMS | WBH_KIND_UDP},
    {57, '\0', WBH_KIND_TCP | WBH_KIND_UDP},
    {70, '\0', STREAMS_AND_PIPE},
    {71, '\0', STREAMS_AND_PIPE},
    {72, '\0', STREAMS_AND_PIPE},
    {73, '\0', STREAMS_AND_PIPE},
    {74, '\0', STREAMS_AND_PIPE},
    {75, '\0', STREAMS_AND_PIPE},
    {78, '\0', STREAMS},
    {79, '\0', STREAMS},
    {83, '\0', WBH_KIND_UNIX_STREAM | WBH_KIND_UDP},
    {84, '\0', STREAMS},
    {85, '\0', STREAMS},
    {86, '\0', STREAMS_AND_PIPE},
    {89, '\0', UNIX_SOCKETS},
    {91, '\0', STREAMS | WBH_KIND_UNIX_DATAGRAM},
    {92, '\0', STREAMS_AND_PIPE},
    {95, '\0', UNIX_SOCKETS},
    {100, '\0', WBH_KIND_TCP | WBH_KIND_PIPE},
    {102, '\0', STREAMS},
    {103, '\0', STREAMS},
    {105, '\0', STREAMS},
    {106, '\0', STREAMS},
    {107, '\0', STREAMS},
    {108, '\0', STREAMS},
    {111, '\0', STREAMS},
    {112, 'b', STREAMS},
    {112, 'c', STREAMS},
    {112, 'd', STREAMS_AND_PIPE},
    {145, '\0', STREAMS | WBH_KIND_FILE},
    {149, '\0', STREAMS},
    {150, '\0', STREAMS},
    {151, '\0', STREAMS},
};

const char *wbh_kind_name(unsigned n) {
    static const char *const names[WBH_KIND_COUNT] = {"TCP", "UDP", "Unix stream", "Unix datagram",
        "Unix seqpacket", "pipe", "eventfd", "timerfd", "regular file"};
    assert(n < WBH_KIND_COUNT);
    return names[n];
}

uint32_t wbh_rule_kinds(const struct wbh_rule *rule) {
    for (size_t i = 0; i < sizeof several_kinds / sizeof several_kinds[0]; i++) {
        if (several_kinds[i].number == rule->number && several_kinds[i].suffix == rule->suffix) {
            return several_kinds[i].kinds;
        }
    }
    return 0;
}

size_t wbh_rule_count(void) {
    return sizeof rules / sizeof rules[0];
}

const struct wbh_rule *wbh_rule_nth(size_t n) {
    assert(n < wbh_rule_count());
    return &rules[n];
}

const char *wbh_rule_name(const struct wbh_rule *rule, char *buf, size_t buf_len) {
    char suffix[2] = {rule->suffix, '\0'};
    snprintf(buf, buf_len, "R%u%s", rule->number, suffix);
    return buf;
}

size_t wbh_spurious_count(void) {
    return sizeof spurious / sizeof spurious[0];
}

const struct wbh_spurious *wbh_spurious_nth(size_t n) {
    assert(n < wbh_spurious_count());
    return &spurious[n];
}
