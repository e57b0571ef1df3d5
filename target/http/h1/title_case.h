/* Names of fields as Content-Length, for peers that want them so. Of lines as the encoder writes
 * them. */
#ifndef HTTP_H1_TITLE_CASE_H
#define HTTP_H1_TITLE_CASE_H

#include <stddef.h>
#include <stdint.h>

/* Capital letters at the beginning of each part of the names of fields, one a line. */
void wb__h1_title_case(uint8_t *lines, size_t len);

/* The same of a head, whose first line stays as it is. */
void wb__h1_title_case_head(uint8_t *head, size_t len);

#endif
