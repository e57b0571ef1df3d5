/* Files as the command reads and writes them: whole, and never half. */
#ifndef WBH_CLI_FILE_H
#define WBH_CLI_FILE_H

#include <stddef.h>
#include <stdint.h>

enum { CLI_FILE_LEN_MAX = 64 << 20 }; /* a scenario that is larger is a mistake */

/* Reads a file, "-" for the standard input. Returns the bytes, with a terminator behind them that
 * is not counted, or NULL after a message. Ownership: free() the result. */
uint8_t *cli_read_file(const char *path, size_t *out_len);

/* Writes a file by way of a temporary one beside it, so that the path holds all of it or what it
 * held before. "-" writes to the standard output. Returns CLI_OK, or CLI_USAGE after a message. */
int cli_write_file(const char *path, const void *bytes, size_t len);

/* Makes a directory and those above it. Returns 0, or -1 after a message. */
int cli_make_directory(const char *path);
/* The same, and sees that a file can be made there: for whoever will know only later what to write.
 */
int cli_make_writable_directory(const char *path);

/* Paths of scenarios, sorted by byte, each once. */
struct cli_paths {
    char **paths;
    size_t count;
    size_t capacity;
};

/* Adds a file, or every *.scn below a folder. Returns 0, or -1 after a message: there is no such
 * file, a folder cannot be read or has no scenario. */
int cli_paths_add(struct cli_paths *paths, const char *path);
void cli_paths_sort(struct cli_paths *paths);
void cli_paths_clean_up(struct cli_paths *paths);

#endif
