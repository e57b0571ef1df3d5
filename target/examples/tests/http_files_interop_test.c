/* http_files on real sockets and files: what is sent of a file, and what no request reaches. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "peer.h"
#include "program.h"

enum { PATH_LEN = 128, BIG = 1 << 20, ANSWER_LEN = 4096 };

/* In it: root/index.html, root/ten (0123456789), root/none (empty), root/big, root/sub/page.html,
 * root/sub/<&>, root/50%, root/out -> ../secret, root/pipe, root/socket; and beside it secret. ten
 * is of 6 November 1994.
 */
static char directory[] = "/tmp/wouldblock-http-files-XXXXXX";
static char root[PATH_LEN];
static char big[BIG];

#define TEN_MODIFIED "Sun, 06 Nov 1994 08:49:37 GMT"
#define TEN_ETAG "\"ae1b981bc490a00-a\""
#define TEN_VALIDATORS "etag: " TEN_ETAG "\r\nlast-modified: " TEN_MODIFIED "\r\n"

static const char *path_of(const char *name) {
    static char path[2 * PATH_LEN];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static int put(const char *name, const char *bytes, size_t len) {
    FILE *file = fopen(path_of(name), "w");
    return file == NULL || fwrite(bytes, 1, len, file) != len || fclose(file) != 0;
}

/* Its name stays when it is closed. */
static int put_socket(const char *name) {
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path_of(name));
    return fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) != 0 || close(fd) != 0;
}

static int make_tree(void **state) {
    (void)state;
    const struct timespec times[2] = {{784111777, 0}, {784111777, 0}};
    if (mkdtemp(directory) == NULL || mkdir(path_of("root"), 0700) != 0) {
        return -1;
    }
    (void)snprintf(root, sizeof root, "%s", path_of("root"));
    for (size_t i = 0; i < BIG; i++) {
        big[i] = (char)(i * 31 + i / 253);
    }
    int result = mkdir(path_of("root/sub"), 0700);
    result |= put("secret", "secret", 6) | put("root/index.html", "<p>", 3);
    result |= put("root/ten", "0123456789", 10) | put("root/none", "", 0);
    result |= put("root/big", big, BIG) | put("root/sub/page.html", "x", 1);
    result |= put("root/sub/<&>", "y", 1) | put("root/50%", "z", 1);
    result |= symlink("../secret", path_of("root/out"));
    result |= mkfifo(path_of("root/pipe"), 0600);
    result |= put_socket("root/socket");
    return result | utimensat(AT_FDCWD, path_of("root/ten"), times, 0);
}

static int remove_tree(void **state) {
    (void)state;
    static const char *const names[] = {"secret", "root/index.html", "root/ten", "root/none",
        "root/big", "root/sub/page.html", "root/sub/<&>", "root/50%", "root/out", "root/pipe",
        "root/socket"};
    int result = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        result |= unlink(path_of(names[i]));
    }
    return result | rmdir(path_of("root/sub")) | rmdir(root) | rmdir(directory);
}

/* ---- asking ---- */

static uint16_t port;

static void start(const struct program_faults *faults) {
    const char *const arguments[] = {"--root", root, "--date", "off", "--list", NULL};
    port = program_start("http_files", arguments, faults);
}

/* What is answered on a connection of its own; `lines` are those of the head after Host. */
static const char *ask(const char *request_line, const char *lines) {
    static char answer[ANSWER_LEN];
    char request[1024];
    size_t len = 0;
    const int fd = peer_connect(port);
    (void)snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n",
        request_line, lines);
    peer_say(fd, request);
    for (ssize_t got = 1; got > 0; len += (size_t)got) {
        assert_true(len < sizeof answer - 1);
        got = read(fd, answer + len, sizeof answer - 1 - len);
        assert_true(got >= 0);
    }
    answer[len] = '\0';
    close(fd);
    return answer;
}

static void assert_status(const char *request_line, const char *lines, const char *status) {
    const char *answer = ask(request_line, lines);
    if (strncmp(answer, "HTTP/1.1 ", 9) != 0 || strncmp(answer + 9, status, 3) != 0) {
        fail_msg("%s, %s: %s, not %s", request_line, lines, answer, status);
    }
}

#define CLOSES "connection: close\r\n"

static void names_may_have_percent_signs(void **state) {
    (void)state;
    start(NULL);
    assert_status("GET /50%25", "", "200");
    assert_status("GET /50%2525", "", "404");
    assert_status("GET /50%", "", "400");
    assert_status("GET /sub%2Fpage.html", "", "404");
    assert_status("GET /sub%2fpage.html", "", "404");
    assert_status("GET /50%25%00", "", "404");
    program_stop();
}

static void file_is_sent_whole(void **state) {
    (void)state;
    start(NULL);
    assert_string_equal(ask("GET /ten", ""),
        "HTTP/1.1 200 OK\r\n" TEN_VALIDATORS "accept-ranges: bytes\r\n"
        "content-type: application/octet-stream\r\ncontent-length: 10\r\n" CLOSES "\r\n0123456789");
    assert_string_equal(ask("HEAD /ten", "Range: bytes=0-1\r\n"),
        "HTTP/1.1 200 OK\r\n" TEN_VALIDATORS "accept-ranges: bytes\r\n"
        "content-type: application/octet-stream\r\ncontent-length: 10\r\n" CLOSES "\r\n");
    assert_non_null(strstr(ask("GET /none", ""), "content-length: 0\r\n"));
    assert_non_null(strstr(ask("GET /none", "Range: bytes=0-\r\n"), "HTTP/1.1 200 OK"));
    assert_non_null(strstr(ask("GET /", ""), "content-type: text/html"));
    assert_non_null(strstr(ask("GET /sub/../%74en?x", ""), "\r\n\r\n0123456789"));
    program_stop();
}

static void big_file_is_sent_in_pieces(void **state) {
    (void)state;
    const struct program_faults faults = {.piece_max = 7777};
    static char got[BIG];
    char head[ANSWER_LEN];
    start(&faults);
    const int fd = peer_connect(port);
    for (int i = 0; i < 2; i++) {
        peer_say(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
        size_t len = 0;
        do {
            peer_read(fd, head + len++, 1);
        } while (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0);
        peer_read(fd, got, BIG);
        assert_memory_equal(got, big, BIG);
    }
    peer_close(fd);
    program_stop();
}

static void parts_are_sent(void **state) {
    (void)state;
    start(NULL);
    assert_string_equal(ask("GET /ten", "Range: bytes=2-4\r\n"),
        "HTTP/1.1 206 Partial Content\r\n" TEN_VALIDATORS "accept-ranges: bytes\r\n"
        "content-range: bytes 2-4/10\r\ncontent-type: application/octet-stream\r\n"
        "content-length: 3\r\n" CLOSES "\r\n234");
    assert_non_null(strstr(ask("GET /ten", "Range: bytes=-3\r\n"), "\r\n\r\n789"));
    assert_status("GET /ten", "Range: bytes=10-\r\n", "416");
    assert_non_null(strstr(ask("GET /ten", "Range: bytes=10-\r\n"), "content-range: bytes */10"));
    assert_status("GET /ten", "Range: bytes=5-1\r\n", "200");
    assert_status("GET /ten", "Range: bytes=1-5\r\nIf-Range: \"old\"\r\n", "200");
    assert_status("GET /ten", "Range: bytes=1-5\r\nIf-Range: " TEN_ETAG "\r\n", "206");
    assert_status("GET /ten", "Range: bytes=1-5\r\nIf-Range: " TEN_MODIFIED "\r\n", "206");
    program_stop();
}

static void several_parts_come_with_a_head_each(void **state) {
    (void)state;
    char expected[ANSWER_LEN];
    start(NULL);
    const char *answer = ask("GET /ten", "Range: bytes=0-1,8-\r\n");
    const char *boundary = strstr(answer, "boundary=") + strlen("boundary=");
    const char *content = strstr(answer, "\r\n\r\n") + 4;
    (void)snprintf(expected, sizeof expected,
        "--%.32s\r\ncontent-type: application/octet-stream\r\ncontent-range: bytes 0-1/10\r\n\r\n"
        "01\r\n--%.32s\r\ncontent-type: application/octet-stream\r\n"
        "content-range: bytes 8-9/10\r\n\r\n89\r\n--%.32s--\r\n",
        boundary, boundary, boundary);
    assert_string_equal(content, expected);
    (void)snprintf(expected, sizeof expected, "content-length: %zu\r\n", strlen(content));
    assert_non_null(strstr(answer, expected));
    program_stop();
}

static void conditions_are_weighed(void **state) {
    (void)state;
    start(NULL);
    assert_string_equal(ask("GET /ten", "If-None-Match: " TEN_ETAG "\r\n"),
        "HTTP/1.1 304 Not Modified\r\n" TEN_VALIDATORS CLOSES "\r\n");
    assert_status("HEAD /ten", "If-Modified-Since: " TEN_MODIFIED "\r\n", "304");
    assert_status("GET /ten", "If-None-Match: \"old\"\r\n", "200");
    assert_status("GET /ten", "If-Match: \"old\"\r\n", "412");
    assert_status("GET /ten", "If-Unmodified-Since: " TEN_MODIFIED "\r\n", "200");
    assert_status("GET /gone", "If-Match: *\r\n", "404"); /* RFC 9110 section 13.2.1 */
    program_stop();
}

static void directories_have_pages(void **state) {
    (void)state;
    start(NULL);
    const char *answer = ask("GET /sub?a=b", "");
    assert_non_null(strstr(answer, "301 Moved"));
    assert_non_null(strstr(answer, "\r\nlocation: /sub/?a=b\r\n"));
    answer = ask("GET //../sub", ""); /* not to a host ".." */
    assert_non_null(strstr(answer, "\r\nlocation: /sub/\r\n"));
    answer = ask("GET /sub/", "");
    assert_non_null(strstr(answer, "<a href=\"./%3C%26%3E\">&lt;&amp;&gt;</a>"));
    assert_non_null(strstr(answer, "<a href=\"./page.html\">page.html</a>"));
    assert_status("GET /ten/", "", "404");
    program_stop();
    const char *const arguments[] = {"--root", root, NULL};
    port = program_start("http_files", arguments, NULL);
    assert_status("GET /sub/", "", "404");
    assert_status("GET /", "", "200");
    program_stop();
}

static void nothing_else_is_reached(void **state) {
    (void)state;
    static const char *const hidden[] = {"GET /../secret", "GET /%2e%2e/secret",
        "GET /sub/../../secret", "GET /..%2fsecret", "GET /sub/..%2f..%2fsecret", "GET /out",
        "GET /pipe", "GET /socket", "HEAD /socket", "GET //ten", "GET /sub//page.html",
        "GET /none/x", "GET /ten%00"};
    start(NULL);
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        assert_status(hidden[i], "", "404");
    }
    assert_status("GET /%zz", "", "400");
    assert_status("DELETE /ten", "", "405");
    assert_non_null(strstr(ask("DELETE /ten", ""), "\r\nallow: GET, HEAD\r\n"));
    program_stop();
}

/* Asks, and is content with any end. */
static void ask_anyhow(const char *request_line) {
    char request[256];
    const int fd = peer_connect(port);
    (void)snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        request_line);
    (void)!send(fd, request, strlen(request), MSG_NOSIGNAL); /* it may have been reset */
    (void)peer_drain(fd);
}

/* Out of memory it says so, or closes; and goes on. One allocation more than until it listens is
 * that of its first task, without which it would not begin. */
static void files_without_memory_goes_on(void **state) {
    (void)state;
    const char *const arguments[] = {"--root", root, "--date", "off", "--list", NULL};
    const int own = program_allocations("http_files", arguments) + 1;
    for (int n = 0; n < 30; n++) {
        const struct program_faults faults = {.alloc_skip = own + n, .alloc_errors = 1};
        start(&faults);
        ask_anyhow("GET /sub/");
        ask_anyhow("GET /ten");
        ask_anyhow("GET /");
        assert_status("GET /ten", "", "200");
        program_stop();
    }
}

static void root_that_is_no_directory_does_not_begin(void **state) {
    static const char *const wrong[] = {"root/ten", "root/nothing", "root/ten/x", "root/socket"};
    static const char *const why[] = {
        "not a directory", "no such entry", "not a directory", "not a directory"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char expected[3 * PATH_LEN];
        const char *const arguments[] = {"--root", path_of(wrong[i]), NULL};
        assert_int_equal(program_run("http_files", arguments, NULL), 2);
        (void)snprintf(expected, sizeof expected,
            "http_files: --root: expected a directory, not '%s': %s\n", path_of(wrong[i]), why[i]);
        assert_string_equal(program_output(), expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_may_have_percent_signs),
        cmocka_unit_test(file_is_sent_whole),
        cmocka_unit_test(big_file_is_sent_in_pieces),
        cmocka_unit_test(parts_are_sent),
        cmocka_unit_test(several_parts_come_with_a_head_each),
        cmocka_unit_test(conditions_are_weighed),
        cmocka_unit_test(directories_have_pages),
        cmocka_unit_test(nothing_else_is_reached),
        cmocka_unit_test(root_that_is_no_directory_does_not_begin),
        cmocka_unit_test(files_without_memory_goes_on),
    };
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
