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
    free(storage->others.items);
    free(storage->cast.items);
    free(storage->hosts.items);
    free(storage->links.items);
    free(storage->moments.items);
    free(storage->files.items);
    free(storage->peers.items);
    free(storage->steps.items);
    free(storage->parts.items);
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
    storage->label_offset = 0;
    storage->option_total = 0;
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

/* Of the programs after the first. */
static struct wbh__other *other_at(const struct wbh_scenario *scenario, uint32_t n) {
    assert(n < scenario->other_count);
    return (struct wbh__other *)wbh__storage_of(scenario)->others.items + n;
}

static struct wbh__other *last_other(const struct wbh_scenario *scenario) {
    return scenario->other_count == 0 ? NULL : other_at(scenario, scenario->other_count - 1);
}

int wbh__set_label(struct wbh_scenario *scenario, uint32_t n, const char *label, size_t len) {
    assert(len > 0 && len <= WBH_NAME_MAX);
    return add_text(scenario, label, len,
        n > 0 ? &other_at(scenario, n - 1)->label_offset
              : &wbh__storage_of(scenario)->label_offset);
}

/* One more element of a pool, zero. NULL: no memory. */
static void *extend(struct wbh__pool *pool, uint32_t *count, size_t size) {
    if (wbh__pool_reserve(pool, (*count + (size_t)1) * size) != 0) {
        return NULL;
    }
    void *item = (uint8_t *)pool->items + *count * size;
    memset(item, 0, size);
    *count += 1;
    return item;
}

int wbh__add_program(struct wbh_scenario *scenario, const char *name, size_t len, uint32_t line) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(wbh_scenario_program_count(scenario) < WBH_PROGRAMS_MAX);
    uint32_t offset;
    size_t cast_bytes = (scenario->other_count + (size_t)1) * sizeof(struct wbh_cast);
    if (add_text(scenario, name, len, &offset) != 0
        || wbh__pool_reserve(&storage->cast, cast_bytes) != 0) {
        return -1;
    }
    struct wbh__other *other = extend(&storage->others, &scenario->other_count, sizeof *other);
    if (other == NULL) {
        return -1;
    }
    other->program_offset = offset;
    other->line = line;
    return 0;
}

uint32_t wbh__option_count(const struct wbh_scenario *scenario) {
    const struct wbh__other *other = last_other(scenario);
    return other != NULL ? other->option_count : scenario->option_count;
}

int wbh__add_option(struct wbh_scenario *scenario, const char *name, size_t name_len,
    const char *value, size_t value_len) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(wbh__option_count(scenario) < WBH_OPTIONS_MAX);
    uint32_t *offsets = storage->option_offsets[storage->option_total];
    if (add_text(scenario, name, name_len, &offsets[0]) != 0
        || add_text(scenario, value, value_len, &offsets[1]) != 0) {
        return -1;
    }
    struct wbh__other *other = last_other(scenario);
    storage->option_total++;
    *(other != NULL ? &other->option_count : &scenario->option_count) += 1;
    return 0;
}

int wbh__add_host(struct wbh_scenario *scenario, const struct wbh_named_host *host) {
    assert(scenario->host_count < WBH_HOSTS_MAX);
    struct wbh_named_host *item =
        extend(&wbh__storage_of(scenario)->hosts, &scenario->host_count, sizeof *item);
    if (item == NULL) {
        return -1;
    }
    *item = *host;
    return 0;
}

int wbh__add_link(struct wbh_scenario *scenario, const struct wbh_link *link) {
    assert(scenario->link_count < WBH_LINKS_MAX);
    struct wbh_link *item =
        extend(&wbh__storage_of(scenario)->links, &scenario->link_count, sizeof *item);
    if (item == NULL) {
        return -1;
    }
    *item = *link;
    return 0;
}

int wbh__add_moment(struct wbh_scenario *scenario, const struct wbh_moment *moment) {
    assert(scenario->moment_count < WBH_MOMENTS_MAX);
    struct wbh_moment *item =
        extend(&wbh__storage_of(scenario)->moments, &scenario->moment_count, sizeof *item);
    if (item == NULL) {
        return -1;
    }
    *item = *moment;
    return 0;
}

int wbh__add_file(struct wbh_scenario *scenario, const struct wbh_placed_file *file) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    assert(scenario->file_count < WBH_FILES_MAX);
    struct wbh_placed_file *item = extend(&storage->files, &scenario->file_count, sizeof *item);
    if (item == NULL) {
        return -1;
    }
    *item = *file;
    storage->traffic_len += file->data_len * file->repeat;
    assert(storage->traffic_len <= WBH_TRAFFIC_MAX);
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

int wbh__add_part(struct wbh_scenario *scenario, const struct wbh_part *part) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    struct wbh_step *step = wbh__last_step(scenario);
    assert(step != NULL && wbh__step_has_parts((enum wbh_step_kind)step->kind));
    assert(step->part_count < WBH_PARTS_MAX);
    struct wbh_part *item = extend(&storage->parts, &scenario->part_count, sizeof *item);
    if (item == NULL) {
        return -1;
    }
    *item = *part;
    if (step->part_count == 0) {
        step->part_begin = scenario->part_count - 1;
    }
    step->part_count++;
    storage->traffic_len += part->data_len * part->repeat;
    assert(storage->traffic_len <= WBH_TRAFFIC_MAX);
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

struct wbh_part *wbh__part_at(struct wbh_scenario *scenario, uint32_t n) {
    assert(n < scenario->part_count);
    return (struct wbh_part *)wbh__storage_of(scenario)->parts.items + n;
}

struct wbh_step *wbh__last_step(struct wbh_scenario *scenario) {
    uint32_t count = wbh__storage_of(scenario)->step_count;
    return count != 0 ? wbh__step_at(scenario, count - 1) : NULL;
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
    uint32_t count = wbh__option_count(scenario);
    assert(n < count);
    uint32_t place = storage->option_total - count + n;
    return (const char *)storage->text.items + storage->option_offsets[place][0];
}

const char *wbh__label_at(const struct wbh_scenario *scenario, uint32_t n) {
    const struct wbh__storage *storage = wbh__storage_of(scenario);
    uint32_t program = n == 0 ? storage->program_offset : other_at(scenario, n - 1)->program_offset;
    uint32_t label = n == 0 ? storage->label_offset : other_at(scenario, n - 1)->label_offset;
    return (const char *)storage->text.items + (label != 0 ? label : program);
}

uint32_t *wbh__program_host_at(struct wbh_scenario *scenario, uint32_t n) {
    return n == 0 ? &scenario->program_host : &other_at(scenario, n - 1)->host;
}

struct wbh_named_host *wbh__host_at(struct wbh_scenario *scenario, uint32_t n) {
    assert(n < scenario->host_count);
    return (struct wbh_named_host *)wbh__storage_of(scenario)->hosts.items + n;
}

struct wbh_link *wbh__link_at(struct wbh_scenario *scenario, uint32_t n) {
    assert(n < scenario->link_count);
    return (struct wbh_link *)wbh__storage_of(scenario)->links.items + n;
}

struct wbh_moment *wbh__moment_at(struct wbh_scenario *scenario, uint32_t n) {
    assert(n < scenario->moment_count);
    return (struct wbh_moment *)wbh__storage_of(scenario)->moments.items + n;
}

struct wbh_placed_file *wbh__file_at(struct wbh_scenario *scenario, uint32_t n) {
    assert(n < scenario->file_count);
    return (struct wbh_placed_file *)wbh__storage_of(scenario)->files.items + n;
}

static void finish_cast(struct wbh_scenario *scenario) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    const struct wbh_option *options = storage->options + scenario->option_count;
    scenario->others = storage->cast.items;
    for (uint32_t i = 0; i < scenario->other_count; i++) {
        const struct wbh__other *other = other_at(scenario, i);
        scenario->others[i] = (struct wbh_cast){
            .program = (const char *)storage->text.items + other->program_offset,
            .label = wbh__label_at(scenario, i + 1),
            .line = other->line,
            .host = other->host,
            .options = options,
            .option_count = other->option_count,
        };
        options += other->option_count;
    }
}

void wbh__finish(struct wbh_scenario *scenario) {
    struct wbh__storage *storage = wbh__storage_of(scenario);
    const char *text = storage->text.items;
    scenario->title = text + storage->title_offset;
    scenario->program = text + storage->program_offset;
    scenario->label = wbh__label_at(scenario, 0);
    for (uint32_t i = 0; i < storage->option_total; i++) {
        storage->options[i].name = text + storage->option_offsets[i][0];
        storage->options[i].value = text + storage->option_offsets[i][1];
    }
    scenario->options = storage->options;
    finish_cast(scenario);
    scenario->hosts = storage->hosts.items;
    scenario->links = storage->links.items;
    scenario->moments = storage->moments.items;
    scenario->files = storage->files.items;
    scenario->peers = storage->peers.items;
    struct wbh_step *steps = storage->steps.items;
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        uint32_t count = scenario->peers[i].step_count;
        scenario->peers[i].steps = count > 0 ? steps : NULL;
        steps = count > 0 ? steps + count : steps;
    }
    scenario->parts = storage->parts.items;
    scenario->faults = storage->faults.items;
    scenario->fault_lines = storage->lines.items;
    scenario->data = storage->data.items;
}
