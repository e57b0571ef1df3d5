/* What the parts that take outcomes in share. A missing file is NULL everywhere. */
#ifndef FIDELITY_WORLD_NOTE_H
#define FIDELITY_WORLD_NOTE_H

#include "fidelity/world.h"

struct fid_file *fid_world_file_at(struct fid_world *world, int64_t number);
int fid_world_index_of(const struct fid_world *world, const struct fid_file *file);
/* NULL if the number says that nothing was made. */
struct fid_file *fid_world_open_file(struct fid_world *world, int64_t number, enum fid_kind kind);
struct fid_file *fid_world_peer_of(struct fid_world *world, const struct fid_file *file);
/* -1: there is no such fact. */
int64_t fid_fact_value(const struct fid_outcome *outcome, const char *label);

/* ---- world_bytes.c; `bytes` is the result of a call ---- */

/* `to` NULL: to its peer. */
void fid_note_sent(struct fid_world *world, struct fid_file *from, struct fid_file *to,
    int64_t bytes, uint32_t messages);
void fid_note_urgent(struct fid_world *world, struct fid_file *from, int64_t flags);
/* Whether a receive leaves what it gives where it is. */
bool fid_is_look(const struct fid_file *file, int64_t flags);
void fid_note_received(
    struct fid_world *world, struct fid_file *file, int64_t bytes, uint32_t messages, bool looks);
void fid_note_flood(struct fid_world *world, struct fid_file *file, int64_t bytes, int64_t at_last);
/* sendfile, splice, tee. */
void fid_note_moved(struct fid_world *world, const struct fid_op *op, int64_t result);

/* ---- world_file.c ---- */

void fid_note_opened(
    struct fid_world *world, int64_t access, int64_t creation, const struct fid_outcome *outcome);
/* The facts of fid_step_put_places(), if there are any. */
void fid_note_place(struct fid_world *world, struct fid_file *file,
    const struct fid_outcome *outcome, const char *size_label, const char *place_label);
/* The facts of a rename or an rmdir: directories that have no name any more. */
void fid_note_removed(struct fid_world *world, const struct fid_outcome *outcome);
/* What was lent is not any more once everything is read. */
void fid_note_nothing_lent(struct fid_world *world);

#endif
