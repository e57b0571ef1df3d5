/* Files in a scenario: programs find what is put there, what is expected is looked at when the run
 * has ended, and bytes that come by sendfile are judged as sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "judged.h"
#include "keepers.h"

enum { PORT = 7100, PIECE = 1000 };

/* ---- programs ---- */

static int open_path(const struct wb_sys *sys, const char *path, int flags) {
    return WB_SYS(sys, openat, WB_AT_FDCWD, path, flags | WB_O_CLOEXEC, 0644);
}

static int64_t read_some(const struct wb_sys *sys, int fd, char *bytes, size_t len) {
    int64_t count;
    do {
        count = WB_SYS(sys, read, fd, bytes, len);
    } while (count == -EINTR);
    return count;
}

static bool write_all(const struct wb_sys *sys, int fd, const char *bytes, size_t len) {
    while (len != 0) {
        int64_t count = WB_SYS(sys, write, fd, bytes, len);
        if (count < 0 && count != -EINTR) {
            return false;
        }
        bytes += count > 0 ? count : 0;
        len -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

static void close_all(const struct wb_sys *sys, int one, int other) {
    if (one >= 0) {
        (void)WB_SYS(sys, close, one);
    }
    if (other >= 0) {
        (void)WB_SYS(sys, close, other);
    }
}

/* Copies /srv/in to /tmp/out; a careless one takes it that a write writes all. */
static int copy(const struct wb_sys *sys, bool is_careless) {
    char bytes[PIECE];
    int64_t count;
    int in = open_path(sys, "/srv/in", WB_O_RDONLY);
    int out = open_path(sys, "/tmp/out", WB_O_WRONLY | WB_O_CREAT | WB_O_EXCL);
    bool is_good = in >= 0 && out >= 0;
    while (is_good && (count = read_some(sys, in, bytes, sizeof(bytes))) != 0) {
        if (is_careless && count > 0) {
            (void)WB_SYS(sys, write, out, bytes, (size_t)count);
        } else {
            is_good = count > 0 && write_all(sys, out, bytes, (size_t)count);
        }
    }
    close_all(sys, in, out);
    return is_good ? 0 : 1;
}

static int copier_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return copy(sys, false);
}

static int careless_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return copy(sys, true);
}

/* Leaves the file open. */
static int leaver_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return open_path(sys, "/srv/in", WB_O_RDONLY) >= 0 ? 0 : 1;
}

/* Sends /srv/in to whoever comes first, with sendfile over a blocking socket. */
static int sender_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_sockaddr addr = {0};
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    int64_t count = -EINTR;
    (void)argc;
    (void)argv;
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, bind, listener, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, listen, listener, 8);
    int fd = WB_SYS(sys, accept4, listener, NULL, NULL, 0);
    int file = open_path(sys, "/srv/in", WB_O_RDONLY);
    while (count == -EINTR || count > 0) {
        count = WB_SYS(sys, sendfile, fd, file, NULL, PIECE);
    }
    (void)WB_SYS(sys, close, file);
    (void)WB_SYS(sys, close, fd);
    (void)WB_SYS(sys, close, listener);
    return count == 0 ? 0 : 1;
}

static const char *const keeper_options[] = {"flavour", NULL};

static const struct wbh_program programs[] = {
    {.name = "keeper", .main = keeper_main, .options = keeper_options},
    {.name = "copier", .main = copier_main, .must_succeed = 1},
    {.name = "careless", .main = careless_main},
    {.name = "leaver", .main = leaver_main},
    {.name = "sender", .main = sender_main, .port = PORT},
};

/* ---- scenarios ---- */

static char text[1024];

#define IN "file \"/srv/in\" \"0123456789\" * 500\n"
#define OUT "expect file \"/tmp/out\" \"0123456789\" * 500\n"

static void judge(const char *program, const char *rest) {
    (void)snprintf(text, sizeof(text), "scenario \"files\"\nprogram %s\n%s", program, rest);
    judge_text(text, NULL);
}

static void assert_ok(void) {
    if (judged.verdict != WBH_VERDICT_OK) {
        fail_msg("%s: %s\n%s", judged.findings[0].oracle, judged.findings[0].text, text);
    }
}

static void assert_says(const char *oracle, const char *words) {
    const struct wbh_finding *finding = judged_finding(oracle);
    assert_non_null(finding);
    if (strstr(finding->text, words) == NULL) {
        fail_msg("\"%s\" is not in: %s", words, finding->text);
    }
}

static void files_are_there_and_looked_at(void **state) {
    (void)state;
    judge("copier", IN OUT);
    assert_ok();
    judge("copier", IN "expect file \"/tmp/out\" \"0123456789\" * 501\n");
    assert_int_equal(judged.verdict, WBH_VERDICT_DIVERGENCE);
    assert_says("files", "the file /tmp/out has 5000 bytes instead of 5010");
    judge("copier", IN "expect file \"/tmp/out\" \"012345678x\" * 500\n");
    assert_says("files", "from byte 9 on the file /tmp/out is not what it must be");
    judge("copier", IN "expect file \"/tmp/other\" \"\"\n");
    assert_says("files", "there is no file /tmp/other");
}

static void files_lie_on_the_host_that_is_named(void **state) {
    (void)state;
    static const char hosts[] = "copier on far\nhost far address=10.0.0.1\n";
    (void)snprintf(text, sizeof(text),
        "scenario \"t\"\nprogram %sfile \"/srv/in\" on far \"x\"\n"
        "expect file \"/tmp/out\" on far \"x\"\n",
        hosts);
    judge_text(text, NULL);
    assert_ok();
    (void)snprintf(text, sizeof(text), "scenario \"t\"\nprogram %sfile \"/srv/in\" \"x\"\n", hosts);
    judge_text(text, NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_PROTOCOL); /* it finds none and says so */
}

static void files_short_writes_are_told_from_careless_ones(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 30; seed++) {
        char rest[256];
        (void)snprintf(rest, sizeof(rest), IN OUT "faults hostile seed=%u\n", seed);
        judge("copier", rest);
        assert_ok();
    }
    judge("careless", IN OUT);
    assert_ok();
    judge("careless", IN OUT "fault file-write 3 short 7\n");
    assert_int_equal(judged.verdict, WBH_VERDICT_DIVERGENCE);
    assert_says("files", "the file /tmp/out");
    assert_int_equal(judged.planned_unfired, 0);
}

/* Whoever cannot write cannot have written. */
static void files_full_disk_is_an_excuse(void **state) {
    (void)state;
    judge("copier", IN OUT "fault file-write 2 error ENOSPC\n");
    assert_ok();
    assert_int_equal(judged.exit_status, 1);
}

static void files_left_open_are_a_leak(void **state) {
    (void)state;
    judge("leaver", IN);
    assert_int_equal(judged.verdict, WBH_VERDICT_LEAK);
    assert_says("leak", "left 1 open descriptor");
    assert_non_null(strstr(judged_finding("leak")->why, "regular file"));
}

static void files_sent_are_judged_as_bytes_sent(void **state) {
    (void)state;
    static const char peer[] =
        "peer alice\n  connect\n  expect \"0123456789\" * 500\n  expect close\n";
    for (unsigned seed = 0; seed <= 20; seed++) {
        char rest[256];
        (void)snprintf(rest, sizeof(rest), IN "faults %s seed=%u\n%s",
            seed == 0 ? "none" : "hostile", seed, peer);
        judge("sender", rest);
        assert_ok();
    }
}

/* Everything that files on the runtime can do: right under every fault that may not matter, and
 * without anything left behind under those that may. */
static void files_on_the_runtime_are_kept(void **state) {
    (void)state;
    static const char *const profiles[] = {"hostile", "failing"};
    unsigned failed = 0;
    for (uint64_t seed = 0; seed < 600; seed++) {
        const bool may_fail = seed % 2 != 0;
        const struct wbh_run_options options = {
            .flags = WBH_RUN_RECORD, .seed = &seed, .profile = profiles[may_fail]};
        judge_text(seed % 3 == 0 ? "scenario \"x\"\nprogram keeper flavour=multi\n"
                                 : "scenario \"x\"\nprogram keeper\n",
            &options);
        assert_ok();
        if (judged.exit_status != 0 && !(may_fail && judged.exit_status == 3)) {
            fail_msg("seed %d: status %d", (int)seed, judged.exit_status);
        }
        failed += judged.exit_status == 3;
    }
    assert_in_range(failed, 30, 299); /* of 300 that may */
}

static int setup(void **state) {
    (void)state;
    wbh_program_register(programs, sizeof(programs) / sizeof(programs[0]));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_there_and_looked_at),
        cmocka_unit_test(files_lie_on_the_host_that_is_named),
        cmocka_unit_test(files_short_writes_are_told_from_careless_ones),
        cmocka_unit_test(files_full_disk_is_an_excuse),
        cmocka_unit_test(files_left_open_are_a_leak),
        cmocka_unit_test(files_sent_are_judged_as_bytes_sent),
        cmocka_unit_test(files_on_the_runtime_are_kept),
    };
    return cmocka_run_group_tests_name("run_files", tests, setup, teardown);
}
