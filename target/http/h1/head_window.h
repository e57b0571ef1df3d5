/* Bytes of a head, a window at a time. Included by a file that defines WINDOW, how many bytes that
 * is; WINDOW_BYTES, as which it has them; load_window(); and is_colon(), no_token(), no_target(),
 * no_print() and no_plain(), which make of them a bit for each byte that is so. */
#ifndef HTTP_H1_HEAD_WINDOW_H
#define HTTP_H1_HEAD_WINDOW_H

#include <stddef.h>
#include <stdint.h>

enum { VIEW_LEN_MIN = WINDOW + 1 };

/* What is looked at: all bytes but the last, so that two may be read wherever a run was found to
 * end. Places are counted from `base`, as results are. By value, or it would have to be where it
 * can be pointed at. */
struct view {
    const uint8_t *base;
    size_t end;  /* of windows */
    size_t last; /* where the last window begins */
};

/* Of `len` bytes, at least VIEW_LEN_MIN. */
static inline struct view view_of(const uint8_t *base, size_t len) {
    return (struct view){base, len - 1, len - 1 - WINDOW};
}

/* Where the window begins that has the byte at `at`: there, or it is the last one. */
static inline size_t window_at(struct view view, size_t at) {
    return at < view.last ? at : view.last;
}

/* Where in a window the bytes are that fields have their borders at, from the place on that is
 * looked at. What few fields need is looked at anew. */
struct window {
    uint64_t colons;
    uint64_t no_print;
};

static inline struct window see_window(struct view view, size_t at) {
    const WINDOW_BYTES bytes = load_window(view.base + at);
    return (struct window){is_colon(bytes), no_print(bytes)};
}

static inline struct window window_behind(struct window window, size_t len) {
    return (struct window){window.colons >> len, window.no_print >> len};
}

/* Where the run of bytes from `at` on ends. If that is not seen, its last byte in the view, which
 * is not what any line goes on with. */
#define RUN_END(no)                                                                                \
    for (; at < view.last; at += WINDOW) {                                                         \
        const uint32_t found = no(load_window(view.base + at));                                    \
        if (found != 0) {                                                                          \
            return at + (unsigned)__builtin_ctz(found);                                            \
        }                                                                                          \
    }                                                                                              \
    const uint32_t last =                                                                          \
        at < view.end ? no(load_window(view.base + view.last)) >> (at - view.last) : 0;            \
    return last != 0 ? at + (unsigned)__builtin_ctz(last) : view.end - 1

static inline size_t target_end(struct view view, size_t at) {
    RUN_END(no_target);
}

static inline size_t print_end(struct view view, size_t at) {
    RUN_END(no_print);
}

#endif
