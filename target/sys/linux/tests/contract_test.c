/* The contract suite on Linux: one cmocka test a case, IPv4 first, then what differs by family with
 * IPv6. With --without-epoll-pwait2 the same on a kernel that denies having that call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sys/linux/contract/host.h"

enum { EXIT_SKIPPED = 77 };

struct run {
    const struct wb_contract_case *one;
    int family;
};

static void run_case(void **state) {
    const struct run *run = *state;
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(run->family);
    enum wb_contract_result result = wb_contract_run(&fixture, run->one);
    if (result == WB_CONTRACT_SKIPPED) {
        skip();
    }
    if (result == WB_CONTRACT_FAILED) {
        fail_msg("%s:%d: %s", fixture.failure.file, fixture.failure.line, fixture.failure.text);
    }
}

static int has_ipv6(void) {
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET6);
    struct wb_sockaddr addr = {.in6 = {.family = WB_AF_INET6, .addr = {[15] = 1}}};
    int fd = WB_SYS(fixture.sys, socket, WB_AF_INET6, WB_SOCK_STREAM, 0);
    int result = fd < 0 ? fd : WB_SYS(fixture.sys, bind, fd, &addr, sizeof(addr.in6));
    if (fd >= 0) {
        (void)WB_SYS(fixture.sys, close, fd);
    }
    return result == 0;
}

static int run_family(int family, const char *name, uint32_t needed_flags) {
    size_t count = wb_contract_case_count();
    struct run *runs = calloc(count, sizeof(*runs));
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    size_t used = 0;
    int failed = 1;
    if (runs != NULL && tests != NULL) {
        for (size_t i = 0; i < count; i++) {
            const struct wb_contract_case *one = wb_contract_case_nth(i);
            if ((one->flags & needed_flags) == needed_flags) {
                runs[used] = (struct run){.one = one, .family = family};
                tests[used] = (struct CMUnitTest){
                    .name = one->name, .test_func = run_case, .initial_state = &runs[used]};
                used++;
            }
        }
        failed = _cmocka_run_group_tests(name, tests, used, NULL, NULL);
    }
    free(tests);
    free(runs);
    return failed;
}

int main(int argc, char *argv[]) {
    if (wb_contract_linux_limit_descriptors() != 0) {
        return 1;
    }
    if (argc > 1 && strcmp(argv[1], "--without-epoll-pwait2") == 0
        && wb_contract_linux_deny_epoll_pwait2() != 0) {
        print_message("no seccomp here: skipped\n");
        return EXIT_SKIPPED;
    }
    int failed = run_family(WB_AF_INET, "contract, IPv4", 0);
    if (has_ipv6()) {
        failed += run_family(WB_AF_INET6, "contract, IPv6", WB_CONTRACT_NETWORK);
    } else {
        print_message("no IPv6 here: skipped\n");
    }
    return failed == 0 ? 0 : 1;
}
