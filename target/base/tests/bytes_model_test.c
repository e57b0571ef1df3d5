/* Growable bytes against plain arrays: parts are written, split, joined, cut and frozen at random,
 * and none may show another's bytes. */
#include "wb/bytes.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

enum { PART_COUNT = 6, PART_LEN_MAX = 512 };

struct parts {
    struct wb_bytes_mut real[PART_COUNT];
    uint8_t model[PART_COUNT][PART_LEN_MAX];
    size_t model_len[PART_COUNT];
    uint32_t seed;
};

static uint32_t next_random(struct parts *parts) {
    parts->seed = parts->seed * 1664525u + 1013904223u;
    return parts->seed >> 16;
}

static void append_random(struct parts *parts, size_t i) {
    uint8_t bytes[40];
    size_t len = next_random(parts) % sizeof(bytes);
    for (size_t at = 0; at < len; at++) {
        bytes[at] = (uint8_t)next_random(parts);
    }
    if (parts->model_len[i] + len > PART_LEN_MAX) {
        wb_bytes_mut_release(&parts->real[i]);
        parts->model_len[i] = 0;
    }
    assert_int_equal(wb_bytes_mut_extend(&parts->real[i], wb_bytes_from(bytes, len)), WB_OK);
    memcpy(parts->model[i] + parts->model_len[i], bytes, len);
    parts->model_len[i] += len;
}

/* Part j becomes the back of part i. */
static void split_back(struct parts *parts, size_t i, size_t j) {
    size_t at = parts->model_len[i] == 0 ? 0 : next_random(parts) % (parts->model_len[i] + 1);
    wb_bytes_mut_release(&parts->real[j]);
    parts->real[j] = wb_bytes_mut_split_off(&parts->real[i], at);
    parts->model_len[j] = parts->model_len[i] - at;
    memcpy(parts->model[j], parts->model[i] + at, parts->model_len[j]);
    parts->model_len[i] = at;
}

static void join(struct parts *parts, size_t i, size_t j) {
    if (parts->model_len[i] + parts->model_len[j] > PART_LEN_MAX) {
        return;
    }
    assert_int_equal(wb_bytes_mut_unsplit(&parts->real[i], &parts->real[j]), WB_OK);
    memcpy(parts->model[i] + parts->model_len[i], parts->model[j], parts->model_len[j]);
    parts->model_len[i] += parts->model_len[j];
    parts->model_len[j] = 0;
}

static void drop_front(struct parts *parts, size_t i) {
    size_t count = parts->model_len[i] / 2;
    wb_bytes_mut_advance(&parts->real[i], count);
    parts->model_len[i] -= count;
    memmove(parts->model[i], parts->model[i] + count, parts->model_len[i]);
}

static void freeze_and_back(struct parts *parts, size_t i) {
    struct wb_bytes_shared frozen = wb_bytes_mut_freeze(&parts->real[i]);
    if (!wb_bytes_shared_try_into_mut(&frozen, &parts->real[i])) {
        assert_int_equal(
            wb_bytes_mut_extend(&parts->real[i], wb_bytes_shared_view(&frozen)), WB_OK);
    }
    wb_bytes_shared_release(&frozen);
}

static void mut_random_operations_agree_with_a_model(void **state) {
    struct test_sys *test = *state;
    static struct parts parts;
    parts.seed = 7;
    for (size_t i = 0; i < PART_COUNT; i++) {
        parts.real[i] = wb_bytes_mut_new(&test->sys);
    }
    for (int step = 0; step < 6000; step++) {
        size_t i = next_random(&parts) % PART_COUNT;
        size_t j = (i + 1 + next_random(&parts) % (PART_COUNT - 1)) % PART_COUNT;
        switch (next_random(&parts) % 6) {
        case 0:
        case 1:
            append_random(&parts, i);
            break;
        case 2:
            split_back(&parts, i, j);
            break;
        case 3:
            join(&parts, i, j);
            break;
        case 4:
            drop_front(&parts, i);
            break;
        default:
            freeze_and_back(&parts, i);
            break;
        }
        for (size_t part = 0; part < PART_COUNT; part++) {
            struct wb_bytes expected = {parts.model[part], parts.model_len[part]};
            assert_true(wb_bytes_equal(wb_bytes_mut_view(&parts.real[part]), expected));
        }
    }
    for (size_t i = 0; i < PART_COUNT; i++) {
        wb_bytes_mut_release(&parts.real[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            mut_random_operations_agree_with_a_model, test_sys_setup, test_sys_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
