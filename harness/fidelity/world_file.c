/* Regular files of a sequence: how long they are, where their next byte comes from, what of them
 * lies elsewhere still. */
#include "fidelity/world_note.h"

#include <string.h>

#include "wb/sys.h"

int64_t fid_world_rest(const struct fid_world *world, const struct fid_file *file, int64_t place) {
    int64_t size = world->file[file->inode].size;
    int64_t from = place == FID_PLACE_NONE ? file->place : place;
    return from >= 0 && from < size ? size - from : 0;
}

bool fid_world_is_unread(const struct fid_world *world) {
    for (uint16_t i = 0; i < world->file_count; i++) {
        const struct fid_file *file = &world->file[i];
        if (file->refs != 0 && (file->unread != 0 || file->queued != 0)) {
            return true;
        }
    }
    return false;
}

static bool is_lent(const struct fid_world *world) {
    for (uint16_t i = 0; i < world->file_count; i++) {
        if (world->file[i].lent != 0) {
            return true;
        }
    }
    return false;
}

void fid_note_opened(
    struct fid_world *world, int64_t access, int64_t creation, const struct fid_outcome *outcome) {
    bool is_directory = fid_fact_value(outcome, "kind") == WB_DT_DIR;
    const struct fid_file *same = fid_world_file_at(world, fid_fact_value(outcome, "same as"));
    struct fid_file *file = fid_world_open_file(
        world, fid_fact_value(outcome, ""), is_directory ? FID_KIND_DIRECTORY : FID_KIND_FILE);
    if (file == NULL) {
        return;
    }
    file->inode = same != NULL ? same->inode : (int16_t)fid_world_index_of(world, file);
    file->readable = access == WB_O_RDONLY || access == WB_O_RDWR;
    file->writable = access == WB_O_WRONLY || access == WB_O_RDWR;
    file->appends = (creation & WB_O_APPEND) != 0;
    struct fid_file *inode = &world->file[file->inode];
    inode->size = fid_fact_value(outcome, "size");
    if (same == NULL && is_lent(world)) {
        inode->lent = inode->size; /* it may be one that was open before */
    }
}

void fid_note_place(struct fid_world *world, struct fid_file *file,
    const struct fid_outcome *outcome, const char *size_label, const char *place_label) {
    const struct fid_fact *place = fid_fact_find(outcome, place_label);
    if (file != NULL && file->kind == FID_KIND_FILE && place != NULL) {
        world->file[file->inode].size = fid_fact_value(outcome, size_label);
        file->place = place->value;
    }
}

void fid_note_removed(struct fid_world *world, const struct fid_outcome *outcome) {
    for (uint32_t i = 0; i < outcome->count; i++) {
        const struct fid_fact *fact = &outcome->fact[i];
        if (strcmp(fact->label, "removed") == 0) {
            fid_world_file_at(world, fact->value)->removed = 1;
        }
    }
}

void fid_note_nothing_lent(struct fid_world *world) {
    if (fid_world_is_unread(world)) {
        return;
    }
    for (uint16_t i = 0; i < world->file_count; i++) {
        world->file[i].lent = 0;
    }
}
