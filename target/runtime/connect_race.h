/* Races whose addresses come while they run. */
#ifndef WB_RUNTIME_CONNECT_RACE_H
#define WB_RUNTIME_CONNECT_RACE_H

#include "wb/connect_race.h"

/* More addresses, for those that were not tried yet to be mixed with. With `is_open` false before
 * the last poll the race ends when all have failed. */
void wb__connect_race_add(
    struct wb_connect_race *race, const struct wb_addr *addrs, uint32_t count);

#endif
