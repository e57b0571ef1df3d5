/* A slab against a plain model of it: the same random operations, the same keys and elements. */
#include "wb/slab.h"

#include "test_abort.h"
#include "test_sys.h"

static size_t insert(struct wb_slab *slab, int value) {
    size_t key = SIZE_MAX;
    assert_int_equal(wb_slab_insert(slab, &value, &key), WB_OK);
    return key;
}

enum { MODEL_KEYS = 64 };

struct model {
    int values[MODEL_KEYS];
    bool is_used[MODEL_KEYS];
    size_t free_keys[MODEL_KEYS]; /* a stack */
    size_t free_count;
    size_t touched;
};

static size_t model_insert(struct model *model, int value) {
    size_t key = model->free_count > 0 ? model->free_keys[--model->free_count] : model->touched++;
    model->is_used[key] = true;
    model->values[key] = value;
    return key;
}

static void model_remove(struct model *model, size_t key) {
    model->is_used[key] = false;
    model->free_keys[model->free_count++] = key;
}

static void assert_same(const struct wb_slab *slab, const struct model *model) {
    size_t len = 0;
    for (size_t key = 0; key < MODEL_KEYS; key++) {
        assert_int_equal(wb_slab_contains(slab, key), model->is_used[key]);
        if (model->is_used[key]) {
            assert_int_equal(*(const int *)wb_slab_at(slab, key), model->values[key]);
            len++;
        }
    }
    assert_int_equal(wb_slab_len(slab), len);
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

static void slab_random_inserts_and_removes_agree_with_a_model(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab;
    const struct wb_slab_options options = {
        .element_size = sizeof(int), .capacity_max = MODEL_KEYS};
    assert_int_equal(wb_slab_init(&slab, &test->sys, &options), WB_OK);
    struct model model = {0};
    uint32_t seed = 1;
    for (int step = 0; step < 4000; step++) {
        size_t key = next_random(&seed) % MODEL_KEYS;
        if (next_random(&seed) % 2 == 0 && !wb_slab_is_full(&slab)) {
            assert_int_equal(insert(&slab, step), model_insert(&model, step));
        } else if (model.is_used[key]) {
            wb_slab_remove(&slab, key, NULL);
            model_remove(&model, key);
        } else {
            assert_int_equal(wb_slab_try_remove(&slab, key, NULL), WB_ERR_NO_ENTRY);
        }
        assert_same(&slab, &model);
    }
    wb_slab_clean_up(&slab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            slab_random_inserts_and_removes_agree_with_a_model, test_sys_setup, test_sys_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
