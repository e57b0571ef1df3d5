/* Names in the file system: dots, slashes and lengths, what each call says of a name that is not
 * what it wants, directories as a place to begin, and Unix sockets among files. */
#include "sys/contract/file_support.h"
#include "sys/contract/unix_support.h"

#include <stdio.h>
#include <string.h>

enum { CREATE = WB_O_RDWR | WB_O_CREAT, NEW = CREATE | WB_O_EXCL, NAME_LEN = 300 };

/* file, directory/file, empty/ */
static bool prepare(struct wb_contract_fixture *fx) {
    int result = SYS(mkdir, wb__path(fx, "directory"), 0755);
    result = result != 0 ? result : SYS(mkdir, wb__path(fx, "empty"), 0755);
    return wb__check_equal(fx, __FILE__, __LINE__, result, 0, "mkdir")
           && wb__file_write(fx, "file", "one") && wb__file_write(fx, "directory/file", "two");
}

/* A call, its name or names, and what comes of it. */
struct attempt {
    const char *name;
    int expected;
    int flags;
    const char *to;
};
#define EACH_ATTEMPT(attempts, call)                                                               \
    for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {                          \
        const struct attempt *one = &(attempts)[i];                                                \
        if (!wb__check_equal(fx, __FILE__, __LINE__, (call), one->expected, one->name)) {          \
            return;                                                                                \
        }                                                                                          \
    }

static int open_and_close(struct wb_contract_fixture *fx, const char *name, int flags) {
    int fd = wb__open(fx, name, flags);
    return fd < 0 ? fd : wb__close(fx, fd);
}

static void path_open_finds_what_is_there(struct wb_contract_fixture *fx) {
    static const struct attempt attempts[] = {
        {.name = "file"},
        {.name = "./file"},
        {.name = "directory/../file"},
        {.name = "directory//file"},
        {.name = "directory/./../directory/file"},
        {.name = "directory"},
        {.name = "directory/"},
        {.name = "directory/."},
        {.name = "../files/file"},
        {.name = "file/", .expected = -ENOTDIR},
        {.name = "file/.", .expected = -ENOTDIR},
        {.name = "file/..", .expected = -ENOTDIR},
        {.name = "file/file", .expected = -ENOTDIR},
        {.name = "none", .expected = -ENOENT},
        {.name = "none/", .expected = -ENOENT},
        {.name = "none/../file", .expected = -ENOENT},
        {.name = "File", .expected = -ENOENT},
    };
    CHECK(prepare(fx));
    EACH_ATTEMPT(attempts, open_and_close(fx, one->name, WB_O_RDONLY));
    CHECK_EQUAL(SYS(openat, WB_AT_FDCWD, "", WB_O_RDONLY, 0), -ENOENT);
    CHECK_EQUAL(SYS(openat, WB_AT_FDCWD, NULL, WB_O_RDONLY, 0), -EFAULT);
    int fd = wb__track(fx, SYS(openat, WB_AT_FDCWD, "/../..//tmp", WB_O_RDONLY, 0));
    CHECK(fd >= 0);
}

static void path_open_asks_for_what_it_says(struct wb_contract_fixture *fx) {
    static const struct attempt attempts[] = {
        {"file", -ENOTDIR, WB_O_RDONLY | WB_O_DIRECTORY, NULL},
        {"directory", 0, WB_O_RDONLY | WB_O_DIRECTORY | WB_O_NOFOLLOW, NULL},
        {"none", -ENOENT, WB_O_RDONLY | WB_O_DIRECTORY, NULL},
        {"none", -EINVAL, CREATE | WB_O_DIRECTORY, NULL},
        {"directory", -EISDIR, WB_O_WRONLY, NULL},
        {"directory", -EISDIR, WB_O_RDWR, NULL},
        {"directory", -EISDIR, WB_O_RDONLY | WB_O_TRUNC, NULL},
        {"directory", -EISDIR, WB_O_RDONLY | WB_O_CREAT, NULL},
        {"directory", -EEXIST, NEW, NULL},
        {"directory/.", -EISDIR, CREATE, NULL},
        {"directory/..", -EEXIST, NEW, NULL},
        {"file", -EEXIST, NEW, NULL},
        {"file/", -EISDIR, CREATE, NULL},
        {"file/", -EISDIR, NEW, NULL},
        {"none/", -EISDIR, CREATE, NULL},
        {"none/file", -ENOENT, CREATE, NULL},
        {"file/file", -ENOTDIR, CREATE, NULL},
        {"none", 0, NEW, NULL},
        {"none", -EEXIST, NEW, NULL},
        {"none", 0, CREATE, NULL},
        {"file", 0, WB_O_WRONLY | WB_O_RDWR, NULL},
        {"directory", -EISDIR, WB_O_WRONLY | WB_O_RDWR, NULL},
    };
    CHECK(prepare(fx));
    EACH_ATTEMPT(attempts, open_and_close(fx, one->name, one->flags));
    CONTENTS("file", "one");
}

static void path_mkdir_makes_what_is_not_there(struct wb_contract_fixture *fx) {
    static const struct attempt attempts[] = {
        {.name = "new"},
        {.name = "newer/"},
        {.name = "new/inner"},
        {.name = "new", .expected = -EEXIST},
        {.name = "new/", .expected = -EEXIST},
        {.name = "file", .expected = -EEXIST},
        {.name = "file/", .expected = -EEXIST},
        {.name = "file/new", .expected = -ENOTDIR},
        {.name = "none/new", .expected = -ENOENT},
        {.name = "new/.", .expected = -EEXIST},
        {.name = "new/..", .expected = -EEXIST},
        {.name = "none/.", .expected = -ENOENT},
    };
    CHECK(prepare(fx));
    EACH_ATTEMPT(attempts, SYS(mkdir, wb__path(fx, one->name), 0755));
    CHECK_EQUAL(SYS(mkdir, "/", 0755), -EEXIST);
    CHECK_EQUAL(SYS(mkdir, "", 0755), -ENOENT);
    CHECK_EQUAL(SYS(mkdir, NULL, 0755), -EFAULT);
}

/* A file keeps what runs it as its owner; a directory is made without. */
static void path_mkdir_leaves_set_id_bits_out(struct wb_contract_fixture *fx) {
    struct wb_stat stat;
    CHECK_EQUAL(SYS(mkdir, wb__path(fx, "new"), 04700), 0);
    CHECK_EQUAL(SYS(stat, wb__path(fx, "new"), &stat), 0);
    CHECK_EQUAL(stat.mode & 04777, 0700);
    CHECK_EQUAL(SYS(mkdir, wb__path(fx, "sticky"), 01700), 0);
    CHECK_EQUAL(SYS(stat, wb__path(fx, "sticky"), &stat), 0);
    CHECK_EQUAL(stat.mode & 05777, 01700);
}

static void path_rmdir_removes_empty_directories(struct wb_contract_fixture *fx) {
    static const struct attempt attempts[] = {
        {.name = "file", .expected = -ENOTDIR},
        {.name = "file/", .expected = -ENOTDIR},
        {.name = "file/x", .expected = -ENOTDIR},
        {.name = "none", .expected = -ENOENT},
        {.name = "directory", .expected = -ENOTEMPTY},
        {.name = "empty/.", .expected = -EINVAL},
        {.name = "empty/..", .expected = -ENOTEMPTY},
        {.name = "empty/"},
        {.name = "empty", .expected = -ENOENT},
    };
    CHECK(prepare(fx));
    EACH_ATTEMPT(attempts, SYS(rmdir, wb__path(fx, one->name)));
    CHECK_EQUAL(SYS(rmdir, "/"), -EBUSY);
    CHECK_EQUAL(SYS(rmdir, ""), -ENOENT);
    CHECK_EQUAL(SYS(rmdir, NULL), -EFAULT);
}

static void path_unlink_removes_files(struct wb_contract_fixture *fx) {
    static const struct attempt attempts[] = {
        {.name = "directory", .expected = -EISDIR},
        {.name = "directory/", .expected = -EISDIR},
        {.name = "directory/.", .expected = -EISDIR},
        {.name = "directory/..", .expected = -EISDIR},
        {.name = "file/", .expected = -ENOTDIR},
        {.name = "file/x", .expected = -ENOTDIR},
        {.name = "none", .expected = -ENOENT},
        {.name = "none/", .expected = -ENOENT},
        {.name = "none/x", .expected = -ENOENT},
        {.name = "file"},
        {.name = "file", .expected = -ENOENT},
        {.name = "directory/file"},
    };
    CHECK(prepare(fx));
    EACH_ATTEMPT(attempts, SYS(unlink, wb__path(fx, one->name)));
    CHECK_EQUAL(SYS(unlink, "/"), -EISDIR);
    CHECK_EQUAL(SYS(rmdir, wb__path(fx, "directory")), 0);
}

static int rename_names(struct wb_contract_fixture *fx, const char *from, const char *to) {
    return SYS(rename, wb__path(fx, from), wb__path(fx, to));
}

static void path_rename_refuses(struct wb_contract_fixture *fx) {
    static const struct attempt attempts[] = {
        {.name = "none", .to = "new", .expected = -ENOENT},
        {.name = "none", .to = "file/", .expected = -ENOENT},
        {.name = "file", .to = "none/new", .expected = -ENOENT},
        {.name = "file", .to = "file/new", .expected = -ENOTDIR},
        {.name = "file/x", .to = "new", .expected = -ENOTDIR},
        {.name = "file/", .to = "new", .expected = -ENOTDIR},
        {.name = "file", .to = "new/", .expected = -ENOTDIR},
        {.name = "file", .to = "empty", .expected = -EISDIR},
        {.name = "file", .to = "empty/", .expected = -ENOTDIR},
        {.name = "empty", .to = "file", .expected = -ENOTDIR},
        {.name = "empty", .to = "directory", .expected = -ENOTEMPTY},
        {.name = "directory", .to = "directory/inner", .expected = -EINVAL},
        {.name = "directory/file", .to = "directory", .expected = -ENOTEMPTY},
        {.name = "directory/.", .to = "new", .expected = -EBUSY},
        {.name = "directory/..", .to = "new", .expected = -EBUSY},
        {.name = "file", .to = "directory/.", .expected = -EBUSY},
        {.name = "none", .to = "directory/.", .expected = -EBUSY},
    };
    CHECK(prepare(fx));
    EACH_ATTEMPT(attempts, rename_names(fx, one->name, one->to));
    CHECK_EQUAL(SYS(rename, "/", wb__path(fx, "new")), -EBUSY);
    CHECK_EQUAL(SYS(rename, wb__path(fx, "file"), "/"), -EBUSY);
    CHECK_EQUAL(SYS(rename, "", wb__path(fx, "new")), -ENOENT);
    CHECK_EQUAL(SYS(rename, wb__path(fx, "file"), ""), -ENOENT);
    CHECK_EQUAL(SYS(rename, NULL, wb__path(fx, "new")), -EFAULT);
    CHECK_EQUAL(SYS(rename, wb__path(fx, "file"), NULL), -EFAULT);
    CONTENTS("file", "one");
    CONTENTS("directory/file", "two");
}

static void path_rename_moves_and_replaces(struct wb_contract_fixture *fx) {
    static const struct attempt attempts[] = {
        {.name = "file", .to = "file"},
        {.name = "file", .to = "directory/file"},
        {.name = "directory/", .to = "empty/"},
        {.name = "empty", .to = "empty/"},
        {.name = "empty", .to = "new/"},
    };
    CHECK(prepare(fx));
    int old = wb__open(fx, "directory/file", WB_O_RDONLY);
    EACH_ATTEMPT(attempts, rename_names(fx, one->name, one->to));
    CONTENTS("new/file", "one");
    CHECK_EQUAL(open_and_close(fx, "file", WB_O_RDONLY), -ENOENT);
    CHECK_EQUAL(open_and_close(fx, "directory", WB_O_RDONLY), -ENOENT);
    READS(old, "two"); /* what was replaced stays while it is open */
}

static void path_length_is_limited(struct wb_contract_fixture *fx) {
    static char name[NAME_LEN];
    static char path[5000];
    memset(name, 'a', sizeof(name));
    name[WB_NAME_MAX] = '\0';
    CHECK_EQUAL(open_and_close(fx, name, CREATE), 0);
    name[WB_NAME_MAX] = 'a';
    name[WB_NAME_MAX + 1] = '\0';
    CHECK_EQUAL(open_and_close(fx, name, CREATE), -ENAMETOOLONG);
    CHECK_EQUAL(open_and_close(fx, name, WB_O_RDONLY), -ENAMETOOLONG);
    CHECK_EQUAL(SYS(mkdir, wb__path(fx, name), 0755), -ENAMETOOLONG);
    memset(path, '/', 4095);
    path[4095] = '\0';
    CHECK(wb__track(fx, SYS(openat, WB_AT_FDCWD, path, WB_O_RDONLY, 0)) >= 0);
    path[4095] = '/';
    CHECK_EQUAL(SYS(openat, WB_AT_FDCWD, path, WB_O_RDONLY, 0), -ENAMETOOLONG);
    CHECK_EQUAL(SYS(unlink, path), -ENAMETOOLONG);
    CHECK_EQUAL(SYS(rename, path, "/"), -ENAMETOOLONG);
}

static void path_begins_in_the_directory_that_is_given(struct wb_contract_fixture *fx) {
    CHECK(prepare(fx));
    int directory = wb__open(fx, "directory", WB_O_RDONLY | WB_O_DIRECTORY);
    int file = wb__track(fx, SYS(openat, directory, "file", WB_O_RDONLY, 0));
    READS(file, "two");
    file = wb__track(fx, SYS(openat, directory, "../file", WB_O_RDONLY, 0));
    READS(file, "one");
    CHECK_EQUAL(SYS(openat, file, "file", WB_O_RDONLY, 0), -ENOTDIR);
    CHECK_EQUAL(SYS(openat, -1, "file", WB_O_RDONLY, 0), -EBADF);
    CHECK(wb__track(fx, SYS(openat, -1, "/", WB_O_RDONLY, 0)) >= 0); /* absolute: not looked at */
    CHECK_EQUAL(SYS(openat, directory, "", WB_O_RDONLY, 0), -ENOENT);
    int new = wb__track(fx, SYS(openat, directory, "new", CREATE, 0600));
    CHECK(new >= 0);
    CHECK_EQUAL(rename_names(fx, "directory", "moved"), 0);
    CHECK_EQUAL(open_and_close(fx, "moved/new", WB_O_RDONLY), 0);
    file = wb__track(fx, SYS(openat, directory, "file", WB_O_RDONLY, 0));
    READS(file, "two"); /* the directory, not its name */
}

static void path_of_a_removed_directory_leads_nowhere(struct wb_contract_fixture *fx) {
    struct wb_stat stat;
    CHECK(prepare(fx));
    int fd = wb__open(fx, "empty", WB_O_RDONLY | WB_O_DIRECTORY);
    CHECK_EQUAL(SYS(rmdir, wb__path(fx, "empty")), 0);
    CHECK_EQUAL(SYS(openat, fd, "new", CREATE, 0644), -ENOENT);
    CHECK_EQUAL(SYS(openat, fd, "none", WB_O_RDONLY, 0), -ENOENT);
    CHECK(wb__track(fx, SYS(openat, fd, ".", WB_O_RDONLY, 0)) >= 0);
    CHECK(wb__track(fx, SYS(openat, fd, "..", WB_O_RDONLY, 0)) >= 0);
    CHECK_EQUAL(SYS(fstat, fd, &stat), 0);
    CHECK_EQUAL(stat.kind, WB_DT_DIR);
}

static void path_stat_tells_what_is_there(struct wb_contract_fixture *fx) {
    struct wb_stat file;
    struct wb_stat other;
    CHECK(prepare(fx));
    CHECK_EQUAL(wb__stat(fx, "file", &file), 0);
    CHECK_EQUAL(file.kind, WB_DT_REG);
    CHECK_EQUAL(file.size, 3);
    CHECK_EQUAL(file.mode & 0600, 0600);
    CHECK_EQUAL(wb__stat(fx, "directory/../file", &other), 0);
    CHECK_EQUAL(other.inode, file.inode);
    CHECK_EQUAL(wb__stat(fx, "directory/file", &other), 0);
    CHECK(other.inode != file.inode);
    CHECK_EQUAL(wb__stat(fx, "directory", &other), 0);
    CHECK_EQUAL(other.kind, WB_DT_DIR);
    CHECK_EQUAL(other.size, 0);
    CHECK_EQUAL(wb__stat(fx, "file/", &other), -ENOTDIR);
    CHECK_EQUAL(wb__stat(fx, "none", NULL), -ENOENT);
    CHECK_EQUAL(wb__stat(fx, "file", NULL), -EFAULT);
    CHECK_EQUAL(SYS(stat, NULL, &other), -EFAULT);
    CHECK_EQUAL(SYS(stat, "", &other), -ENOENT);
}

/* ---- Unix sockets ---- */

static int bind_to(struct wb_contract_fixture *fx, int fd, const char *name) {
    struct wb_sockaddr addr = {.family = WB_AF_UNIX};
    (void)snprintf(addr.un.path, sizeof(addr.un.path), "%s", wb__path(fx, name));
    return SYS(bind, fd, &addr, sizeof(addr.un));
}

static int connect_to(struct wb_contract_fixture *fx, int fd, const char *name) {
    struct wb_sockaddr addr = {.family = WB_AF_UNIX};
    (void)snprintf(addr.un.path, sizeof(addr.un.path), "%s", wb__path(fx, name));
    return SYS(connect, fd, &addr, sizeof(addr.un));
}

static void path_of_a_unix_socket_lies_among_files(struct wb_contract_fixture *fx) {
    static const struct attempt binds[] = {
        {.name = "file", .expected = -EADDRINUSE},
        {.name = "file/", .expected = -EADDRINUSE},
        {.name = "directory", .expected = -EADDRINUSE},
        {.name = "directory/..", .expected = -EADDRINUSE},
        {.name = "none/socket", .expected = -ENOENT},
        {.name = "none/", .expected = -ENOENT},
        {.name = "file/socket", .expected = -ENOTDIR},
        {.name = "directory/socket"},
    };
    static const struct attempt connects[] = {
        {.name = "file", .expected = -ECONNREFUSED},
        {.name = "directory", .expected = -ECONNREFUSED},
        {.name = "file/", .expected = -ENOTDIR},
        {.name = "none", .expected = -ENOENT},
        {.name = "directory/socket", .expected = -ECONNREFUSED},
    };
    CHECK(prepare(fx));
    int own = wb__unix_socket(fx, STREAM);
    int other = wb__unix_socket(fx, STREAM);
    EACH_ATTEMPT(binds, bind_to(fx, own, one->name));
    EACH_ATTEMPT(connects, connect_to(fx, other, one->name));
    CHECK_EQUAL(bind_to(fx, other, "directory/socket"), -EADDRINUSE);
}

static void path_of_a_unix_socket_is_no_file_to_open(struct wb_contract_fixture *fx) {
    static const struct attempt attempts[] = {
        {"socket", -ENXIO, WB_O_RDONLY, NULL},
        {"socket", -ENXIO, CREATE | WB_O_TRUNC, NULL},
        {"socket", -EEXIST, NEW, NULL},
        {"socket", -ENOTDIR, WB_O_RDONLY | WB_O_DIRECTORY, NULL},
        {"socket/", -ENOTDIR, WB_O_RDONLY, NULL},
        {"socket/x", -ENOTDIR, WB_O_RDONLY, NULL},
    };
    struct wb_stat stat;
    CHECK(prepare(fx));
    CHECK_EQUAL(bind_to(fx, wb__unix_socket(fx, STREAM), "socket"), 0);
    EACH_ATTEMPT(attempts, open_and_close(fx, one->name, one->flags));
    CHECK_EQUAL(wb__stat(fx, "socket", &stat), 0);
    CHECK_EQUAL(stat.kind, WB_DT_SOCK);
    CHECK_EQUAL(SYS(rmdir, wb__path(fx, "socket")), -ENOTDIR);
}

/* The name moves, what the socket says of itself does not. */
static void path_of_a_unix_socket_can_be_renamed(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    CHECK(prepare(fx));
    int listener = wb__unix_socket(fx, STREAM);
    CHECK_EQUAL(bind_to(fx, listener, "socket"), 0);
    CHECK_EQUAL(SYS(listen, listener, 1), 0);
    CHECK_EQUAL(rename_names(fx, "socket", "directory/moved"), 0);
    CHECK_EQUAL(connect_to(fx, wb__unix_socket(fx, STREAM), "socket"), -ENOENT);
    CHECK_EQUAL(connect_to(fx, wb__unix_socket(fx, STREAM), "directory/moved"), 0);
    CHECK_EQUAL(SYS(getsockname, listener, &addr, &len), 0);
    CHECK_EQUAL(strcmp(addr.un.path, wb__path(fx, "socket")), 0);
    CHECK_EQUAL(rename_names(fx, "file", "directory/moved"), 0); /* replaced by a file */
    CHECK_EQUAL(connect_to(fx, wb__unix_socket(fx, STREAM), "directory/moved"), -ECONNREFUSED);
}

static const struct wb_contract_case cases[] = {
    CASE(path_open_finds_what_is_there, 0),
    CASE(path_open_asks_for_what_it_says, 0),
    CASE(path_mkdir_makes_what_is_not_there, 0),
    CASE(path_mkdir_leaves_set_id_bits_out, 0),
    CASE(path_rmdir_removes_empty_directories, 0),
    CASE(path_unlink_removes_files, 0),
    CASE(path_rename_refuses, 0),
    CASE(path_rename_moves_and_replaces, 0),
    CASE(path_length_is_limited, 0),
    CASE(path_begins_in_the_directory_that_is_given, 0),
    CASE(path_of_a_removed_directory_leads_nowhere, 0),
    CASE(path_stat_tells_what_is_there, 0),
    CASE(path_of_a_unix_socket_lies_among_files, 0),
    CASE(path_of_a_unix_socket_is_no_file_to_open, 0),
    CASE(path_of_a_unix_socket_can_be_renamed, 0),
};
WB__CONTRACT_GROUP(path);
