/* The directory of a sequence: made when it is first asked for, removed with all that is in it. */
#include "fidelity/side.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fid_side_path(struct fid_side *side, const char *name, char out_path[FID_PATH_MAX]) {
    const char *parent = getenv("TMPDIR");
    if (!side->has_files && side->kernel != NULL) {
        (void)snprintf(side->files, sizeof(side->files), "/fidelity");
        side->has_files = WB_SYS(side->sys, mkdir, side->files, 0700) == 0;
    } else if (!side->has_files) {
        (void)snprintf(side->files, sizeof(side->files), "%.40s/wb-fidelity-XXXXXX",
            parent != NULL && strlen(parent) <= 40 ? parent : "/tmp");
        side->has_files = mkdtemp(side->files) != NULL;
    }
    (void)snprintf(out_path, FID_PATH_MAX, "%.70s/%.20s", side->files, name);
}

static int remove_one(const char *path, const struct stat *stat, int what, struct FTW *where) {
    (void)stat;
    (void)what;
    (void)where;
    (void)remove(path);
    return 0;
}

void fid_side_remove_files(struct fid_side *side) {
    enum { DESCRIPTORS = 8 };
    if (side->has_files) {
        (void)nftw(side->files, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
    }
    side->has_files = false;
}
