/* What the cases of files, pipes and calls between them are written with, beside support.h. */
#ifndef WB_SYS_CONTRACT_FILE_SUPPORT_H
#define WB_SYS_CONTRACT_FILE_SUPPORT_H

#include "sys/contract/support.h"

enum { WB__PATH_MAX = 512 };

/* Where a name lies: in a directory that is made when first asked for and removed, whatever is in
 * it, when the case has ended. Absolute; valid until the next call but three. */
const char *wb__path(struct wb_contract_fixture *fx, const char *name);
void wb__files_remove(struct wb_contract_fixture *fx);

/* A file with these contents, made or replaced. False: recorded. */
bool wb__file_write(struct wb_contract_fixture *fx, const char *name, const char *contents);
/* openat of such a name, the descriptor tracked; O_CREAT makes it 0644. */
int wb__open(struct wb_contract_fixture *fx, const char *name, int flags);
int wb__stat(struct wb_contract_fixture *fx, const char *name, struct wb_stat *out_stat);

/* Compares what `name`, or what read(fd) gives from here on (at most 64 bytes), is. */
bool wb__check_contents(struct wb_contract_fixture *fx, const char *file, int line,
    const char *name, const char *expected);
#define CONTENTS(name, expected)                                                                   \
    do {                                                                                           \
        if (!wb__check_contents(fx, __FILE__, __LINE__, (name), (expected))) {                     \
            return;                                                                                \
        }                                                                                          \
    } while (0)
bool wb__check_read(
    struct wb_contract_fixture *fx, const char *file, int line, int fd, const char *expected);
#define READS(fd, expected)                                                                        \
    do {                                                                                           \
        if (!wb__check_read(fx, __FILE__, __LINE__, (fd), (expected))) {                           \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* Non-blocking, tracked. */
struct wb__pipe {
    int reader;
    int writer;
};
bool wb__pipe(struct wb_contract_fixture *fx, struct wb__pipe *out_pipe);

#endif
