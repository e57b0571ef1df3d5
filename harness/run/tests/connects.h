/* A program that connects by name, for tests: `hasty` connects to port 7106 of the host `far`, and
 * ends with 0 if that came out as its options say: `status=` by the name of the status, without
 * WB_; `family=` 4 or 6 of the connection; not before `after-ms=`, and before `before-ms=`. With
 * `timeout-ms=` it gives up. Takes `flavour=multi`. `welcoming` listens there, over
 * IPv6 and IPv4, and closes when the other end does. */
#ifndef RUN_TESTS_CONNECTS_H
#define RUN_TESTS_CONNECTS_H

#include "wouldblock/run.h"

const struct wbh_program *connect_programs(size_t *out_count);

#endif
