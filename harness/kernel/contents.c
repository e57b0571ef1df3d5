/* The bytes of a regular file, in pages; those never written are zeros and take no room. */
#include "kernel/vfs.h"

#include <assert.h>
#include <string.h>

static size_t page_left(uint64_t at) {
    return FILE_PAGE_LEN - (size_t)(at % FILE_PAGE_LEN);
}

static size_t least(uint64_t a, size_t b) {
    return a < b ? (size_t)a : b;
}

static uint8_t *page_at(const struct contents *contents, uint64_t at) {
    uint64_t index = at / FILE_PAGE_LEN;
    return index < contents->page_capacity ? contents->pages[index] : NULL;
}

size_t contents_read(const struct contents *contents, uint64_t at, uint8_t *bytes, size_t len) {
    uint64_t there = at < contents->size ? contents->size - at : 0;
    size_t total = least(there, len);
    for (size_t done = 0; done < total;) {
        size_t part = least(page_left(at + done), total - done);
        const uint8_t *page = page_at(contents, at + done);
        if (page == NULL) {
            memset(bytes + done, 0, part);
        } else {
            memcpy(bytes + done, page + (at + done) % FILE_PAGE_LEN, part);
        }
        done += part;
    }
    return total;
}

static void reserve(struct sim_kernel *kernel, struct contents *contents, uint64_t size) {
    uint32_t count = (uint32_t)((size + FILE_PAGE_LEN - 1) / FILE_PAGE_LEN);
    if (count <= contents->page_capacity) {
        return;
    }
    uint32_t capacity = contents->page_capacity == 0 ? 4 : contents->page_capacity;
    while (capacity < count) {
        capacity *= 2;
    }
    uint8_t **pages = kernel_alloc(kernel, capacity * sizeof(*pages));
    if (contents->pages != NULL) {
        memcpy(pages, contents->pages, contents->page_capacity * sizeof(*pages));
        kernel_free(kernel, contents->pages, contents->page_capacity * sizeof(*pages));
    }
    contents->pages = pages;
    contents->page_capacity = capacity;
}

void contents_write(struct sim_kernel *kernel, struct contents *contents, uint64_t at,
    const uint8_t *bytes, size_t len) {
    if (len == 0) {
        return;
    }
    assert(at <= FILE_SIZE_MAX && len <= FILE_SIZE_MAX - at);
    reserve(kernel, contents, at + len);
    for (size_t done = 0; done < len;) {
        size_t part = least(page_left(at + done), len - done);
        uint8_t **page = &contents->pages[(at + done) / FILE_PAGE_LEN];
        if (*page == NULL) {
            *page = kernel_alloc(kernel, FILE_PAGE_LEN);
        }
        memcpy(*page + (at + done) % FILE_PAGE_LEN, bytes + done, part);
        done += part;
    }
    if (at + len > contents->size) {
        contents->size = at + len;
    }
}

/* What lies behind the end of a page that is cut must be zeros when the file grows again. */
void contents_resize(struct sim_kernel *kernel, struct contents *contents, uint64_t size) {
    assert(size <= FILE_SIZE_MAX);
    uint64_t first = (size + FILE_PAGE_LEN - 1) / FILE_PAGE_LEN;
    for (uint64_t i = first; size < contents->size && i < contents->page_capacity; i++) {
        if (contents->pages[i] != NULL) {
            kernel_free(kernel, contents->pages[i], FILE_PAGE_LEN);
            contents->pages[i] = NULL;
        }
    }
    uint8_t *last = size % FILE_PAGE_LEN != 0 ? page_at(contents, size) : NULL;
    if (last != NULL && size < contents->size) {
        memset(last + size % FILE_PAGE_LEN, 0, page_left(size));
    }
    if (size == 0 && contents->pages != NULL) {
        kernel_free(kernel, contents->pages, contents->page_capacity * sizeof(*contents->pages));
        contents->pages = NULL;
        contents->page_capacity = 0;
    }
    contents->size = size;
}
