/* Regular files: contents, places and sizes, what is shared by whom, and their readiness (R144). */
#include "sys/contract/file_support.h"

#include <string.h>

enum { PAGE = 4096, ACCESS_MODE = WB_O_WRONLY | WB_O_RDWR };

static uint64_t size_of(struct wb_contract_fixture *fx, int fd) {
    struct wb_stat stat = {0};
    return SYS(fstat, fd, &stat) == 0 ? stat.size : UINT64_MAX;
}

static int open_new(struct wb_contract_fixture *fx, const char *name, int flags) {
    return wb__open(fx, name, WB_O_RDWR | WB_O_CREAT | flags);
}

/* ---- readiness ---- */

static void r144_file_cannot_be_watched(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int file = open_new(fx, "file", WB_O_NONBLOCK);
    int directory = wb__open(fx, ".", WB_O_RDONLY);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, file, IN, 1), -EPERM);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, file, IN | OUT | WB_EPOLLET, 1), -EPERM);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, file, IN, 1), -EPERM);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_DEL, file, 0, 1), -EPERM);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, directory, IN, 1), -EPERM);
    ORDER(epfd, 4, "");
}

static void r144_file_is_always_ready_to_poll(struct wb_contract_fixture *fx) {
    struct wb_fd_set readable = {{0}};
    struct wb_fd_set exceptional = {{0}};
    int file = open_new(fx, "file", 0);
    int directory = wb__open(fx, ".", WB_O_RDONLY);
    uint32_t all = IN | OUT | PRI | RDHUP | WB_EPOLLRDNORM | WB_EPOLLWRNORM;
    uint32_t ready = IN | OUT | WB_EPOLLRDNORM | WB_EPOLLWRNORM;
    CHECK_EQUAL(wb__poll_one(fx, file, all, WB_TIMEOUT_INFINITE), ready);
    CHECK_EQUAL(wb__poll_one(fx, directory, all, 0), ready);
    CHECK_EQUAL(wb__poll_one(fx, file, PRI, 0), 0);
    readable.bits[0] = UINT64_C(1) << file;
    exceptional.bits[0] = UINT64_C(1) << file;
    CHECK_EQUAL(SYS(select, file + 1, &readable, NULL, &exceptional, 0), 1);
    CHECK_EQUAL(readable.bits[0], UINT64_C(1) << file);
    CHECK_EQUAL(exceptional.bits[0], 0);
}

/* ---- contents ---- */

/* What Linux calls access mode 3: open for nothing but what needs neither. */
static void file_opened_for_neither_is_neither_read_nor_written(struct wb_contract_fixture *fx) {
    struct wb__pipe pipe;
    char data[4];
    CHECK(wb__pipe(fx, &pipe));
    CHECK(wb__file_write(fx, "file", "abc"));
    int fd = wb__open(fx, "file", ACCESS_MODE | WB_O_APPEND);
    CHECK(fd >= 0);
    CHECK_EQUAL(SYS(fcntl, fd, WB_F_GETFL, 0) & ACCESS_MODE, ACCESS_MODE);
    CHECK_EQUAL(SYS(read, fd, data, sizeof(data)), -EBADF);
    CHECK_EQUAL(SYS(read, fd, data, 0), -EBADF);
    CHECK_EQUAL(SYS(write, fd, "x", 1), -EBADF);
    CHECK_EQUAL(SYS(pread, fd, data, sizeof(data), 0), -EBADF);
    CHECK_EQUAL(SYS(pwrite, fd, "x", 1, 0), -EBADF);
    CHECK_EQUAL(SYS(sendfile, pipe.writer, fd, NULL, 1), -EBADF);
    CHECK_EQUAL(SYS(splice, pipe.reader, NULL, fd, NULL, 1, 0), -EBADF);
    CHECK_EQUAL(SYS(ftruncate, fd, 1), -EINVAL);
    CHECK_EQUAL(SYS(fsync, fd), 0);
    CHECK_EQUAL(SYS(lseek, fd, 0, WB_SEEK_END), 3);
    CHECK_EQUAL(wb__poll_one(fx, fd, IN | OUT, 0), IN | OUT);
    CONTENTS("file", "abc");
    CHECK(wb__open(fx, "file", ACCESS_MODE | WB_O_TRUNC) >= 0);
    CHECK_EQUAL(size_of(fx, fd), 0);
}

static void file_keeps_what_is_written(struct wb_contract_fixture *fx) {
    static const char text[] = "three words here";
    const struct wb_iovec parts[] = {
        {(void *)(uintptr_t)text, 6}, {(void *)(uintptr_t)(text + 6), 10}};
    char first[6];
    char rest[20];
    const struct wb_iovec into[] = {{first, sizeof(first)}, {rest, sizeof(rest)}};
    int fd = open_new(fx, "file", 0);
    CHECK_EQUAL(SYS(writev, fd, parts, 2), 16);
    CHECK_EQUAL(SYS(read, fd, rest, sizeof(rest)), 0);
    CHECK_EQUAL(SYS(lseek, fd, 0, WB_SEEK_SET), 0);
    CHECK_EQUAL(SYS(readv, fd, into, 2), 16);
    CHECK_EQUAL(memcmp(first, text, 6), 0);
    CHECK_EQUAL(memcmp(rest, text + 6, 10), 0);
    CHECK_EQUAL(SYS(read, fd, rest, sizeof(rest)), 0);
    CHECK_EQUAL(wb__close(fx, fd), 0);
    CONTENTS("file", text);
}

static void file_read_and_write_at_a_place_leave_the_own_place(struct wb_contract_fixture *fx) {
    char data[8];
    int fd = open_new(fx, "file", 0);
    CHECK_EQUAL(SYS(pwrite, fd, "abcdef", 6, 2), 6);
    CHECK_EQUAL(size_of(fx, fd), 8);
    CHECK_EQUAL(SYS(lseek, fd, 0, WB_SEEK_CUR), 0);
    CHECK_EQUAL(SYS(pread, fd, data, sizeof(data), 0), 8);
    CHECK_EQUAL(memcmp(data, "\0\0abcdef", 8), 0);
    CHECK_EQUAL(SYS(pread, fd, data, sizeof(data), 6), 2);
    CHECK_EQUAL(SYS(pread, fd, data, sizeof(data), 8), 0);
    CHECK_EQUAL(SYS(pread, fd, data, sizeof(data), 1000000), 0);
    CHECK_EQUAL(SYS(pread, fd, NULL, 8, 1000000), 0); /* nothing is put there */
    CHECK_EQUAL(SYS(pread, fd, data, 0, 0), 0);
    CHECK_EQUAL(SYS(lseek, fd, 0, WB_SEEK_CUR), 0);
}

static void file_hole_reads_as_zeros(struct wb_contract_fixture *fx) {
    static char data[3 * PAGE];
    int fd = open_new(fx, "file", 0);
    CHECK_EQUAL(SYS(pwrite, fd, "x", 1, 5 * PAGE), 1);
    CHECK_EQUAL(size_of(fx, fd), 5 * PAGE + 1);
    memset(data, 1, sizeof(data));
    CHECK_EQUAL(SYS(pread, fd, data, sizeof(data), PAGE + 5), (int64_t)sizeof(data));
    for (size_t i = 0; i < sizeof(data); i++) {
        CHECK(data[i] == 0);
    }
}

static void file_cut_and_grown_again_has_zeros(struct wb_contract_fixture *fx) {
    char data[8];
    int fd = open_new(fx, "file", 0);
    CHECK_EQUAL(SYS(write, fd, "abcdef", 6), 6);
    CHECK_EQUAL(SYS(ftruncate, fd, 2), 0);
    CHECK_EQUAL(size_of(fx, fd), 2);
    CHECK_EQUAL(SYS(lseek, fd, 0, WB_SEEK_CUR), 6);
    CHECK_EQUAL(SYS(read, fd, data, sizeof(data)), 0);
    CHECK_EQUAL(SYS(ftruncate, fd, 8), 0);
    CHECK_EQUAL(SYS(pread, fd, data, sizeof(data), 0), 8);
    CHECK_EQUAL(memcmp(data, "ab\0\0\0\0\0\0", 8), 0);
    CHECK_EQUAL(SYS(ftruncate, fd, -1), -EINVAL);
    CHECK_EQUAL(SYS(ftruncate, fd, INT64_MAX), -EFBIG);
    CHECK_EQUAL(size_of(fx, fd), 8);
}

static void file_long_contents_stay_in_order(struct wb_contract_fixture *fx) {
    static uint8_t data[10007];
    int fd = open_new(fx, "file", 0);
    for (uint64_t at = 0; at < 400000;) {
        for (size_t i = 0; i < sizeof(data); i++) {
            data[i] = (uint8_t)((at + i) % 251);
        }
        CHECK_EQUAL(SYS(write, fd, data, sizeof(data)), (int64_t)sizeof(data));
        at += sizeof(data);
    }
    CHECK_EQUAL(SYS(lseek, fd, 3, WB_SEEK_SET), 3);
    for (uint64_t at = 3; at < 390000;) {
        int64_t len = SYS(read, fd, data, 4999);
        CHECK_EQUAL(len, 4999);
        for (size_t i = 0; i < 4999; i++) {
            CHECK(data[i] == (uint8_t)((at + i) % 251));
        }
        at += 4999;
    }
}

/* ---- places ---- */

static void file_place_can_be_set(struct wb_contract_fixture *fx) {
    int fd = open_new(fx, "file", 0);
    CHECK_EQUAL(SYS(write, fd, "abcdef", 6), 6);
    CHECK_EQUAL(SYS(lseek, fd, -2, WB_SEEK_END), 4);
    READS(fd, "ef");
    CHECK_EQUAL(SYS(lseek, fd, -5, WB_SEEK_CUR), 1);
    READS(fd, "bcdef");
    CHECK_EQUAL(SYS(lseek, fd, -1, WB_SEEK_SET), -EINVAL);
    CHECK_EQUAL(SYS(lseek, fd, -7, WB_SEEK_CUR), -EINVAL);
    CHECK_EQUAL(SYS(lseek, fd, 0, 3), -EINVAL);
    CHECK_EQUAL(SYS(lseek, fd, 10, WB_SEEK_CUR), 16);
    READS(fd, "");
    CHECK_EQUAL(size_of(fx, fd), 6);
    CHECK_EQUAL(SYS(write, fd, "x", 1), 1);
    CHECK_EQUAL(size_of(fx, fd), 17);
}

static void file_place_is_the_description_s(struct wb_contract_fixture *fx) {
    CHECK(wb__file_write(fx, "file", "abcdef"));
    char byte;
    int own = wb__open(fx, "file", WB_O_RDONLY);
    int twin = wb__dup(fx, own);
    int other = wb__open(fx, "file", WB_O_RDONLY);
    CHECK_EQUAL(SYS(read, own, &byte, 1), 1);
    CHECK_EQUAL(SYS(read, twin, &byte, 1), 1);
    CHECK_EQUAL(byte, 'b');
    CHECK_EQUAL(SYS(read, other, &byte, 1), 1);
    CHECK_EQUAL(byte, 'a');
}

static void file_appended_to_ends_with_what_was_written(struct wb_contract_fixture *fx) {
    CHECK(wb__file_write(fx, "file", "abc"));
    int own = wb__open(fx, "file", WB_O_RDWR | WB_O_APPEND);
    int other = wb__open(fx, "file", WB_O_WRONLY);
    CHECK_EQUAL(SYS(lseek, own, 0, WB_SEEK_CUR), 0);
    CHECK_EQUAL(SYS(write, own, "d", 1), 1);
    CHECK_EQUAL(SYS(lseek, own, 0, WB_SEEK_CUR), 4);
    CHECK_EQUAL(SYS(pwrite, other, "ef", 2, 4), 2);
    CHECK_EQUAL(SYS(write, own, "g", 1), 1);
    CHECK_EQUAL(SYS(pwrite, own, "h", 1, 0), 1); /* Linux: at the end, wherever it was told */
    CHECK_EQUAL(SYS(lseek, own, 0, WB_SEEK_CUR), 7);
    CONTENTS("file", "abcdefgh");
    CHECK_EQUAL(SYS(fcntl, own, WB_F_SETFL, 0), 0); /* no longer */
    CHECK_EQUAL(SYS(pwrite, own, "A", 1, 0), 1);
    CONTENTS("file", "Abcdefgh");
    CHECK_EQUAL(SYS(fcntl, own, WB_F_SETFL, WB_O_APPEND), 0);
    CHECK_EQUAL(SYS(pwrite, own, "i", 1, 0), 1);
    CONTENTS("file", "Abcdefghi");
}

/* ---- opening ---- */

static void file_opened_for_one_way_refuses_the_other(struct wb_contract_fixture *fx) {
    char byte;
    CHECK(wb__file_write(fx, "file", "abc"));
    int reader = wb__open(fx, "file", WB_O_RDONLY);
    int writer = wb__open(fx, "file", WB_O_WRONLY);
    CHECK_EQUAL(SYS(write, reader, "x", 1), -EBADF);
    CHECK_EQUAL(SYS(pwrite, reader, "x", 1, 0), -EBADF);
    CHECK_EQUAL(SYS(ftruncate, reader, 0), -EINVAL);
    CHECK_EQUAL(SYS(read, writer, &byte, 1), -EBADF);
    CHECK_EQUAL(SYS(pread, writer, &byte, 1, 0), -EBADF);
    CHECK_EQUAL(SYS(fsync, reader), 0);
    CHECK_EQUAL(SYS(fsync, writer), 0);
    CHECK_EQUAL(SYS(fcntl, reader, WB_F_GETFL, 0) & ACCESS_MODE, WB_O_RDONLY);
    CHECK_EQUAL(SYS(fcntl, writer, WB_F_GETFL, 0) & ACCESS_MODE, WB_O_WRONLY);
}

static void file_opened_to_be_cut_is_empty(struct wb_contract_fixture *fx) {
    CHECK(wb__file_write(fx, "file", "abc"));
    int old = wb__open(fx, "file", WB_O_RDONLY);
    CHECK(wb__open(fx, "file", WB_O_RDONLY | WB_O_TRUNC) >= 0); /* even so, on Linux */
    CHECK_EQUAL(size_of(fx, old), 0);
    READS(old, "");
}

static void file_flags_are_kept_but_those_of_opening(struct wb_contract_fixture *fx) {
    int flags = WB_O_NONBLOCK | WB_O_APPEND;
    int created = WB_O_CREAT | WB_O_EXCL | WB_O_TRUNC | WB_O_CLOEXEC;
    int fd = open_new(fx, "file", flags | created);
    CHECK_EQUAL(SYS(fcntl, fd, WB_F_GETFL, 0) & (flags | created | ACCESS_MODE), flags | WB_O_RDWR);
    CHECK_EQUAL(SYS(fcntl, fd, WB_F_SETFL, 0), 0);
    CHECK_EQUAL(SYS(fcntl, fd, WB_F_GETFL, 0) & (flags | ACCESS_MODE), WB_O_RDWR);
}

static void file_without_a_name_lives_while_it_is_open(struct wb_contract_fixture *fx) {
    CHECK(wb__file_write(fx, "file", "abc"));
    int fd = wb__open(fx, "file", WB_O_RDWR);
    CHECK_EQUAL(SYS(unlink, wb__path(fx, "file")), 0);
    CHECK(wb__file_write(fx, "file", "new"));
    READS(fd, "abc");
    CHECK_EQUAL(SYS(write, fd, "d", 1), 1);
    CHECK_EQUAL(size_of(fx, fd), 4);
    CONTENTS("file", "new");
}

static void file_time_is_that_of_its_contents(struct wb_contract_fixture *fx) {
    struct wb_stat before;
    struct wb_stat after;
    CHECK(wb__file_write(fx, "file", "abc"));
    CHECK_EQUAL(wb__stat(fx, "file", &before), 0);
    uint64_t real_ns = SYS(clock_gettime, WB_CLOCK_REALTIME);
    CHECK(before.mtime_ns <= real_ns && real_ns - before.mtime_ns < UINT64_C(60000000000));
    CHECK_EQUAL(wb__poll_one(fx, -1, 0, 20000000), 0); /* coarser than the clock */
    CONTENTS("file", "abc");
    CHECK_EQUAL(wb__stat(fx, "file", &after), 0);
    CHECK_EQUAL(after.mtime_ns, before.mtime_ns);
    int fd = wb__open(fx, "file", WB_O_WRONLY);
    CHECK_EQUAL(SYS(write, fd, "A", 1), 1);
    CHECK_EQUAL(SYS(fstat, fd, &after), 0);
    CHECK(after.mtime_ns > before.mtime_ns);
    CHECK_EQUAL(after.inode, before.inode);
}

static void file_kinds_are_told_of_any_descriptor(struct wb_contract_fixture *fx) {
    struct wb_stat stat;
    struct wb__pipe pipe;
    CHECK(wb__pipe(fx, &pipe));
    CHECK_EQUAL(SYS(fstat, pipe.reader, &stat), 0);
    CHECK_EQUAL(stat.kind, WB_DT_FIFO);
    CHECK_EQUAL(stat.mode, 0600);
    CHECK_EQUAL(SYS(fstat, wb__tcp_socket(fx), &stat), 0);
    CHECK_EQUAL(stat.kind, WB_DT_SOCK);
    CHECK_EQUAL(stat.mode, 0777);
    CHECK_EQUAL(SYS(fstat, wb__eventfd(fx, 0), &stat), 0);
    CHECK_EQUAL(stat.kind, WB_DT_UNKNOWN);
    CHECK_EQUAL(stat.mode, 0600);
    CHECK_EQUAL(stat.size, 0);
}

static const struct wb_contract_case cases[] = {
    CASE(r144_file_cannot_be_watched, 0),
    CASE(r144_file_is_always_ready_to_poll, 0),
    CASE(file_opened_for_neither_is_neither_read_nor_written, 0),
    CASE(file_keeps_what_is_written, 0),
    CASE(file_read_and_write_at_a_place_leave_the_own_place, 0),
    CASE(file_hole_reads_as_zeros, 0),
    CASE(file_cut_and_grown_again_has_zeros, 0),
    CASE(file_long_contents_stay_in_order, 0),
    CASE(file_place_can_be_set, 0),
    CASE(file_place_is_the_description_s, 0),
    CASE(file_appended_to_ends_with_what_was_written, 0),
    CASE(file_opened_for_one_way_refuses_the_other, 0),
    CASE(file_opened_to_be_cut_is_empty, 0),
    CASE(file_flags_are_kept_but_those_of_opening, 0),
    CASE(file_without_a_name_lives_while_it_is_open, 0),
    CASE(file_time_is_that_of_its_contents, 0),
    CASE(file_kinds_are_told_of_any_descriptor, 0),
};
WB__CONTRACT_GROUP(file);
