/* Faults of files. A disk that fails or is full is a failure; that less is moved than was asked
 * for, or that a signal comes first, no local disk of Linux does, but the documentation lets it. */
#include "kernel/vfs.h"

#include <errno.h>

static uint32_t errno_bit(int number) {
    return 1u << (unsigned)wbh_errno_index(number);
}

static struct wbh_choice ask(struct sim_kernel *kernel, struct wbh_choice_point *point) {
    point->subject = process_subject(kernel->current);
    point->ordinal = ++kernel->current->ordinal[point->point];
    point->failing = WBH_ACTION_BIT(WBH_ACTION_ERROR);
    struct wbh_choice choice = choose(kernel, point);
    if (choice.action != WBH_ACTION_PASS) {
        choice_consumed(kernel, point->point, choice.action);
    }
    return choice;
}

static bool transfer_fault(struct sim_kernel *kernel, enum wbh_point kind, uint32_t errnos,
    uint64_t *in_out_len, int64_t *out_result) {
    if (!choice_possible(kernel)) {
        return false;
    }
    struct wbh_choice_point point = {
        .point = (uint8_t)kind,
        .contract = WBH_ACTION_BIT(WBH_ACTION_INTERRUPT)
                    | (*in_out_len > 1 ? WBH_ACTION_BIT(WBH_ACTION_SHORT) : 0),
        .size = *in_out_len,
        .errnos = errnos,
    };
    struct wbh_choice choice = ask(kernel, &point);
    if (choice.action == WBH_ACTION_SHORT) {
        *in_out_len = choice.value;
        return false;
    }
    *out_result = choice.action == WBH_ACTION_INTERRUPT ? -EINTR : -(int64_t)choice.value;
    return choice.action != WBH_ACTION_PASS;
}

bool file_read_fault(struct sim_kernel *kernel, uint64_t *in_out_len, int64_t *out_result) {
    return transfer_fault(kernel, WBH_POINT_FILE_READ, errno_bit(EIO), in_out_len, out_result);
}

bool file_write_fault(struct sim_kernel *kernel, uint64_t *in_out_len, int64_t *out_result) {
    return transfer_fault(
        kernel, WBH_POINT_FILE_WRITE, errno_bit(EIO) | errno_bit(ENOSPC), in_out_len, out_result);
}

static int error_of(struct sim_kernel *kernel, enum wbh_point kind, uint32_t errnos) {
    struct wbh_choice_point point = {.point = (uint8_t)kind, .errnos = errnos};
    if (!choice_possible(kernel)) {
        return 0;
    }
    struct wbh_choice choice = ask(kernel, &point);
    return choice.action == WBH_ACTION_ERROR ? -(int)choice.value : 0;
}

int file_change_fault(struct sim_kernel *kernel) {
    return error_of(kernel, WBH_POINT_FILE_WRITE, errno_bit(EIO) | errno_bit(ENOSPC));
}

int file_open_fault(struct sim_kernel *kernel) {
    uint32_t errnos = errno_bit(EMFILE) | errno_bit(ENFILE) | errno_bit(ENOMEM);
    int error = error_of(kernel, WBH_POINT_OPEN, errnos);
    return error != 0 ? error : fd_room(kernel);
}
