/* A body in chunks as it is read in pieces, for the unit test and the fuzz target. */
#ifndef PW_CHUNKED_BODY_H
#define PW_CHUNKED_BODY_H

#include "base/buf.h"
#include "sys/http/chunks.h"

struct body {
    enum chunks_found found;
    struct buf data;
    size_t used;
};

/* Reads the bytes in pieces of `step`. */
static inline struct body body_of(struct arena *arena, const char *bytes, size_t len, size_t step)
{
    struct body body = {.data = buf_new(arena)};
    struct chunks chunks = {0};
    const char *at = bytes, *data;
    size_t piece;
    for (size_t end = 0; end < len && body.found != CHUNKS_WHOLE && body.found != CHUNKS_BROKEN;) {
        end = MIN(end + step, len);
        while ((body.found = chunks_read(&chunks, &at, bytes + end, &data, &piece)) == CHUNKS_DATA)
            buf_add(&body.data, data, piece);
    }
    body.used = (size_t)(at - bytes);
    return body;
}

#endif
