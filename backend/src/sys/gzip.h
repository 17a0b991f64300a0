/* gzip for answers that are made when they are asked for. ISA-L, loaded at its first use
 * (sys/library.h): its fastest level presses a page of metrics to a tenth in a millisecond. */
#ifndef PW_SYS_GZIP_H
#define PW_SYS_GZIP_H

#include "base/arena.h"

/* The bytes as a gzip member in the arena, `*out_len` of them. NULL: the library isn't there. Any
 * thread. */
const char *gzip_press(struct arena *, const char *bytes, size_t len, size_t *out_len) MUST_CHECK;

#endif
