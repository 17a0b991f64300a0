/* A growing piece of text in an arena: for messages, prompts and pages of metrics. Always ends
 * with a NUL that `len` doesn't count. */
#ifndef PW_BASE_BUF_H
#define PW_BASE_BUF_H

#include "base/arena.h"

struct buf {
    struct arena *arena;
    char *text; /* never NULL after buf_new */
    size_t len, size;
};

struct buf buf_new(struct arena *); /* an empty text */
/* adds bytes, and a NUL behind them */
void buf_add(struct buf *, const char *bytes, size_t len);
/* adds a text that ends with NUL */
void buf_str(struct buf *, const char *text);
/* Room for `most` bytes at the end of the text, to be written by hand; buf_reserved says up to
 * where it was. */
char *buf_reserve(struct buf *, size_t most);
void buf_reserved(struct buf *, const char *end);
void buf_printf(struct buf *, const char *fmt, ...) PRINTF(2, 3); /* adds a formatted text */

/* Adds `text` as a JSON string with its quotes (RFC 8259): control characters, quotes and
 * backslashes are escaped; bytes that are no UTF-8 become U+FFFD, so that the result is valid
 * whatever comes in. */
void buf_json(struct buf *, const char *text);

/* The same into a fixed buffer of `size` bytes, for the log's hot path. Returns the bytes
 * written (without a NUL); what doesn't fit is cut at a whole character and the closing quote is
 * always there. `size` must be at least 2. */
size_t json_quote(char *out, size_t size, const char *text, size_t len);

#endif
