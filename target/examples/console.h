/* Text for the person at the terminal, written through the seam. Not a log: nothing is kept, and
 * what the terminal does not take at once is dropped, since an event loop may not wait for it. */
#ifndef WB_EXAMPLES_CONSOLE_H
#define WB_EXAMPLES_CONSOLE_H

#include "wb/bytes.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WB__CONSOLE_OUT = 1, WB__CONSOLE_ERR = 2 };

/* Bytes of one message; the rest of a longer one is cut, but for the end of its line. */
enum { WB__CONSOLE_TEXT_MAX = 1024 };

#if defined(__GNUC__)
#define WB__PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define WB__PRINTF(text, first)
#endif

/* Formats as printf and writes to the descriptor at once, unbuffered. Errors: none are reported.
 * Allocates: nothing. */
void wb__print(const struct wb_sys *sys, int fd, const char *format, ...) WB__PRINTF(3, 4);

/* Writes the bytes as they are, whatever they are and however many. */
void wb__print_bytes(const struct wb_sys *sys, int fd, struct wb_bytes bytes);

/* "NAME: WHAT: the status's text" and a newline, to descriptor 2. */
void wb__print_failure(
    const struct wb_sys *sys, const char *program, const char *what, enum wb_status status);

#ifdef __cplusplus
}
#endif

#endif
