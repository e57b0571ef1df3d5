/* What the contract suite needs to know of Linux: how to wait out FIN_WAIT1, how to raise a signal,
 * how many descriptors there may be. */
#ifndef WB_SYS_LINUX_CONTRACT_HOST_H
#define WB_SYS_LINUX_CONTRACT_HOST_H

#include "sys/contract/contract.h"

/* A case that uses the path of a Unix socket makes a directory for it, one a process. It is removed
 * at exit, or by clean_up where a process ends without. */
struct wb_contract_fixture wb_contract_linux_fixture(int family);
void wb_contract_linux_clean_up(void);

/* Lowers the limit of descriptors to what the suite can look through. 0 or -errno. */
int wb_contract_linux_limit_descriptors(void);

/* Makes the kernel deny that it has epoll_pwait2, for this process and for good. 0 or -errno. */
int wb_contract_linux_deny_epoll_pwait2(void);

#endif
