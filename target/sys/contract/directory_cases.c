/* Reading directories. The order of entries is the file system's own: only what is there counts. */
#include "sys/contract/file_support.h"

#include <stdio.h>
#include <string.h>

enum { FILES = 100, ENTRIES = 7 };

static bool make_files(struct wb_contract_fixture *fx) {
    bool good = true;
    for (int i = 0; good && i < FILES; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "entry-%d", i);
        good = wb__file_write(fx, name, "");
    }
    return good;
}

/* Counts each entry by its number until the end: how many there were, or an error. */
static int read_all(struct wb_contract_fixture *fx, int fd, uint8_t seen[FILES]) {
    struct wb_dirent entries[ENTRIES];
    int total = 0;
    memset(seen, 0, FILES);
    for (;;) {
        int count = SYS(getdents, fd, entries, ENTRIES);
        for (int i = 0; i < count; i++) {
            int number = -1;
            if (sscanf(entries[i].name, "entry-%d", &number) == 1 && number >= 0
                && number < FILES) {
                seen[number]++;
            }
        }
        if (count <= 0) {
            return count < 0 ? count : total;
        }
        total += count;
    }
}

static void directory_tells_each_entry_once(struct wb_contract_fixture *fx) {
    uint8_t seen[FILES];
    CHECK(make_files(fx));
    int fd = wb__open(fx, ".", WB_O_RDONLY | WB_O_DIRECTORY);
    CHECK_EQUAL(read_all(fx, fd, seen), FILES);
    for (int i = 0; i < FILES; i++) {
        CHECK_EQUAL(seen[i], 1);
    }
    CHECK_EQUAL(read_all(fx, fd, seen), 0);
    CHECK_EQUAL(SYS(lseek, fd, 0, WB_SEEK_SET), 0);
    CHECK_EQUAL(read_all(fx, fd, seen), FILES);
}

/* Whoever removes what it reads meets every entry. */
static void directory_can_be_emptied_while_it_is_read(struct wb_contract_fixture *fx) {
    struct wb_dirent entry;
    int removed = 0;
    CHECK(make_files(fx));
    int fd = wb__open(fx, ".", WB_O_RDONLY);
    while (SYS(getdents, fd, &entry, 1) == 1) {
        CHECK_EQUAL(SYS(unlink, wb__path(fx, entry.name)), 0);
        removed++;
    }
    CHECK_EQUAL(removed, FILES);
    CHECK_EQUAL(SYS(rmdir, wb__path(fx, "")), 0);
    CHECK_EQUAL(SYS(getdents, fd, &entry, 1), -ENOENT); /* it is gone itself */
    fx->has_files = 0;
}

static void directory_tells_what_an_entry_is(struct wb_contract_fixture *fx) {
    struct wb_dirent entry;
    struct wb_stat stat;
    CHECK_EQUAL(SYS(mkdir, wb__path(fx, "inner"), 0700), 0);
    int fd = wb__open(fx, ".", WB_O_RDONLY);
    CHECK_EQUAL(SYS(getdents, fd, &entry, 1), 1);
    CHECK_EQUAL(strcmp(entry.name, "inner"), 0);
    CHECK(entry.kind == WB_DT_DIR || entry.kind == WB_DT_UNKNOWN);
    CHECK_EQUAL(wb__stat(fx, "inner", &stat), 0);
    CHECK_EQUAL(entry.inode, stat.inode);
    CHECK_EQUAL(SYS(getdents, fd, &entry, 1), 0);
    int empty = wb__open(fx, "inner", WB_O_RDONLY);
    CHECK_EQUAL(SYS(getdents, empty, NULL, 1), 0 - EFAULT);
    CHECK_EQUAL(SYS(lseek, empty, 0, WB_SEEK_SET), 0);
    CHECK_EQUAL(SYS(getdents, empty, &entry, 1), 0);
}

static void directory_is_not_read_or_written_as_a_file(struct wb_contract_fixture *fx) {
    char byte;
    struct wb_dirent entry;
    int fd = wb__open(fx, ".", WB_O_RDONLY);
    CHECK_EQUAL(SYS(read, fd, &byte, 1), -EISDIR);
    CHECK_EQUAL(SYS(pread, fd, &byte, 1, 0), -EISDIR);
    CHECK_EQUAL(SYS(write, fd, "x", 1), -EBADF);
    CHECK(wb__file_write(fx, "file", "x"));
    int file = wb__open(fx, "file", WB_O_RDONLY);
    CHECK_EQUAL(SYS(getdents, file, &entry, 1), -ENOTDIR);
}

/* Each open has a place of its own. */
static void directory_is_read_by_each_opener_alone(struct wb_contract_fixture *fx) {
    struct wb_dirent entry;
    CHECK(wb__file_write(fx, "one", ""));
    CHECK(wb__file_write(fx, "two", ""));
    int first = wb__open(fx, ".", WB_O_RDONLY);
    int second = wb__open(fx, ".", WB_O_RDONLY);
    int twin = wb__dup(fx, first);
    CHECK_EQUAL(SYS(getdents, first, &entry, 1), 1);
    CHECK_EQUAL(SYS(getdents, twin, &entry, 1), 1);
    CHECK_EQUAL(SYS(getdents, first, &entry, 1), 0);
    CHECK_EQUAL(SYS(getdents, second, &entry, 1), 1);
}

static const struct wb_contract_case cases[] = {
    CASE(directory_tells_each_entry_once, 0),
    CASE(directory_can_be_emptied_while_it_is_read, 0),
    CASE(directory_tells_what_an_entry_is, 0),
    CASE(directory_is_not_read_or_written_as_a_file, 0),
    CASE(directory_is_read_by_each_opener_alone, 0),
};
WB__CONTRACT_GROUP(directory);
