/* The twins as programs that scenarios can name. */
#ifndef PLANTED_PROGRAMS_H
#define PLANTED_PROGRAMS_H

#include "wb/sys.h"

int planted_ping_pong_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_multi_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_seqpacket_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_http_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_hello_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_proxy_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_get_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_echo_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_copy_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_async_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_relay_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_courier_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_async_client_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_async_udp_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_async_greeter_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_executor_main(const struct wb_sys *sys, int argc, char *const argv[]);
int planted_client_main(const struct wb_sys *sys, int argc, char *const argv[]);
/* Those of harness/tests/loops. */
int uv_style_main(const struct wb_sys *sys, int argc, char *const argv[]);
int event_style_main(const struct wb_sys *sys, int argc, char *const argv[]);

/* Makes them known to wbh_program_find. */
void planted_register(void);

#endif
