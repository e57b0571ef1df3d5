/* Property: whatever neighbours do to an echo server, and whatever the system under it does that a
 * system may do, the server is correct. Any bytes are a scenario; it is fitted to ping_pong or
 * multi_echo, or to several servers and clients on hosts and over links, of TCP, UDP and Unix
 * datagrams, which crash, begin again and are cut off (scenario/fit.h), and run with its own
 * profile, seed and explicit faults. The verdict must be ok: no program crashes, spins, misuses a
 * call, passes its memory bound, sends other bytes than those it read, leaves arrived bytes, ends,
 * errors or connections of which nothing will tell it any more, handles events of what is gone, or,
 * being a server, ends unasked; told to end it ends and leaves nothing behind; and where the faults
 * are ones that no correct program may notice, peers and programs hear what they hear without
 * faults.
 *
 * How it is judged: scenario/judge.h. Code under test: target/base, target/reactor,
 * target/examples. */
#include "driver/fuzz_target.h"

#include "scenario/fit.h"
#include "scenario/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return judge_input(data, size, fit_scenario);
}
