/* Addresses of Unix sockets: the three kinds, the kernel's form, text. A-NET-10 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "wb/unix_addr.h"

static struct wb_unix_addr parsed(const char *text) {
    struct wb_unix_addr addr;
    assert_int_equal(wb_unix_addr_parse(text, &addr), WB_OK);
    return addr;
}

/* There and back again. */
static void check_round_trip(const struct wb_unix_addr *addr, uint32_t expected_len) {
    struct wb_sockaddr sockaddr;
    struct wb_unix_addr back;
    assert_int_equal(wb_unix_addr_to_sockaddr(addr, &sockaddr), expected_len);
    assert_int_equal(sockaddr.family, WB_AF_UNIX);
    assert_int_equal(wb_unix_addr_from_sockaddr(&sockaddr, expected_len, &back), WB_OK);
    assert_true(wb_unix_addr_equal(addr, &back));
}

static void unix_addr_kinds_are_told_apart(void **state) {
    (void)state;
    const struct wb_unix_addr unnamed = {0};
    const struct wb_unix_addr path = parsed("name");
    const struct wb_unix_addr abstract = parsed("@name");
    struct wb_unix_addr empty;
    assert_int_equal(wb_unix_addr_abstract(NULL, 0, &empty), WB_OK);
    assert_true(path.kind == WB_UNIX_ADDR_PATH && path.len == 4);
    assert_true(abstract.kind == WB_UNIX_ADDR_ABSTRACT && abstract.len == 4);
    assert_true(wb_unix_addr_is_unnamed(&unnamed) && !wb_unix_addr_is_unnamed(&empty));
    assert_false(wb_unix_addr_equal(&path, &abstract));
    assert_false(wb_unix_addr_equal(&unnamed, &empty));
    check_round_trip(&unnamed, 2);
    check_round_trip(&path, 2 + 5);
    check_round_trip(&abstract, 2 + 5);
    check_round_trip(&empty, 2 + 1);
}

static void unix_addr_path_takes_its_nul_along(void **state) {
    (void)state;
    struct wb_sockaddr sockaddr;
    const struct wb_unix_addr addr = parsed("/tmp/s");
    assert_int_equal(wb_unix_addr_to_sockaddr(&addr, &sockaddr), 2 + 7);
    assert_string_equal(sockaddr.un.path, "/tmp/s");
}

static void unix_addr_abstract_name_holds_any_bytes(void **state) {
    (void)state;
    struct wb_sockaddr sockaddr;
    struct wb_unix_addr addr;
    struct wb_unix_addr shorter;
    char text[WB_UNIX_ADDR_TEXT_LEN_MAX];
    assert_int_equal(wb_unix_addr_abstract("a\0b\0", 4, &addr), WB_OK);
    assert_int_equal(wb_unix_addr_abstract("a\0b", 3, &shorter), WB_OK);
    assert_false(wb_unix_addr_equal(&addr, &shorter));
    assert_int_equal(wb_unix_addr_to_sockaddr(&addr, &sockaddr), 2 + 5);
    assert_memory_equal(sockaddr.un.path, "\0a\0b\0", 5);
    check_round_trip(&addr, 2 + 5);
    assert_int_equal(wb_unix_addr_format(&addr, text, sizeof(text)), 11);
    assert_string_equal(text, "@a\\x00b\\x00");
}

static void unix_addr_must_fit(void **state) {
    (void)state;
    char name[120];
    struct wb_unix_addr addr;
    memset(name, 'p', sizeof(name));
    name[108] = '\0';
    assert_int_equal(wb_unix_addr_path(name, &addr), WB_ERR_INVALID);
    assert_int_equal(wb_unix_addr_path("", &addr), WB_ERR_INVALID);
    assert_int_equal(wb_unix_addr_abstract(name, 108, &addr), WB_ERR_INVALID);
    assert_int_equal(wb_unix_addr_abstract(name, 107, &addr), WB_OK);
    check_round_trip(&addr, sizeof(struct wb_sockaddr_un));
    name[107] = '\0';
    assert_int_equal(wb_unix_addr_path(name, &addr), WB_OK);
    check_round_trip(&addr, sizeof(struct wb_sockaddr_un));
}

/* What the kernel gives: no address at all, one without a NUL, and a length beyond the structure.
 */
static void unix_addr_of_the_kernel_is_not_read_beyond_its_end(void **state) {
    (void)state;
    struct wb_sockaddr sockaddr;
    struct wb_unix_addr addr;
    memset(&sockaddr, 'x', sizeof(sockaddr));
    assert_int_equal(wb_unix_addr_from_sockaddr(&sockaddr, 0, &addr), WB_OK);
    assert_true(wb_unix_addr_is_unnamed(&addr));
    sockaddr.family = WB_AF_UNIX;
    assert_int_equal(wb_unix_addr_from_sockaddr(&sockaddr, 2, &addr), WB_OK);
    assert_true(wb_unix_addr_is_unnamed(&addr));
    assert_int_equal(wb_unix_addr_from_sockaddr(&sockaddr, 2 + 3, &addr), WB_OK);
    assert_true(addr.kind == WB_UNIX_ADDR_PATH && addr.len == 3);
    assert_int_equal(wb_unix_addr_from_sockaddr(&sockaddr, 2 + 109, &addr), WB_OK);
    assert_true(addr.kind == WB_UNIX_ADDR_PATH && addr.len == 108);
    check_round_trip(&addr, sizeof(struct wb_sockaddr_un));
    sockaddr.family = WB_AF_INET;
    assert_int_equal(wb_unix_addr_from_sockaddr(&sockaddr, 16, &addr), WB_ERR_NOT_SUPPORTED);
}

static void unix_addr_text_is_read_back_and_cut_where_it_must(void **state) {
    (void)state;
    static const char *const texts[] = {"/tmp/s", "@name", "s"};
    char text[WB_UNIX_ADDR_TEXT_LEN_MAX];
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct wb_unix_addr addr = parsed(texts[i]);
        assert_int_equal(wb_unix_addr_format(&addr, text, sizeof(text)), strlen(texts[i]));
        assert_string_equal(text, texts[i]);
    }
    struct wb_unix_addr file;
    assert_int_equal(wb_unix_addr_path("@name", &file), WB_OK);
    assert_int_equal(wb_unix_addr_format(&file, text, sizeof(text)), 7);
    assert_string_equal(text, "./@name"); /* no abstract name is read here */
    const struct wb_unix_addr unnamed = {0};
    assert_int_equal(wb_unix_addr_format(&unnamed, text, sizeof(text)), 0);
    assert_string_equal(text, "");
    const struct wb_unix_addr odd = parsed("a\n\\\xff");
    (void)wb_unix_addr_format(&odd, text, sizeof(text));
    assert_string_equal(text, "a\\x0a\\x5c\\xff");
    assert_int_equal(wb_unix_addr_format(&odd, text, 9), 5); /* in front of what does not fit */
    assert_string_equal(text, "a\\x0a");
    assert_int_equal(wb_unix_addr_format(&odd, text, 1), 0);
}

/* ---- unlinking ---- */

static char unlinked[128];

static int recorded_unlink(void *self, const char *path) {
    (void)self;
    (void)strncpy(unlinked, path, sizeof(unlinked) - 1);
    return -2; /* ENOENT */
}

static void unix_addr_unlink_removes_a_path_and_nothing_else(void **state) {
    (void)state;
    const struct wb_sys_ops ops = {.unlink = recorded_unlink};
    const struct wb_sys sys = {.ops = &ops};
    const struct wb_unix_addr unnamed = {0};
    const struct wb_unix_addr abstract = parsed("@x");
    const struct wb_unix_addr path = parsed("/run/x");
    assert_int_equal(wb_unix_addr_unlink(&unnamed, &sys), WB_OK);
    assert_int_equal(wb_unix_addr_unlink(&abstract, &sys), WB_OK);
    assert_string_equal(unlinked, "");
    assert_int_equal(wb_unix_addr_unlink(&path, &sys), WB_ERR_NO_ENTRY);
    assert_string_equal(unlinked, "/run/x");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unix_addr_kinds_are_told_apart),
        cmocka_unit_test(unix_addr_path_takes_its_nul_along),
        cmocka_unit_test(unix_addr_abstract_name_holds_any_bytes),
        cmocka_unit_test(unix_addr_must_fit),
        cmocka_unit_test(unix_addr_of_the_kernel_is_not_read_beyond_its_end),
        cmocka_unit_test(unix_addr_text_is_read_back_and_cut_where_it_must),
        cmocka_unit_test(unix_addr_unlink_removes_a_path_and_nothing_else),
    };
    return cmocka_run_group_tests_name("unix_addr", tests, NULL, NULL);
}
