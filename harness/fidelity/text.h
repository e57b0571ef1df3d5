/* Sequences as text: one operation a line, words between blanks, comments from '#' to the end of
 * the line. print(parse(x)) is a fixed point. */
#ifndef FIDELITY_TEXT_H
#define FIDELITY_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "fidelity/op.h"

/* One operation without a line feed; the longest has fewer than FID_LINE_MAX characters. */
enum { FID_LINE_MAX = 96 };
void fid_op_format(const struct fid_op *op, char line[FID_LINE_MAX]);
void fid_ops_print(const struct fid_ops *ops, FILE *out);

/* 0, or -1 with "LINE: what was expected, what was found" in `error`. `text` need not end in 0. */
int fid_ops_parse(
    struct fid_ops *out_ops, const char *text, size_t len, char *error, size_t error_len);

#endif
