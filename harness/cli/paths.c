/* Finds scenarios below folders. */
#include "cli/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"

enum { DEPTH_MAX = 32 }; /* deeper than any sensible tree: a loop of links */

/* Takes over the path. */
static int add_path(struct cli_paths *paths, char *path) {
    if (path != NULL && paths->count == paths->capacity) {
        size_t capacity = paths->capacity == 0 ? 64 : paths->capacity * 2;
        char **grown = realloc(paths->paths, capacity * sizeof *grown);
        if (grown == NULL) {
            free(path);
            path = NULL;
        } else {
            paths->paths = grown;
            paths->capacity = capacity;
        }
    }
    if (path == NULL) {
        cli_error("out of memory");
        return -1;
    }
    paths->paths[paths->count++] = path;
    return 0;
}

static char *join(const char *folder, const char *name) {
    size_t folder_len = strlen(folder);
    while (folder_len > 1 && folder[folder_len - 1] == '/') {
        folder_len--;
    }
    size_t len = folder_len + 1 + strlen(name) + 1;
    char *path = malloc(len);
    if (path != NULL) {
        snprintf(path, len, "%.*s/%s", (int)folder_len, folder, name);
    }
    return path;
}

static int has_suffix(const char *name, const char *suffix) {
    size_t name_len = strlen(name);
    size_t suffix_len = strlen(suffix);
    return name_len > suffix_len && strcmp(name + name_len - suffix_len, suffix) == 0;
}

static int add_folder(struct cli_paths *paths, const char *folder, int depth);

static int add_child(struct cli_paths *paths, const char *folder, const char *name, int depth) {
    char *path = join(folder, name);
    struct stat info;
    if (path == NULL) {
        return add_path(paths, NULL);
    }
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        int rc = add_folder(paths, path, depth + 1);
        free(path);
        return rc;
    }
    if (!has_suffix(name, ".scn")) {
        free(path);
        return 0;
    }
    return add_path(paths, path);
}

static int add_folder(struct cli_paths *paths, const char *folder, int depth) {
    if (depth > DEPTH_MAX) {
        cli_error("%s: folders are nested too deeply", folder);
        return -1;
    }
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        cli_error("%s: the folder cannot be read: %s", folder, strerror(errno));
        return -1;
    }
    int rc = 0;
    struct dirent *entry;
    while (rc == 0 && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.') {
            rc = add_child(paths, folder, entry->d_name, depth);
        }
    }
    closedir(directory);
    return rc;
}

int cli_paths_add(struct cli_paths *paths, const char *path) {
    struct stat info;
    if (strcmp(path, "-") == 0) {
        return add_path(paths, strdup(path));
    }
    if (stat(path, &info) != 0) {
        cli_error("%s: cannot be opened: %s", path, strerror(errno));
        return -1;
    }
    if (!S_ISDIR(info.st_mode)) {
        return add_path(paths, strdup(path));
    }
    size_t before = paths->count;
    if (add_folder(paths, path, 0) != 0) {
        return -1;
    }
    if (paths->count == before) {
        cli_error("%s: no scenario (*.scn) in this folder or below it", path);
        return -1;
    }
    return 0;
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void cli_paths_sort(struct cli_paths *paths) {
    if (paths->count == 0) {
        return;
    }
    qsort(paths->paths, paths->count, sizeof *paths->paths, compare_paths);
    size_t kept = 1;
    for (size_t i = 1; i < paths->count; i++) {
        if (strcmp(paths->paths[i], paths->paths[kept - 1]) == 0) {
            free(paths->paths[i]);
        } else {
            paths->paths[kept++] = paths->paths[i];
        }
    }
    paths->count = kept;
}

void cli_paths_clean_up(struct cli_paths *paths) {
    for (size_t i = 0; i < paths->count; i++) {
        free(paths->paths[i]);
    }
    free(paths->paths);
    *paths = (struct cli_paths){0};
}
