/* What a file holds, as its name's suffix says. */
#ifndef WB_EXAMPLES_CONTENT_TYPE_H
#define WB_EXAMPLES_CONTENT_TYPE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The value of Content-Type for a file of that name or path: upper and lower case aside; bytes of
 * unknown meaning for what is not in the table. Static. */
const char *wb__content_type_of(const char *path);

#ifdef __cplusplus
}
#endif

#endif
