/* The programs, by name: one start function each. The list is in examples.c. */
#ifndef WB_EXAMPLES_PROGRAMS_H
#define WB_EXAMPLES_PROGRAMS_H

#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* argv[0] is the program's name. Returns the exit status: 0, 1 for a failure, 2 for bad arguments.
 */
int wb__ping_pong_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__ping_pong_client_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__multi_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__multi_echo_client_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__async_udp_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__http_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__http_files_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__http_get_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__http_hello_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__http_proxy_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__registration_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__chat_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__runtime_smoke_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__sequential_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__server_future_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__file_copy_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__tcp_proxy_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__udp_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__seqpacket_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__unix_datagram_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wb__unix_datagram_sender_main(const struct wb_sys *sys, int argc, char *const argv[]);

#ifdef __cplusplus
}
#endif

#endif
