/* Property: whatever a server says to a client of HTTP/1, cut in whatever pieces, and whatever the
 * system under it does that a system may do, the client is correct. Any bytes are a scenario; it is
 * fitted to http_get with peers that listen (scenario/fit.h), and run with its own profile, seed
 * and explicit faults. The verdict must be ok: what the client sends are requests, as a reader
 * understands them that shares no code with it, none behind one that was its last; it does not
 * crash, spin, hang, misuse a call or pass its memory bound; it comes to its end, perhaps with a
 * failure, and leaves nothing behind; and where the faults are ones that no correct program may
 * notice, servers hear what they hear without faults.
 *
 * How it is judged: scenario/judge.h. Code under test: target/base, target/reactor, target/runtime,
 * target/http, target/examples. */
#include "driver/fuzz_target.h"

#include "scenario/fit.h"
#include "scenario/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return judge_input(data, size, fit_http_client_scenario);
}
