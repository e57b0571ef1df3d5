/* Property: whatever clients send to a server of HTTP/1, cut in whatever pieces, and whatever the
 * system under it does that a system may do, the server is correct. Any bytes are a scenario; it is
 * fitted to http_hello, http_echo or http_files, alone or several on hosts and over links
 * (scenario/fit.h), and run with its own profile, seed and explicit faults. The verdict must be ok:
 * what the server sends are responses, as a reader understands them that shares no code with it, no
 * more than there were requests, each framed in one way, none behind one that closes; no program
 * crashes, spins, hangs, misuses a call or passes its memory bound; told to end it ends and leaves
 * nothing behind; and where the faults are ones that no correct program may notice, clients hear
 * what they hear without faults.
 *
 * How it is judged: scenario/judge.h. Code under test: target/base, target/reactor, target/runtime,
 * target/http, target/examples. */
#include "driver/fuzz_target.h"

#include "scenario/fit.h"
#include "scenario/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return judge_input(data, size, fit_http_scenario);
}
