/* The memory behind a scenario: pools that grow and are used again. */
#include "scenario/storage.h"

#include "scenario/words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_BYTES_MIN = 256 };

/* Scenario and storage are born together. */
struct block {
    struct wbh_scenario scenario;
    struct wbh__storage storage;
};

int wbh__pool_reserve(struct wbh__pool *pool, size_t bytes) {
    if (bytes <= pool->capacity_bytes) {
        return 0;
    }
    size_t capacity = pool->capacity_bytes < POOL_BYTES_MIN ? POOL_BYTES_MIN : pool->capacity_bytes;
    while (capacity < bytes) {
        if (capacity > SIZE_MAX / 2) {
            return -1;
        }
        capacity *= 2;
    }
    void *items = realloc(pool->items, capacity);
    if (items == NULL) {
        return -1;
    }
    pool->items = items;
    pool->capacity_bytes = capacity;
    return 0;
}

struct wbh__storage *wbh__storage_of(const struct wbh_scenario *scenario) {
    assert(scenario != NULL && scenario->storage != NULL);
    return scenario->storage;
}

struct wbh_scenario *wbh_scenario_new(void) {
    struct block *block = calloc(1, sizeof *block);
    if (block == NULL) {
        return NULL;
    }
    block->scenario.storage = &block->storage;
    if (wbh__begin(&block->scenario) != 0) {
        wbh_scenario_destroy(&block->scenario);
        return NULL;
    }
    wbh__finish(&block->scenario);
    return &block->scenario;
}

void wbh_scenario_destroy(struct wbh_scenario *scenario) {
    if (scenario == NULL) {
        return;
    }
    struct wbh__storage *storage = wbh__storage_of(scenario);
    free(storage->text.items);
    free(storage->peers.items);
    free(storage->steps.items);
    free(storage->faults.items);
    free(storage->lines.items);
    free(storage->data.items);
    free(scenario); /* the first member of its block */
}

static int add_text(
    struct wbh_scenario *scenario, const char *text, size_t len, uint32_t *out_offset) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(len <= WBH_TEXT_MAX);
    if (wbh__pool_reserve(&storage->text, storage->text_len + len + 1) != 0) {
        return -1;
    }
    char *at = (char *)storage->text.items + storage->text_len;
    if (len > 0) {
        memcpy(at, text, len);
    }
    at[len] = '\0';
    *out_offset = storage->text_len;
    storage->text_len += (uint32_t)len + 1;
    return 0;
}

int wbh__begin(struct wbh_scenario *scenario) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    *scenario =
        (struct wbh_scenario){.profile = "none", .verdict = WBH_VERDICT_OK, .storage = storage};
    storage->text_len = 0;
    storage->step_count = 0;
    storage->traffic_len = 0;
    return add_text(scenario, "", 0, &storage->title_offset) != 0
                   || add_text(scenario, "", 0, &storage->program_offset) != 0
               ? -1
               : 0;
}

int wbh__set_title(struct wbh_scenario *scenario, const char *text, size_t len) {
    return add_text(scenario, text, len, &wbh__storage_of(scenario)->title_offset);
}

int wbh__set_program(struct wbh_scenario *scenario, const char *name, size_t len) {
    return add_text(scenario, name, len, &wbh__storage_of(scenario)->program_offset);
}

int wbh__add_option(struct wbh_scenario *scenario, const char *name, size_t name_len,
    const char *value, size_t value_len) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(scenario->option_count < WBH_OPTIONS_MAX);
    uint32_t *offsets = storage->option_offsets[scenario->option_count];
    if (add_text(scenario, name, name_len, &offsets[0]) != 0
        || add_text(scenario, value, value_len, &offsets[1]) != 0) {
        return -1;
    }
    scenario->option_count++;
    return 0;
}

int wbh__add_peer(struct wbh_scenario *scenario, const char *name, size_t len, uint32_t line) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(scenario->peer_count < WBH_PEERS_MAX && len <= WBH_NAME_MAX);
    if (wbh__pool_reserve(&storage->peers, (scenario->peer_count + 1) * sizeof(struct wbh_peer))
        != 0) {
        return -1;
    }
    struct wbh_peer *peer = (struct wbh_peer *)storage->peers.items + scenario->peer_count++;
    *peer = (struct wbh_peer){.line = line};
    memcpy(peer->name, name, len);
    return 0;
}

int wbh__add_step(struct wbh_scenario *scenario, const struct wbh_step *step) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(scenario->peer_count > 0);
    struct wbh_peer *peer = wbh__peer_at(scenario, scenario->peer_count - 1);
    assert(peer->step_count < WBH_STEPS_MAX);
    if (wbh__pool_reserve(&storage->steps, (storage->step_count + 1) * sizeof *step) != 0) {
        return -1;
    }
    ((struct wbh_step *)storage->steps.items)[storage->step_count++] = *step;
    peer->step_count++;
    if (wbh__step_has_literal((enum wbh_step_kind)step->kind)) {
        storage->traffic_len += step->data_len * step->repeat;
        assert(storage->traffic_len <= WBH_TRAFFIC_MAX);
    }
    return 0;
}

int wbh__add_fault(struct wbh_scenario *scenario, const struct wbh_decision *fault, uint32_t line) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    size_t count = scenario->fault_count + 1;
    assert(count <= WBH_FAULTS_MAX);
    if (wbh__pool_reserve(&storage->faults, count * sizeof *fault) != 0
        || wbh__pool_reserve(&storage->lines, count * sizeof line) != 0) {
        return -1;
    }
    ((struct wbh_decision *)storage->faults.items)[count - 1] = *fault;
    ((uint32_t *)storage->lines.items)[count - 1] = line;
    scenario->fault_count++;
    return 0;
}

int wbh__add_data(struct wbh_scenario *scenario, const void *bytes, size_t len) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    if (len > UINT32_MAX - scenario->data_len
        || wbh__pool_reserve(&storage->data, scenario->data_len + len) != 0) {
        return -1;
    }
    if (len > 0) {
        memcpy((uint8_t *)storage->data.items + scenario->data_len, bytes, len);
    }
    scenario->data_len += (uint32_t)len;
    return 0;
}

struct wbh_step *wbh__step_at(struct wbh_scenario *scenario, uint32_t n) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(n < storage->step_count);
    return (struct wbh_step *)storage->steps.items + n;
}

struct wbh_peer *wbh__peer_at(struct wbh_scenario *scenario, uint32_t n) {
    assert(n < scenario->peer_count);
    return (struct wbh_peer *)wbh__storage_of(scenario)->peers.items + n;
}

struct wbh_decision *wbh__fault_at(struct wbh_scenario *scenario, uint32_t n) {
    assert(n < scenario->fault_count);
    return (struct wbh_decision *)wbh__storage_of(scenario)->faults.items + n;
}

const char *wbh__option_name_at(const struct wbh_scenario *scenario, uint32_t n) {
    const struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(n < scenario->option_count);
    return (const char *)storage->text.items + storage->option_offsets[n][0];
}

void wbh__finish(struct wbh_scenario *scenario) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    const char *text = storage->text.items;
    scenario->title = text + storage->title_offset;
    scenario->program = text + storage->program_offset;
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        storage->options[i].name = text + storage->option_offsets[i][0];
        storage->options[i].value = text + storage->option_offsets[i][1];
    }
    scenario->options = storage->options;
    scenario->peers = storage->peers.items;
    struct wbh_step *steps = storage->steps.items;
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        uint32_t count = scenario->peers[i].step_count;
        scenario->peers[i].steps = count > 0 ? steps : NULL;
        steps = count > 0 ? steps + count : steps;
    }
    scenario->faults = storage->faults.items;
    scenario->fault_lines = storage->lines.items;
    scenario->data = storage->data.items;
}
