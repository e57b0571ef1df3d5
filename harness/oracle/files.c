/* Files: when the run has ended they are what the scenario expects. A disk that was made to fail is
 * an excuse, and so is any other call that was. */
#include "oracle/judge.h"

#include <inttypes.h>
#include <string.h>

enum { PIECE_LEN = 4096 };

static uint8_t expected_at(
    const struct wbh_scenario *scenario, const struct wbh_placed_file *file, uint64_t at) {
    return scenario->data[file->data_offset + at % file->data_len];
}

/* The first byte that is not what it must be; SIZE_MAX: there is none. */
static uint64_t first_difference(const struct wbh_judge *judge, const struct wbh_placed_file *file,
    const char *path, uint64_t len) {
    uint8_t piece[PIECE_LEN];
    for (uint64_t at = 0; at < len;) {
        size_t wanted = len - at < PIECE_LEN ? (size_t)(len - at) : PIECE_LEN;
        int64_t count = sim_file_read(judge->config.kernel, file->host, path, at, piece, wanted);
        if (count <= 0) {
            return at;
        }
        for (int64_t i = 0; i < count; i++) {
            if (piece[i] != expected_at(judge->config.scenario, file, at + (uint64_t)i)) {
                return at + (uint64_t)i;
            }
        }
        at += (uint64_t)count;
    }
    return UINT64_MAX;
}

static void object(struct wbh_judge *judge, const struct wbh_placed_file *file, const char *path,
    const struct wb_stat *stat, uint64_t difference) {
    struct wbh_finding *finding = wbh_judge_find(judge, &wbh_oracle_files, WBH_SUBJECT_NONE);
    if (finding == NULL) {
        return;
    }
    uint64_t len = (uint64_t)file->data_len * file->repeat;
    struct wbh_prose text = wbh_finding_text(finding);
    if (stat == NULL) {
        wbh_prose_add(&text, "there is no file %s", path);
    } else if (difference != UINT64_MAX) {
        wbh_prose_add(
            &text, "from byte %" PRIu64 " on the file %s is not what it must be", difference, path);
    } else {
        wbh_prose_add(
            &text, "the file %s has %" PRIu64 " bytes instead of %" PRIu64, path, stat->size, len);
    }
    if (file->line != 0) {
        struct wbh_prose why = wbh_finding_why(finding);
        wbh_prose_add(&why, "Line %" PRIu32 " expects it.\n", file->line);
    }
}

static void check(struct wbh_judge *judge, const struct wbh_placed_file *file) {
    const struct wbh_scenario *scenario = judge->config.scenario;
    char path[WBH_PATH_MAX + 1];
    struct wb_stat stat;
    uint64_t len = (uint64_t)file->data_len * file->repeat;
    memcpy(path, scenario->data + file->path_offset, file->path_len);
    path[file->path_len] = '\0';
    int result = sim_file_stat(judge->config.kernel, file->host, path, &stat);
    if (result != 0 || stat.kind != WB_DT_REG) {
        object(judge, file, path, NULL, 0);
        return;
    }
    uint64_t common = stat.size < len ? stat.size : len;
    uint64_t difference = first_difference(judge, file, path, common);
    if (difference != UINT64_MAX || stat.size != len) {
        object(judge, file, path, &stat, difference);
    }
}

void wbh_judge_files(struct wbh_judge *judge) {
    const struct sim_fault_counts *faults = sim_faults(judge->config.kernel);
    const struct wbh_scenario *scenario = judge->config.scenario;
    if (faults->highest_legality_injected == WBH_LEGALITY_FAILING) {
        return;
    }
    for (uint32_t i = 0; i < scenario->file_count; i++) {
        if (scenario->files[i].is_expected) {
            check(judge, &scenario->files[i]);
        }
    }
}

const struct wbh_oracle wbh_oracle_files = {
    .info = {"files", "files that are not what the scenario expects", WBH_VERDICT_DIVERGENCE},
};
