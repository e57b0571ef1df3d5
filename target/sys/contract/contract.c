/* The list of all cases, and running one. */
#include "sys/contract/contract.h"

#include <assert.h>
#include <string.h>

#include "sys/contract/file_support.h"
#include "sys/contract/support.h"
#include "sys/contract/unix_support.h"

static const struct wb__contract_group *const groups[] = {
#define GROUP_ENTRY(name) &wb__contract_##name,
    WB__CONTRACT_GROUPS(GROUP_ENTRY)
#undef GROUP_ENTRY
};

enum { GROUP_COUNT = sizeof(groups) / sizeof(groups[0]) };

size_t wb_contract_case_count(void) {
    size_t count = 0;
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        count += groups[i]->count;
    }
    return count;
}

const struct wb_contract_case *wb_contract_case_nth(size_t n) {
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        if (n < groups[i]->count) {
            return &groups[i]->cases[n];
        }
        n -= groups[i]->count;
    }
    assert(!"there are not so many cases");
    return NULL;
}

unsigned wb_contract_case_rule(const struct wb_contract_case *one, char *out_suffix) {
    unsigned number = 0;
    const char *at = one->name + 1;
    if (one->name[0] != 'r') {
        return 0;
    }
    for (; *at >= '0' && *at <= '9' && number < 1000; at++) {
        number = number * 10 + (unsigned)(*at - '0');
    }
    *out_suffix = '\0';
    if (*at >= 'a' && *at <= 'z') {
        *out_suffix = *at++;
    }
    return *at == '_' ? number : 0;
}

static int is_skipped(const struct wb_contract_fixture *fx, const struct wb_contract_case *one) {
    if ((one->flags & WB_CONTRACT_NEEDS_SIGNALS) != 0 && fx->raise_signal == NULL) {
        return 1;
    }
    if ((one->flags & WB_CONTRACT_NEEDS_INTERRUPTION) != 0 && fx->interrupt == NULL) {
        return 1;
    }
    return (one->flags & fx->skip) != 0;
}

enum wb_contract_result wb_contract_run(
    struct wb_contract_fixture *fx, const struct wb_contract_case *one) {
    assert(fx->sys != NULL);
    if (fx->family == 0) {
        fx->family = WB_AF_INET;
    }
    memset(&fx->failure, 0, sizeof(fx->failure));
    memset(fx->open_fds, 0, sizeof(fx->open_fds));
    fx->unix_paths = 0;
    fx->has_files = 0;
    if (is_skipped(fx, one)) {
        return WB_CONTRACT_SKIPPED;
    }
    one->run(fx);
    wb__begin(fx);
    wb__close_all(fx);
    wb__unix_unlink_all(fx);
    wb__files_remove(fx);
    wb__end_untold(fx);
    return fx->failure.file == NULL ? WB_CONTRACT_PASSED : WB_CONTRACT_FAILED;
}
