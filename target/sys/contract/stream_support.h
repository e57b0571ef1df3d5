/* The kinds of byte streams. What holds for all of them is one case that goes through the kinds;
 * what only one of them does stands in the files about that kind. */
#ifndef WB_SYS_CONTRACT_STREAM_SUPPORT_H
#define WB_SYS_CONTRACT_STREAM_SUPPORT_H

#include "sys/contract/support.h"

/* Those that are sockets come first: they go both ways, end by shutdown, and take flags. */
enum wb__stream {
    WB__TCP,
    WB__UNIX_STREAM,
    WB__PIPE,
    WB__STREAM_COUNT,
    WB__STREAM_SOCKET_COUNT = WB__PIPE,
};

/* Connected and non-blocking. Of a pipe `own` is the end to read from. */
bool wb__stream_pair(struct wb_contract_fixture *fx, int kind, struct wb__pair *out_pair);

/* Moves exactly so many bytes (at most 4096) in one call of write or read, which all kinds know. */
bool wb__write(struct wb_contract_fixture *fx, int fd, size_t len);
bool wb__read(struct wb_contract_fixture *fx, int fd, size_t len);
/* The result of a small read as it is. */
int64_t wb__read_result(struct wb_contract_fixture *fx, int fd);

#endif
