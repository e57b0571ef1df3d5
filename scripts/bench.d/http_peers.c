/* The servers of HTTP/1.1 that are measured. */
#define _GNU_SOURCE
#include "http_peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "load_http.h"
#include "referee.h"

/* One process, which also serves. Paths of temporary files are named so that nobody needs the
 * system's. */
static const char nginx_config[] = "daemon off;\n"
                                   "master_process off;\n"
                                   "worker_processes 1;\n"
                                   "pid @FOLDER@/nginx.pid;\n"
                                   "error_log stderr crit;\n"
                                   "events { worker_connections 16384; }\n"
                                   "http {\n"
                                   "    access_log off;\n"
                                   "    default_type text/plain;\n"
                                   "    keepalive_requests 1000000000;\n"
                                   "    keepalive_timeout 3600s;\n"
                                   "    client_body_temp_path @FOLDER@/nginx-body;\n"
                                   "    proxy_temp_path @FOLDER@/nginx-proxy;\n"
                                   "    fastcgi_temp_path @FOLDER@/nginx-fastcgi;\n"
                                   "    uwsgi_temp_path @FOLDER@/nginx-uwsgi;\n"
                                   "    scgi_temp_path @FOLDER@/nginx-scgi;\n"
                                   "    server {\n"
                                   "        listen 127.0.0.1:@PORT@ backlog=4096;\n"
                                   "        location / { return 200 \"" LOAD_HTTP_WORDS "\"; }\n"
                                   "    }\n"
                                   "}\n";

static const char h2o_config[] = "listen:\n"
                                 "  host: 127.0.0.1\n"
                                 "  port: @PORT@\n"
                                 "num-threads: 1\n"
                                 "max-connections: 16384\n"
                                 "http1-request-timeout: 3600\n"
                                 "file.mime.setdefaulttype: text/plain\n"
                                 "hosts:\n"
                                 "  default:\n"
                                 "    paths:\n"
                                 "      /hello:\n"
                                 "        file.file: @FOLDER@/hello\n";

/* 65535 requests are the most that it can be told; then it ends the connection. */
static const char lighttpd_config[] = "server.modules = ()\n"
                                      "server.bind = \"127.0.0.1\"\n"
                                      "server.port = @PORT@\n"
                                      "server.document-root = \"@FOLDER@\"\n"
                                      "server.max-connections = 10000\n"
                                      "server.max-fds = 20000\n"
                                      "server.listen-backlog = 4096\n"
                                      "server.max-keep-alive-requests = 65535\n"
                                      "server.max-keep-alive-idle = 3600\n"
                                      "server.max-read-idle = 3600\n"
                                      "mimetype.assign = ( \"\" => \"text/plain\" )\n";

#define HTTP_HELLO                                                                                 \
    "http_hello", "--listen", "127.0.0.1:@PORT@", "--max-connections", "16384", "--head-timeout",  \
        "3600000"
const struct http_peer http_peers[] = {
    {.name = "http_hello", .args = {HTTP_HELLO}, .is_ours = true},
    {.name = "http_hello, pipeline-flush",
        .args = {HTTP_HELLO, "--pipeline-flush"},
        .is_ours = true,
        .answers_together = true,
        .is_for_pipelines = true},
    {.name = "epoll", .args = {"http_epoll", "@PORT@"}, .answers_together = true},
    {.name = "nginx",
        .args = {"nginx", "-p", "@FOLDER@", "-c", "@FOLDER@/nginx.conf"},
        .config = nginx_config},
    {.name = "h2o", .args = {"h2o", "-c", "@FOLDER@/h2o.conf"}, .config = h2o_config},
    {.name = "lighttpd",
        .args = {"lighttpd", "-D", "-f", "@FOLDER@/lighttpd.conf"},
        .config = lighttpd_config},
    {.name = "libevent", .args = {"http_libevent", "@PORT@"}},
    {.name = "hyper", .args = {"bench_hyper", "@PORT@"}},
    {.name = "hyper, pipeline_flush",
        .args = {"bench_hyper", "@PORT@", "flush"},
        .answers_together = true,
        .is_for_pipelines = true},
};
const size_t http_peer_count = sizeof http_peers / sizeof http_peers[0];

static _Noreturn void fail(const char *what) {
    (void)fprintf(stderr, "http_peers: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

bool http_peer_find(const struct http_peer *peer, char *out_path, size_t capacity) {
    static const char *const folders[] = {
        "/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"};
    if (bench_path_beside(peer->args[0], out_path, capacity) && access(out_path, X_OK) == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        (void)snprintf(out_path, capacity, "%s/%s", folders[i], peer->args[0]);
        if (access(out_path, X_OK) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- files ---- */

static void write_file(
    const char *folder, const char *name, const char *extension, const char *text) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s%s", folder, name, extension);
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        fail(path);
    }
}

void http_peer_make_folder(char *out_folder) {
    (void)strcpy(out_folder, "/tmp/bench_http.XXXXXX");
    /* h2o reads it as nobody. */
    if (mkdtemp(out_folder) == NULL || chmod(out_folder, 0755) != 0) {
        fail(out_folder);
    }
    write_file(out_folder, "hello", "", LOAD_HTTP_WORDS);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void http_peer_remove_folder(const char *folder) {
    if (nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0) {
        fail(folder);
    }
}

/* ---- starting ---- */

static uint16_t free_port(void) {
    struct sockaddr_in addr = {
        .sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof addr;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, len) != 0
        || getsockname(fd, (struct sockaddr *)&addr, &len) != 0) {
        fail("a free port");
    }
    (void)close(fd);
    return ntohs(addr.sin_port);
}

static char *replace_all(char *text, const char *mark, const char *with) {
    char *at;
    while ((at = strstr(text, mark)) != NULL) {
        char *longer = NULL;
        if (asprintf(&longer, "%.*s%s%s", (int)(at - text), text, with, at + strlen(mark)) < 0) {
            fail("memory");
        }
        free(text);
        text = longer;
    }
    return text;
}

char *http_peer_argument(const char *arg, const char *folder, uint16_t port) {
    char number[8];
    (void)snprintf(number, sizeof number, "%u", (unsigned)port);
    char *text = strdup(arg);
    if (text == NULL) {
        fail("memory");
    }
    return replace_all(replace_all(text, "@FOLDER@", folder), "@PORT@", number);
}

uint16_t http_peer_prepare(const struct http_peer *peer, const char *folder) {
    const uint16_t port = free_port();
    if (peer->config != NULL) {
        char *text = http_peer_argument(peer->config, folder, port);
        write_file(folder, peer->name, ".conf", text);
        free(text);
    }
    return port;
}

static void become_quiet(const char *folder) {
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, HTTP_PEER_LOG);
    const int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) {
        fail(path);
    }
    (void)dup2(log, STDOUT_FILENO);
    (void)dup2(log, STDERR_FILENO);
}

pid_t http_peer_start(const struct http_peer *peer, const char *folder, uint16_t port) {
    char path[4096];
    char *args[HTTP_PEER_ARGS_MAX + 1] = {0};
    if (!http_peer_find(peer, path, sizeof path)) {
        fail(peer->name);
    }
    pid_t pid = fork();
    if (pid < 0) {
        fail("fork");
    }
    if (pid > 0) {
        return pid;
    }
    for (size_t i = 0; i < HTTP_PEER_ARGS_MAX && peer->args[i] != NULL; i++) {
        args[i] = http_peer_argument(peer->args[i], folder, port);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    become_quiet(folder);
    referee_pin_to(0);
    (void)execv(path, args);
    fail(path);
}
