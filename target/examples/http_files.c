/* http_files: serves the files beneath a directory: whole, in parts, or not at all where the client
 * has them already. What it opens lies beneath the root, and is opened name by name without
 * following links, so that no request leads out of it. */
#include <stdio.h>
#include <string.h>

#include "examples/console.h"
#include "examples/content_type.h"
#include "examples/directory_page.h"
#include "examples/file_parts.h"
#include "examples/http_frame.h"
#include "examples/programs.h"
#include "wb/async.h"
#include "wb/http_conditional.h"
#include "wb/http_date.h"
#include "wb/http_range.h"
#include "wb/uri.h"

#define PROGRAM "http_files"
#define INDEX "index.html"
#define SECOND_NS UINT64_C(1000000000)

enum { PATH_LEN_MAX = 4096, ENTRIES_MAX = 1024, ETAG_LEN_MAX = 40, TYPE_LEN_MAX = 64 };

struct http_files {
    struct wb__http_frame frame;
    struct wb_http_service service;
    const struct wb_sys *sys;
    const char *root;
    bool lists;
};

/* A request that is answered. */
struct call {
    struct wb_future future;
    struct http_files *files;
    struct wb_http_request *request;
    struct wb_http_response *response;
    struct wb_file_open open;
    struct wb_file file;
    struct wb_file_call stat;
    struct wb_dir_read list;
    struct wb_bytes_mut page; /* a listing, or what a redirection says */
    struct wb__file_parts parts;
    size_t path_len; /* with its first slash */
    bool is_of_directory;
    char etag[ETAG_LEN_MAX];
    char path[PATH_LEN_MAX + sizeof INDEX];
};

/* ---- answers without a file ---- */

/* A line that says what the status says. */
static enum wb_status answer(struct call *self, unsigned status) {
    self->response->status = (uint16_t)status;
    wb_http_response_set_bytes(self->response, wb_bytes_from_string(wb_http_reason(status)));
    return wb_http_response_add(self->response, "content-type", "text/plain; charset=utf-8");
}

/* How a failure to open is told; others are 500. */
static const struct {
    enum wb_status status;
    unsigned answer;
} failures[] = {
    {WB_ERR_NO_ENTRY, 404},
    {WB_ERR_NOT_DIRECTORY, 404},
    {WB_ERR_LOOP, 404},      /* a link */
    {WB_ERR_INVALID, 404},   /* an empty name between two slashes */
    {WB_ERR_NO_DEVICE, 404}, /* a socket */
    {WB_ERR_ACCESS, 403},
    {WB_ERR_NOT_PERMITTED, 403},
    {WB_ERR_FD_LIMIT, 503},
    {WB_ERR_SYSTEM_FD_LIMIT, 503},
    {WB_ERR_NO_MEMORY, 503},
    {WB_ERR_LIMIT, 503},
};

static unsigned status_of_failure(enum wb_status status) {
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (failures[i].status == status) {
            return failures[i].answer;
        }
    }
    return 500;
}

static enum wb_status refuse_method(struct call *self) {
    const enum wb_status status = answer(self, 405);
    return status != WB_OK ? status : wb_http_response_add(self->response, "allow", "GET, HEAD");
}

/* To the same with a slash: what the page of a directory names is relative to it. The path is
 * written anew, so that it never begins with two slashes, which would lead to another host. */
static enum wb_status redirect(struct call *self) {
    const struct wb_http_request *request = self->request;
    struct wb_bytes_mut *location = &self->page;
    enum wb_status status =
        wb__append_escaped_path(location, wb_bytes_from(self->path, self->path_len));
    status = status != WB_OK ? status : wb_bytes_mut_extend(location, wb_bytes_from("/?", 2));
    status = status != WB_OK ? status : wb_bytes_mut_extend(location, request->query);
    if (status == WB_OK && !request->has_query) {
        wb_bytes_mut_truncate(location, location->len - 1);
    }
    status = status != WB_OK ? status
                             : wb_http_field_list_add(&self->response->fields,
                                 wb_bytes_from_string("location"), wb_bytes_mut_view(location));
    return status != WB_OK ? status : answer(self, 301);
}

static enum wb_status show_listing(struct call *self) {
    const enum wb_status status = wb__directory_page_write(
        &self->page, wb_bytes_from(self->path, self->path_len), &self->list.entries);
    if (status != WB_OK) {
        return status;
    }
    wb_http_response_set_bytes(self->response, wb_bytes_mut_view(&self->page));
    return wb_http_response_add(self->response, "content-type", "text/html; charset=utf-8");
}

/* ---- a file ---- */

/* A tag that stands for these very bytes, unless somebody changes a file without changing its size
 * twice within a tick of the file system's clock. */
static struct wb_http_validators describe(struct call *self, uint64_t now_ns) {
    const struct wb_stat *stat = &self->stat.stat;
    const int64_t modified = (int64_t)(stat->mtime_ns / SECOND_NS);
    const int len = snprintf(self->etag, sizeof self->etag, "\"%llx-%llx\"",
        (unsigned long long)stat->mtime_ns, (unsigned long long)stat->size);
    struct wb_http_validators current = {
        .exists = true,
        .has_modified = stat->mtime_ns <= now_ns, /* RFC 9110 section 8.8.2.1 */
        .modified = modified,
    };
    current.has_etag =
        wb_http_etag_parse(wb_bytes_from(self->etag, (size_t)len), &current.etag) == WB_OK;
    return current;
}

/* What a 304 tells, too (RFC 9110 section 15.4.5). */
static enum wb_status add_validators(struct call *self, const struct wb_http_validators *current) {
    char date[WB_HTTP_DATE_LEN + 1];
    enum wb_status status = wb_http_response_add(self->response, "etag", self->etag);
    if (status == WB_OK && current->has_modified) {
        wb_http_date_format(current->modified, date);
        status = wb_http_response_add(self->response, "last-modified", date);
    }
    return status;
}

static enum wb_status draw_boundary(struct call *self, char out_boundary[WB__BOUNDARY_LEN + 1]) {
    uint8_t bytes[WB__BOUNDARY_LEN / 2];
    const int result = WB_SYS(self->files->sys, getrandom, bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        (void)snprintf(out_boundary + 2 * i, 3, "%02x", bytes[i]);
    }
    return wb_status_from_result(result);
}

static enum wb_status send_whole(struct call *self) {
    const uint64_t len = self->stat.stat.size;
    const struct wb_http_ranges all = {
        .kind = WB_HTTP_RANGES_PARTS, .count = 1, .items = {{0, len}}};
    const char *type = wb__content_type_of(self->path);
    wb__file_parts_init(&self->parts, &self->file, len, &all, type, NULL);
    self->response->body = &self->parts.body;
    return wb_http_response_add(self->response, "content-type", type);
}

static enum wb_status send_range(struct call *self, const struct wb_http_ranges *ranges) {
    const uint64_t len = self->stat.stat.size;
    const char *type = wb__content_type_of(self->path);
    char text[WB_HTTP_CONTENT_RANGE_LEN_MAX + 1];
    (void)wb_http_content_range_format(&ranges->items[0], len, text);
    wb__file_parts_init(&self->parts, &self->file, len, ranges, type, NULL);
    const enum wb_status status = wb_http_response_add(self->response, "content-range", text);
    return status != WB_OK ? status : wb_http_response_add(self->response, "content-type", type);
}

static enum wb_status send_ranges(struct call *self, const struct wb_http_ranges *ranges) {
    char boundary[WB__BOUNDARY_LEN + 1] = "";
    char type[TYPE_LEN_MAX + WB__BOUNDARY_LEN];
    const enum wb_status status = draw_boundary(self, boundary);
    if (status != WB_OK) {
        return status;
    }
    (void)snprintf(type, sizeof type, "multipart/byteranges; boundary=%s", boundary);
    wb__file_parts_init(&self->parts, &self->file, self->stat.stat.size, ranges,
        wb__content_type_of(self->path), boundary);
    return wb_http_response_add(self->response, "content-type", type);
}

static enum wb_status send_parts(struct call *self, const struct wb_http_ranges *ranges) {
    self->response->status = 206;
    const enum wb_status status =
        ranges->count == 1 ? send_range(self, ranges) : send_ranges(self, ranges);
    if (status == WB_OK) {
        self->response->body = &self->parts.body;
    }
    return status;
}

static enum wb_status refuse_ranges(struct call *self) {
    char text[WB_HTTP_CONTENT_RANGE_LEN_MAX + 1];
    (void)wb_http_content_range_format(NULL, self->stat.stat.size, text);
    const enum wb_status status = wb_http_response_add(self->response, "content-range", text);
    return status != WB_OK ? status : answer(self, 416);
}

/* Range means something to GET only (RFC 9110 section 14.2). */
static enum wb_status send_file(
    struct call *self, const struct wb_http_validators *current, int64_t now) {
    const struct wb_http_fields fields = self->request->fields;
    struct wb_http_ranges ranges = {.kind = WB_HTTP_RANGES_WHOLE};
    const enum wb_status status = wb_http_response_add(self->response, "accept-ranges", "bytes");
    if (status != WB_OK) {
        return status;
    }
    if (self->request->method == WB_HTTP_GET && wb_http_if_range_holds(fields, current, now)) {
        ranges = wb_http_ranges_of(fields, self->stat.stat.size);
    }
    if (ranges.kind == WB_HTTP_RANGES_PARTS) {
        return send_parts(self, &ranges);
    }
    return ranges.kind == WB_HTTP_RANGES_OUTSIDE ? refuse_ranges(self) : send_whole(self);
}

static enum wb_status answer_with_file(struct call *self) {
    const uint64_t now_ns = WB_SYS(self->files->sys, clock_gettime, WB_CLOCK_REALTIME);
    const int64_t now = (int64_t)(now_ns / SECOND_NS);
    if (self->stat.stat.kind == WB_DT_DIR) {
        return self->is_of_directory ? answer(self, 404) : redirect(self);
    }
    if (self->stat.stat.kind != WB_DT_REG) {
        return answer(self, 404);
    }
    const struct wb_http_validators current = describe(self, now_ns);
    const enum wb_http_verdict verdict =
        wb_http_weigh_conditions(self->request->method, self->request->fields, &current, now);
    if (verdict == WB_HTTP_PRECONDITION_FAILED) {
        return answer(self, 412);
    }
    const enum wb_status status = add_validators(self, &current);
    if (status != WB_OK || verdict == WB_HTTP_PROCEED) {
        return status != WB_OK ? status : send_file(self, &current, now);
    }
    self->response->status = 304;
    return WB_OK;
}

/* ---- a request ---- */

/* Of what a normal path leaves escaped a name may have the percent sign only. False: this one has
 * something else. */
static bool undo_percent_signs(char *path, size_t *in_out_len) {
    size_t len = 0;
    for (size_t i = 0; i < *in_out_len; i++) {
        path[len++] = path[i];
        if (path[i] == '%') {
            if (memcmp(path + i + 1, "25", 2) != 0) {
                return false;
            }
            i += 2;
        }
    }
    *in_out_len = len;
    return true;
}

/* Where to look, with the name of the page that a directory shows; 0, or the status of a request
 * that names nothing. */
static unsigned find_path(struct call *self) {
    const struct wb_bytes asked = self->request->path;
    size_t len = 0;
    if (asked.len > PATH_LEN_MAX) {
        return 414;
    }
    if (wb_uri_normalize_path(asked, self->path, &len) != WB_OK || len == 0
        || self->path[0] != '/') {
        return 400;
    }
    if (!undo_percent_signs(self->path, &len)) {
        return 404;
    }
    self->path_len = len;
    self->is_of_directory = self->path[len - 1] == '/';
    memcpy(self->path + len, INDEX, sizeof INDEX);
    if (!self->is_of_directory) {
        self->path[len] = '\0';
    }
    return 0;
}

/* Only of a directory, and only if it has no page of its own. */
static bool can_be_listed(const struct call *self) {
    return self->files->lists && self->is_of_directory
           && self->open.future.status == WB_ERR_NO_ENTRY;
}

/* The directory's name, beneath the root: without the slashes around it. */
static const char *name_of_directory(struct call *self) {
    self->path[self->path_len > 1 ? self->path_len - 1 : 1] = '\0';
    return self->path + 1;
}

static enum wb_status show_directory(struct call *self) {
    const enum wb_status status = self->list.future.status;
    self->path[self->path_len - 1] = '/';
    return status == WB_OK ? show_listing(self) : answer(self, status_of_failure(status));
}

static enum wb_progress call_poll(struct wb_future *future, struct wb_context *context) {
    struct call *self = WB_FUTURE_OF(future, struct call, future);
    unsigned refusal;
    WB_ASYNC_BEGIN(future, context);
    if (self->request->method != WB_HTTP_GET && self->request->method != WB_HTTP_HEAD) {
        WB_ASYNC_RETURN(refuse_method(self));
    }
    refusal = find_path(self);
    if (refusal != 0) {
        WB_ASYNC_RETURN(answer(self, refusal));
    }
    wb_file_open_beneath_init(&self->open, context->runtime, self->files->root, self->path + 1,
        WB_O_RDONLY | WB_O_NONBLOCK, 0);
    WB_AWAIT(&self->open.future);
    if (can_be_listed(self)) {
        wb_dir_read_beneath_init(
            &self->list, context->runtime, self->files->root, name_of_directory(self), ENTRIES_MAX);
        WB_AWAIT(&self->list.future);
        WB_ASYNC_RETURN(show_directory(self));
    }
    if (self->open.future.status != WB_OK) {
        WB_ASYNC_RETURN(answer(self, status_of_failure(self->open.future.status)));
    }
    self->file = self->open.file;
    wb_file_stat_init(&self->stat, &self->file);
    WB_AWAIT(&self->stat.future);
    if (self->stat.future.status != WB_OK) {
        WB_ASYNC_RETURN(answer(self, status_of_failure(self->stat.future.status)));
    }
    WB_ASYNC_END(answer_with_file(self));
}

static void call_drop(struct wb_future *future) {
    struct call *self = WB_FUTURE_OF(future, struct call, future);
    wb_future_drop(&self->open.future);
    wb_future_drop(&self->stat.future);
    wb_future_drop(&self->list.future);
}

static const struct wb_future_ops call_ops = {
    .size = sizeof(struct call),
    .offset = offsetof(struct call, future),
    .poll = call_poll,
    .drop = call_drop,
};

/* ---- the service ---- */

/* All but the buffers begins as zero. */
static struct wb_future *begin_call(struct wb_http_service *service, void *memory,
    struct wb_http_request *request, struct wb_http_response *response) {
    struct call *self = memory;
    memset(self, 0, offsetof(struct call, parts));
    wb_future_init(&self->future, &call_ops);
    self->files = WB_FUTURE_OF(service, struct http_files, service);
    self->request = request;
    self->response = response;
    self->page = wb_bytes_mut_new(self->files->sys);
    return &self->future;
}

/* The file was read until now. */
static void end_call(struct wb_http_service *service, void *memory) {
    struct call *self = memory;
    (void)service;
    wb_file_close(&self->file);
    wb_dir_entries_clean_up(&self->list.entries);
    wb_bytes_mut_release(&self->page);
}

static const struct wb_http_service_ops service_ops = {
    .call = begin_call,
    .end_call = end_call,
};

/* What is no directory when the program begins would be 404 to everybody. */
static bool root_is_directory(const struct http_files *self) {
    struct wb_stat file;
    const enum wb_status status = wb_status_from_result(WB_SYS(self->sys, stat, self->root, &file));
    if (status == WB_OK && file.kind == WB_DT_DIR) {
        return true;
    }
    wb__print(self->sys, WB__CONSOLE_ERR, PROGRAM ": --root: expected a directory, not '%s': %s\n",
        self->root, wb_status_text(status == WB_OK ? WB_ERR_NOT_DIRECTORY : status));
    return false;
}

int wb__http_files_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct http_files self = {.sys = sys,
        .service = {.ops = &service_ops, .call_size = sizeof(struct call)},
        .root = "."};
    const struct wb__option options[] = {
        {"root", WB__OPTION_TEXT, &self.root, "the directory whose files are served. .", 0, 0},
        {"list", WB__OPTION_FLAG, &self.lists,
            "shows what is in directories without a page of their own", 0, 0},
    };
    int exit_status = WB__EXIT_OK;
    wb__http_frame_init(
        &self.frame, sys, PROGRAM, 3002, "where to listen; port 0 picks one. 127.0.0.1:3002");
    if (!wb__http_frame_parse(&self.frame, "Serves the files beneath a directory.", options,
            sizeof options / sizeof options[0], argc, argv, &exit_status)) {
        return exit_status;
    }
    if (!root_is_directory(&self)) {
        return WB__EXIT_USAGE;
    }
    return wb__http_frame_run(&self.frame, &self.service);
}
