/* The contract suite's fixture for Linux, and a kernel that seems older than it is. */
#include "sys/linux/contract/host.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "wb/sys_linux.h"

enum { DESCRIPTOR_LIMIT = 256 };

static const uint64_t patience_ns = UINT64_C(5000000000);

static uint64_t now(void) {
    return WB_SYS(wb_sys_linux(), clock_gettime, WB_CLOCK_MONOTONIC);
}

static int is_unacknowledged(int fd) {
    struct tcp_info info;
    socklen_t len = sizeof(info);
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0
           && info.tcpi_state == TCP_FIN_WAIT1;
}

/* The peer's kernel acknowledges a FIN at once or, when it delays, after some 40 ms. */
static void settle(void *user_data, int fd) {
    (void)user_data;
    uint64_t deadline = now() + patience_ns;
    while (is_unacknowledged(fd) && now() < deadline) {
        (void)sched_yield();
    }
}

static void raise_signal(void *user_data, int signo) {
    (void)user_data;
    (void)kill(getpid(), signo);
}

/* Whether the system knows by itself where to send a datagram for a group: on many a machine there
 * is the loopback device only. */
static bool has_multicast(int family) {
    struct sockaddr_in to4 = {.sin_family = AF_INET, .sin_port = htons(9)};
    struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    to4.sin_addr.s_addr = htonl(0xefff4d07);
    to6.sin6_addr.s6_addr[0] = 0xff;
    to6.sin6_addr.s6_addr[1] = 5;
    to6.sin6_addr.s6_addr[15] = 0x77;
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result = family == AF_INET6 ? connect(fd, (struct sockaddr *)&to6, sizeof(to6))
                                    : connect(fd, (struct sockaddr *)&to4, sizeof(to4));
    if (fd >= 0) {
        (void)close(fd);
    }
    return result == 0;
}

/* A directory of the process's own for the paths of Unix sockets, with its slash; "": none yet. */
#define DIRECTORY_TEMPLATE "/tmp/wb-contract-XXXXXX"
static char prefix[sizeof(DIRECTORY_TEMPLATE "/")];

void wb_contract_linux_clean_up(void) {
    if (prefix[0] != '\0') {
        (void)rmdir(prefix);
        prefix[0] = '\0';
    }
}

static const char *unix_prefix(void *user_data) {
    static int is_registered;
    (void)user_data;
    if (prefix[0] == '\0') {
        char directory[] = DIRECTORY_TEMPLATE;
        if (mkdtemp(directory) == NULL) {
            return "/tmp/"; /* then the names are not private */
        }
        (void)snprintf(prefix, sizeof(prefix), "%s/", directory);
        if (!is_registered) {
            is_registered = 1;
            (void)atexit(wb_contract_linux_clean_up);
        }
    }
    return prefix;
}

enum { INTERRUPTION_US = 2000 };

static void be_interrupted(int signo) {
    (void)signo;
}

/* A timer that goes on expiring: the first expiry may come before the wait sleeps. SA_RESTART must
 * not make a difference to a wait. */
static void interrupt(void *user_data, int is_on) {
    (void)user_data;
    struct sigaction action = {.sa_flags = SA_RESTART};
    struct timeval every = {.tv_usec = is_on ? INTERRUPTION_US : 0};
    struct itimerval timer = {.it_interval = every, .it_value = every};
    action.sa_handler = is_on ? be_interrupted : SIG_IGN;
    (void)sigaction(SIGALRM, &action, NULL);
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

struct wb_contract_fixture wb_contract_linux_fixture(int family) {
    return (struct wb_contract_fixture){.sys = wb_sys_linux(),
        .family = family,
        .skip = has_multicast(family) ? 0 : WB_CONTRACT_NEEDS_MULTICAST,
        .settle = settle,
        .raise_signal = raise_signal,
        .interrupt = interrupt,
        .unix_prefix = unix_prefix};
}

int wb_contract_linux_limit_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -errno;
    }
    limit.rlim_cur = DESCRIPTOR_LIMIT;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? 0 : -errno;
}

int wb_contract_linux_deny_epoll_pwait2(void) {
    struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {
        .len = sizeof(instructions) / sizeof(instructions[0]), .filter = instructions};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        return -errno;
    }
    return 0;
}
